"""What a speaker thinks of the moments they name: meant, taken back, or excluded."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from voice_agent.dialogue.slots import dates
from voice_agent.dialogue.slots.dates import Days
from voice_agent.dialogue.slots.moment_common import Stance
from voice_agent.dialogue.slots.moment_grammar import Item
from voice_agent.dialogue.slots.moment_node import JOINS, SENTENCE_ENDS, Node
from voice_agent.dialogue.slots.times import Part, Times

_FAR: Final = 8
"""Words that a negation at the end of a clause reaches back."""

_SAME: Final = frozenset({"on", "at", "der", "in"})
"""Words between a day and its time."""


def nodes(items: list[Item], stance: Stance) -> list[Node]:
    """The moments that count, in the order of the text."""
    found = [
        Node(at, item.start, item.end, item.value)
        for at, item in enumerate(items)
        if isinstance(item.value, Days | Times | Part)
    ]
    if not found:
        return []
    text = " ".join(item.symbol for item in items) + " "
    places = _places(items)
    excluded = _excluded(items, text, places, stance)
    found = [_outside(node) if node.at in excluded else node for node in found]
    found = _in_said_week(found, items)
    found = _after_correction(found, text, places, stance)
    return _without_origin(found, text, places, stance)


def _places(items: list[Item]) -> dict[int, int]:
    """Index of an item by where its symbol begins."""
    places: dict[int, int] = {}
    position = 0
    for at, item in enumerate(items):
        places[position] = at
        position += len(item.symbol) + 1
    places[position] = len(items)
    return places


def _excluded(
    items: list[Item], text: str, places: dict[int, int], stance: Stance
) -> frozenset[int]:
    """Indices of items that are not wanted."""
    out: set[int] = set()
    used: set[int] = set()
    for match in stance.excludes_next.finditer(text):
        used.add(match.start())
        at = places[match.end()]
        out.add(at)
        while at + 2 < len(items) and items[at + 1].symbol in JOINS:
            at += 2
            if items[at].value is None:
                break
            out.add(at)
    # "nicht am Freitag Nachmittag": what is said of an excluded day goes with it.
    for at in sorted(out):
        following = at + 1
        while following < len(items) and (
            isinstance(items[following].value, Times | Part) or items[following].symbol in _SAME
        ):
            out.add(following)
            following += 1
    for match in stance.excludes_last.finditer(text):
        if match.start() in used:
            continue
        at = places[text.rfind(" ", 0, match.end()) + 1]
        for back in range(at - 1, max(at - _FAR, 0) - 1, -1):
            if items[back].symbol in stance.ends:
                break
            if isinstance(items[back].value, Days | Times | Part):
                out.add(back)
    return frozenset(out)


def _outside(node: Node) -> Node:
    """What is excluded; what is left of an open span when it is excluded is meant."""
    if isinstance(node.value, Days) and (rest := dates.complement(node.value)) is not None:
        return replace(node, value=rest)
    if isinstance(node.value, Times) and (node.value.first is None) != (node.value.last is None):
        return replace(
            node, value=replace(node.value, first=node.value.last, last=node.value.first)
        )
    return replace(node, excluded=True)


def _in_said_week(found: list[Node], items: list[Item]) -> list[Node]:
    """As in "übernächste Woche Montag oder Dienstag": both are of the week that was said."""
    made: list[Node] = []
    week: Node | None = None
    after = 0
    for node in found:
        if any(item.symbol in SENTENCE_ENDS for item in items[after : node.at]):
            week = None
        after = node.at + 1
        value = node.value
        if isinstance(value, Days) and value.week:
            week = node
        elif isinstance(value, Days) and value.weekday and week is not None:
            node = replace(node, value=_of_week(week.value, value))  # noqa: PLW2901
            if week.value in _wholes(made) and not (week.excluded or node.excluded):
                made.remove(week)
        made.append(node)
    return made


def _of_week(week: object, weekday: Days) -> Days:
    if not isinstance(week, Days) or week.first is None or weekday.first is None:
        return weekday
    found = dates.shifted(dates.monday(week.first), weekday.first.weekday())
    return replace(dates.day(found), week=True)


def _wholes(found: list[Node]) -> list[object]:
    """The weeks that were said as a whole."""
    return [
        node.value
        for node in found
        if isinstance(node.value, Days) and node.value.first != node.value.last
    ]


def _after_correction(
    found: list[Node], text: str, places: dict[int, int], stance: Stance
) -> list[Node]:
    """Without what was taken back: the last one of each slot wins."""
    last = {node.slot: node.at for node in found if not node.excluded}
    since = dict.fromkeys(last, 0)
    for match in stance.corrects.finditer(text):
        at = places[match.start()]
        since = {slot: at if at < last[slot] else begins for slot, begins in since.items()}
    return [node for node in found if node.excluded or node.at >= since[node.slot]]


def _without_origin(
    found: list[Node], text: str, places: dict[int, int], stance: Stance
) -> list[Node]:
    """Without where an appointment is moved from."""
    gone = {
        places[match.start(group)]
        for match in stance.moves.finditer(text)
        for group in range(1, stance.moves.groups + 1)
        if match[group] is not None
    }
    return [node for node in found if node.at not in gone]
