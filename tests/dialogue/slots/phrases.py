"""The table of phrases: what was asked for, what the recogniser heard, and the value in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from voice_agent.dialogue.slots.kinds import KINDS, with_options
from voice_agent.dialogue.slots.reading import Setting

NOW = datetime.fromisoformat("2026-11-23T09:00")


@dataclass(frozen=True)
class Phrase:
    """One row.

    Attributes:
        language: of the words.
        asked: the kind that was asked for, with what stands beside it in the table.
        text: the words.
        value: the first reading's, ``-`` for none.
    """

    language: str
    asked: str
    text: str
    value: str

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.asked.removeprefix("offered ").partition(" ")[0]

    def read(self) -> str:
        """The value that the parser finds."""
        setting = Setting(self.language, NOW)
        options = tuple(self.asked.partition(" ")[2].split("|"))
        kind = with_options(KINDS[self.kind], options)
        parser = kind.offered if self.asked.startswith("offered ") else kind.asked
        assert parser is not None
        readings = parser(self.text, setting)
        return readings[0].value if readings else "-"


def phrases(file: str) -> list[Phrase]:
    """The rows of a table beside this module."""
    path = Path(__file__).with_name(file)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Phrase(*line.split("\t")) for line in lines if line and not line.startswith("#")]
