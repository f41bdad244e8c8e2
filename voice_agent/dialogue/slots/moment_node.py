"""A moment that was named in an utterance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voice_agent.dialogue.slots.dates import Days
from voice_agent.dialogue.slots.times import Part, Times

JOINS: Final = frozenset({"oder", "und"})
"""Symbols that join several moments."""

SENTENCE_ENDS: Final = frozenset({".", "?", "!"})


@dataclass(frozen=True, slots=True)
class Node:
    """A moment that was named.

    Attributes:
        at: its place among the items.
        start: first character in the text.
        end: after the last character.
        value: days, times or a part of the day.
        excluded: the speaker does not want it.
    """

    at: int
    start: int
    end: int
    value: Days | Times | Part
    excluded: bool = False

    @property
    def slot(self) -> str:
        """``date`` or ``time``."""
        return "date" if isinstance(self.value, Days) else "time"
