"""Dates and times of day in what a caller says, German and English.

Pure and deterministic: the words, the wall clock and the opening hours decide. Which reading the
ambiguous ones get is written in ``dates`` and ``times``.

Slots: ``date`` and ``time`` are what the caller means; ``date_excluded`` and ``time_excluded`` what
they do not want ("nicht am Montag"). A part of the day is a span of times (``08:00/12:00``).
Several readings of one slot are a choice: "Dienstag oder Mittwoch".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Final

from voice_agent.dialogue.slots import dates, times
from voice_agent.dialogue.slots.dates import Days
from voice_agent.dialogue.slots.moment_common import Grammar
from voice_agent.dialogue.slots.moment_english import ENGLISH
from voice_agent.dialogue.slots.moment_german import GERMAN
from voice_agent.dialogue.slots.moment_grammar import Item, Scene, rewrite, start
from voice_agent.dialogue.slots.moment_stance import JOINS, Node, nodes
from voice_agent.dialogue.slots.moment_words import tokens
from voice_agent.dialogue.slots.reading import Fault, Reading, Setting
from voice_agent.dialogue.slots.times import Part, Times

_GRAMMARS: Final[dict[str, Grammar]] = {"de": GERMAN, "en": ENGLISH}

LONE_NUMBER: Final = 0.4
"""Confidence of a number that is the whole answer: an hour if a time was asked for."""

_NEAR: Final = 6
"""Words between a time and the part of the day it belongs to."""

_REFINED: Final = 14
"""Days of a span that a weekday beside it picks one of."""


def read_moments(text: str, setting: Setting) -> tuple[Reading, ...]:
    """Read the dates and times in a caller's words.

    Args:
        text: what the recogniser wrote.
        setting: language, wall clock, opening hours. A language without a grammar has no readings.

    Returns:
        Readings in the order of the text; empty if there is no date or time in it.
    """
    grammar = _GRAMMARS.get(setting.language)
    if grammar is None:
        return ()
    scene = Scene(setting, lambda item: _counts(item, grammar), [])
    items = start(tokens(text, grammar.lexicon))
    for table in grammar.passes:
        items = rewrite(items, table, scene)
    found = nodes(items, grammar.stance) or _lone_number(items, grammar)
    found = _refined(found, items)
    readings = _readings(found, items, scene)
    return _specific(readings)


def _counts(item: Item, grammar: Grammar) -> bool:
    """Whether a number before this counts it and is no time."""
    symbol = item.symbol
    if symbol[0] == "@":
        return symbol[1] == "N"
    if symbol[0] == "#":
        return symbol[1] in "neox"
    if not symbol[0].isalnum():
        return False
    if grammar.followers:
        return symbol not in grammar.followers
    return item.noun or symbol in grammar.counted


def _lone_number(items: list[Item], grammar: Grammar) -> list[Node]:
    """A number that is all that was said, with fillers."""
    numbers = [at for at, item in enumerate(items) if item.symbol[:2] in {"#n", "#e"}]
    if len(numbers) != 1:
        return []
    rest = {item.symbol for at, item in enumerate(items) if at != numbers[0]}
    if not rest <= grammar.stance.fillers:
        return []
    item = items[numbers[0]]
    written = item.symbol[2:]
    hour = times.clock(int(written), 0, written)
    if hour is None:
        return []
    return [Node(numbers[0], item.start, item.end, times.point(hour, LONE_NUMBER))]


def _refined(found: list[Node], items: list[Item]) -> list[Node]:
    """A weekday beside a date or a span tells its day: "nächste Woche, am liebsten Dienstag"."""
    for index in range(1, len(found)):
        days = _same_week(found[index - 1], found[index], items)
        if days is not None:
            found = [*found[:index], replace(found[index], value=days), *found[index + 1 :]]
    days_said = [node for node in found if isinstance(node.value, Days)]
    for first, second in pairwise(days_said):
        between = {item.symbol for item in items[first.at + 1 : second.at]}
        if between & {*JOINS, ".", "?", "!"}:
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


def _same_week(first: Node, second: Node, items: list[Item]) -> Days | None:
    """As in "übernächste Woche Montag oder Dienstag": both are of that week."""
    week, alone = first.value, second.value
    if not isinstance(week, Days) or not isinstance(alone, Days):
        return None
    if not (week.week and alone.weekday) or week.first is None or alone.first is None:
        return None
    between = [item.symbol for item in items[first.at + 1 : second.at]]
    if not set(between) <= {*JOINS, ",", "on", "der", "gern", "auch"}:
        return None
    found = dates.shifted(dates.monday(week.first), alone.first.weekday())
    return replace(dates.day(found), week=True)


def _chosen(alone: Node, other: Node) -> Days | None:
    """The day of ``other`` that the weekday ``alone`` names."""
    weekday, span = alone.value, other.value
    if not isinstance(weekday, Days) or not isinstance(span, Days) or not weekday.weekday:
        return None
    if span.weekday or weekday.first is None or span.first is None or span.last is None:
        return None
    ahead = (weekday.first.weekday() - span.first.weekday()) % dates.WEEK
    length = (span.last - span.first).days
    fits = ahead <= length <= _REFINED or (dates.FRIDAY - 1 <= length < dates.WEEK and ahead < 7)  # noqa: PLR2004
    return dates.day(dates.shifted(span.first, ahead)) if fits else None


def _readings(found: list[Node], items: list[Item], scene: Scene) -> list[Reading]:
    parts = _parts(found, items)
    swallowed = {node.at for node in parts.values()}
    made = []
    for node in found:
        if isinstance(node.value, Days):
            made.append(_date(node, node.value, found, parts, scene))
        elif isinstance(node.value, Times):
            part = parts.get(node.at)
            said = part.value if part is not None and isinstance(part.value, Part) else None
            made.append(_time(node, node.value, said, _date_of(node, found), scene))
        elif node.at not in swallowed:
            made.append(_part(node, node.value, _date_of(node, found), scene))
    return made


def _parts(found: list[Node], items: list[Item]) -> dict[int, Node]:
    """The part of the day that each time was said with, by the place of the time."""
    chosen: dict[int, Node] = {}
    clocks = [node for node in found if isinstance(node.value, Times) and node.value != times.ANY]
    for part in (node for node in found if isinstance(node.value, Part)):
        near = [
            clock
            for clock in clocks
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


def _together(part: Node, clock: Node, items: list[Item]) -> bool:
    low, high = sorted((part.at, clock.at))
    between = {item.symbol for item in items[low + 1 : high]}
    return high - low <= _NEAR and not between & {*JOINS, ".", "?", "!", "aber"}


def _date_of(node: Node, found: list[Node]) -> Days | None:
    """The date that a time belongs to: the last one before it, else the next one."""
    days = [other for other in found if isinstance(other.value, Days)]
    before = [other for other in days if other.at < node.at]
    nearest = before[-1:] or days[:1]
    return nearest[0].value if nearest and isinstance(nearest[0].value, Days) else None


def _part(node: Node, part: Part, days: Days | None, scene: Scene) -> Reading:
    slot = "time_excluded" if node.excluded else "time"
    single = _single(days)
    said = times.within_hours(part, times.hull(scene.setting.hours, single))
    now = scene.now.hour * 60 + scene.now.minute
    past = single == scene.today and part.first < part.last <= now
    fault = Fault.PAST if past else None
    return Reading(slot, times.over(said), node.start, node.end, fault=fault)


def _single(days: Days | None) -> date | None:
    """The day that the words mean, if it is one."""
    return days.first if days is not None and days.first == days.last else None


def _time(node: Node, said: Times, part: Part | None, days: Days | None, scene: Scene) -> Reading:
    slot = "time_excluded" if node.excluded else "time"
    if said.impossible:
        return Reading(slot, "", node.start, node.end, fault=Fault.IMPOSSIBLE)
    settled, fault = _settled(said, part, days, scene)
    return Reading(
        slot, settled.value, node.start, node.end, settled.confidence, settled.others, fault
    )


def _settled(
    said: Times, part: Part | None, days: Days | None, scene: Scene
) -> tuple[times.Settled, Fault | None]:
    single = _single(days)
    today = single is not None and single == scene.today
    now = scene.now.hour * 60 + scene.now.minute
    settled = times.settle(
        said, part, times.hull(scene.setting.hours, single), now if today else None
    )
    past = today and settled.minute is not None and settled.minute < now and not settled.others
    over = past and said.first == said.last
    return settled, Fault.PAST if over else None


def _date(
    node: Node, days: Days, found: list[Node], parts: dict[int, Node], scene: Scene
) -> Reading:
    slot = "date_excluded" if node.excluded else "date"
    if days.impossible:
        return Reading(slot, "", node.start, node.end, fault=Fault.IMPOSSIBLE)
    if days.weekday and days.others:
        days = _without_past(node, days, found, parts, scene)
    fault = Fault.PAST if days.over(scene.today) else None
    others = tuple(other.value for other in days.others)
    return Reading(slot, days.value, node.start, node.end, days.confidence, others, fault)


def _without_past(
    node: Node, days: Days, found: list[Node], parts: dict[int, Node], scene: Scene
) -> Days:
    """Today's weekday does not mean today when the time that was said with it is over."""
    for other in found:
        if not isinstance(other.value, Times) or _date_of(other, found) is not node.value:
            continue
        part = parts.get(other.at)
        said = part.value if part is not None and isinstance(part.value, Part) else None
        if _gone(other.value, said, scene):
            return replace(days, others=(), confidence=1.0)
    return days


def _gone(said: Times, part: Part | None, scene: Scene) -> bool:
    today: date = scene.today
    settled = times.settle(said, part, times.hull(scene.setting.hours, today), None)
    now = scene.now.hour * 60 + scene.now.minute
    return settled.minute is not None and settled.minute <= now


def _specific(readings: list[Reading]) -> tuple[Reading, ...]:
    """Each value once, "any time" only where no time was named, and no doubt about what was."""
    named = {reading.slot for reading in readings if reading.value != "/"}
    kept: dict[tuple[str, str], Reading] = {}
    for reading in readings:
        if reading.value == "/" and reading.slot in named:
            continue
        known = {other.value for other in readings if other.slot == reading.slot}
        others = tuple(other for other in reading.others if other not in known)
        kept.setdefault((reading.slot, reading.value), replace(reading, others=others))
    return tuple(kept.values())
