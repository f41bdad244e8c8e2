"""Which of the moments that were named belong together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from voice_agent.dialogue.slots import dates, dates_calendar, times
from voice_agent.dialogue.slots.dates import Days
from voice_agent.dialogue.slots.moment_grammar import Item
from voice_agent.dialogue.slots.moment_node import JOINS, SENTENCE_ENDS, Node
from voice_agent.dialogue.slots.times import Part, Times

_NEAR: Final = 6
"""Words between a time and the part of the day it belongs to."""

_REFINED: Final = 14
"""Days of a span that a weekday beside it picks one of."""


def refined(found: list[Node], items: list[Item]) -> list[Node]:
    """A weekday beside a date or a span tells its day: "nächste Woche, am liebsten Dienstag"."""
    days_said = [node for node in found if isinstance(node.value, Days)]
    for first, second in pairwise(days_said):
        if _parted(first, second, items):
            continue
        for alone, other in ((first, second), (second, first)):
            chosen = _chosen(alone, other)
            if chosen is None:
                continue
            dropped = other if not alone.excluded and not other.excluded else None
            return [
                replace(node, value=chosen) if node is alone else node
                for node in found
                if node is not dropped
            ]
    return found


def _chosen(alone: Node, other: Node) -> Days | None:
    """The day of ``other`` that ``alone`` names, a weekday or a day without its month."""
    weekday, span = alone.value, other.value
    if not isinstance(weekday, Days) or not isinstance(span, Days):
        return None
    if span.weekday or weekday.first is None or span.first is None or span.last is None:
        return None
    if weekday.month_open and span.first < span.last:
        found = dates_calendar.day_of_month(span.first, weekday.first.day)
        fits = found.last is not None and found.last <= span.last
        return replace(found, month_open=False) if fits else None
    if not weekday.weekday:
        return None
    ahead = (weekday.first.weekday() - span.first.weekday()) % dates.WEEK
    length = (span.last - span.first).days
    fits = ahead <= length <= _REFINED or (dates.FRIDAY - 1 <= length < dates.WEEK and ahead < 7)  # noqa: PLR2004
    return dates.day(dates.shifted(span.first, ahead)) if fits else None


def _parted(first: Node, second: Node, items: Sequence[Item]) -> bool:
    """Whether a choice or the end of a sentence stands between them."""
    return any(
        item.symbol in JOINS or item.symbol in SENTENCE_ENDS
        for item in items[first.at + 1 : second.at]
    )


def parts_of(found: Sequence[Node], items: Sequence[Item]) -> dict[int, Node]:
    """The part of the day that each time was said with, by the place of the time."""
    chosen: dict[int, Node] = {}
    clocks = [node for node in found if isinstance(node.value, Times) and node.value != times.ANY]
    places = [clock.at for clock in clocks]
    for part in (node for node in found if isinstance(node.value, Part)):
        begin = bisect_left(places, part.at - _NEAR)
        near = [
            clock
            for clock in clocks[begin : bisect_right(places, part.at + _NEAR)]
            if clock.excluded == part.excluded and _together(part, clock, items)
        ]
        if near:
            chosen.setdefault(min(near, key=lambda clock: abs(clock.at - part.at)).at, part)
    # "um drei oder vier nachmittags": both.
    for first, second in [*pairwise(clocks)] * 2:
        if second.at - first.at <= 2 and (first.at in chosen) != (second.at in chosen):  # noqa: PLR2004
            part = chosen.get(first.at) or chosen[second.at]
            chosen[first.at] = chosen[second.at] = part
    return chosen


def _together(part: Node, clock: Node, items: Sequence[Item]) -> bool:
    first, second = sorted((part, clock), key=lambda node: node.at)
    return not _parted(first, second, items) and not any(
        item.symbol == "aber" for item in items[first.at + 1 : second.at]
    )


def dates_of(found: Sequence[Node]) -> dict[int, Node]:
    """The date of each time, by the place of the time: the last one before it, else the next."""
    chosen: dict[int, Node] = {}
    days = [node for node in found if isinstance(node.value, Days)]
    last = days[0] if days else None
    for node in found:
        if isinstance(node.value, Days):
            last = node
        elif last is not None:
            chosen[node.at] = last
    return chosen
