"""Dates and times of day in what a caller says, German and English.

Pure and deterministic: the words, the wall clock and the opening hours decide. Which reading the
ambiguous ones get is written in ``dates`` and ``times``.

Slots: ``date`` and ``time`` are what the caller means; ``date_excluded`` and ``time_excluded`` what
they do not want ("nicht am Montag"). A part of the day is a span of times (``08:00/12:00``).
Several readings of one slot are a choice: "Dienstag oder Mittwoch".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from voice_agent.dialogue.slots import times
from voice_agent.dialogue.slots.dates import Days
from voice_agent.dialogue.slots.moment_common import Grammar
from voice_agent.dialogue.slots.moment_english import ENGLISH
from voice_agent.dialogue.slots.moment_german import GERMAN
from voice_agent.dialogue.slots.moment_grammar import Item, Scene, rewrite, start
from voice_agent.dialogue.slots.moment_node import Node
from voice_agent.dialogue.slots.moment_pairing import dates_of, parts_of, refined
from voice_agent.dialogue.slots.moment_stance import nodes
from voice_agent.dialogue.slots.moment_words import tokens
from voice_agent.dialogue.slots.reading import Fault, Reading, Setting
from voice_agent.dialogue.slots.times import Part, Times

_GRAMMARS: Final[dict[str, Grammar]] = {"de": GERMAN, "en": ENGLISH}

LONE_NUMBER: Final = 0.4
"""Confidence of a number that is the whole answer: an hour if a time was asked for."""


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
    found = refined(found, items)
    said = _Said(found, parts_of(found, items), dates_of(found), scene)
    vague = {
        node.value.value for node in found if isinstance(node.value, Days) and node.value.vague
    }
    return _specific(_readings(said), frozenset({"/", *vague}))


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


@dataclass(frozen=True, slots=True)
class _Said:
    """The moments of an utterance, and which belong together.

    Attributes:
        nodes: the moments.
        parts: by the place of a time, the part of the day it was said with.
        days: by the place of a time, the date it was said with.
        scene: wall clock and opening hours.
    """

    nodes: Sequence[Node]
    parts: dict[int, Node]
    days: dict[int, Node]
    scene: Scene

    def part(self, node: Node) -> Part | None:
        """The part of the day that a time was said with."""
        part = self.parts.get(node.at)
        return part.value if part is not None and isinstance(part.value, Part) else None

    def single(self, node: Node) -> date | None:
        """The day that a time was said with, if it is one."""
        days = self.days.get(node.at)
        if days is None or not isinstance(days.value, Days) or days.value.first != days.value.last:
            return None
        return days.value.first

    def hull(self, day: date | None) -> times.Hull:
        """Opening hours of a day."""
        return times.hull(self.scene.setting.hours, day)

    @property
    def minute(self) -> int:
        """Now, minute of the day."""
        return self.scene.now.hour * 60 + self.scene.now.minute


def _readings(said: _Said) -> list[Reading]:
    swallowed = {node.at for node in said.parts.values()}
    made = []
    for node in said.nodes:
        if isinstance(node.value, Days):
            made.append(_date(node, node.value, said))
        elif isinstance(node.value, Times):
            made.append(_time(node, node.value, said))
        elif node.at not in swallowed:
            made.append(_part(node, node.value, said))
    return made


def _part(node: Node, part: Part, said: _Said) -> Reading:
    slot = "time_excluded" if node.excluded else "time"
    day = said.single(node)
    past = day == said.scene.today and part.first < part.last <= said.minute
    open_part = times.within_hours(part, said.hull(day))
    fault = Fault.PAST if past else None
    return Reading(slot, times.over(open_part), node.start, node.end, fault=fault)


def _time(node: Node, value: Times, said: _Said) -> Reading:
    slot = "time_excluded" if node.excluded else "time"
    if value.impossible:
        return Reading(slot, "", node.start, node.end, fault=Fault.IMPOSSIBLE)
    day = said.single(node)
    now = said.minute if day == said.scene.today else None
    settled = times.settle(value, said.part(node), said.hull(day), now)
    minute = settled.minute
    past = now is not None and minute is not None and minute < now and not settled.others
    fault = Fault.PAST if past and value.first == value.last else None
    return Reading(
        slot, settled.value, node.start, node.end, settled.confidence, settled.others, fault
    )


def _date(node: Node, days: Days, said: _Said) -> Reading:
    slot = "date_excluded" if node.excluded else "date"
    if days.impossible:
        return Reading(slot, "", node.start, node.end, fault=Fault.IMPOSSIBLE)
    if days.weekday and days.others and _gone(node, said):
        days = replace(days, others=(), confidence=1.0)
    fault = Fault.PAST if days.over(said.scene.today) else None
    others = tuple(other.value for other in days.others)
    return Reading(slot, days.value, node.start, node.end, days.confidence, others, fault)


def _gone(node: Node, said: _Said) -> bool:
    """Whether a time was said with this weekday that is over today: then it is not today."""
    for other in said.nodes:
        if not isinstance(other.value, Times) or said.days.get(other.at) is not node:
            continue
        hull = said.hull(said.scene.today)
        settled = times.settle(other.value, said.part(other), hull, None)
        if settled.minute is not None and settled.minute <= said.minute:
            return True
    return False


def _specific(readings: list[Reading], vague: frozenset[str]) -> tuple[Reading, ...]:
    """Each value once, what will do in any case only alone, and no doubt about what was said."""
    named: dict[str, set[str]] = {}
    for reading in readings:
        named.setdefault(reading.slot, set()).add(reading.value)
    kept: dict[tuple[str, str], Reading] = {}
    for reading in readings:
        values = named[reading.slot]
        if reading.value in vague and values - vague:
            continue
        others = tuple(other for other in reading.others if other not in values)
        kept.setdefault((reading.slot, reading.value), replace(reading, others=others))
    return tuple(kept.values())
