"""The tables of what callers say, and how well it is understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Final

from voice_agent.dialogue.commands import (
    AskAgent,
    AskKnowledge,
    Command,
    FillSlot,
    Impossible,
    StartFlow,
    SwitchLanguage,
)
from voice_agent.dialogue.flow_outcome import Asked
from voice_agent.dialogue.slots.reading import OpeningHours
from voice_agent.dialogue.understanding.ports import Said

NOW: Final = datetime.fromisoformat("2026-11-23T09:00")  # a Monday
HOURS: Final = OpeningHours((((time(8), time(18)),),) * 5 + (((time(9), time(13)),), ()))
NOT_SURE: Final = frozenset({"-", "AskKnowledge:?"})
"""What is no claim to have understood: nothing, and "I don't know that"."""


def written(command: Command) -> str:
    """A command as the tables write it."""
    match command:
        case AskKnowledge(entry):
            return f"AskKnowledge:{entry or '?'}"
        case AskAgent(topic):
            return f"AskAgent:{topic.value}"
        case StartFlow(name):
            return f"StartFlow:{name}"
        case SwitchLanguage(language):
            return f"SwitchLanguage:{language}"
        case _:
            return type(command).__name__


@dataclass(frozen=True)
class Phrase:
    """One row of a table.

    Attributes:
        language: of the words.
        part: ``dev``: looked at while the understander was written. ``held``, ``fresh``, ``last``:
            scored once before anything in them was mended, one after the other. ``unseen``:
            nothing was ever mended for it.
        asked: the kind of value that was asked for, ``-`` for none.
        text: the words.
        commands: what they mean, without values.
        moments: the dates and times in them.
    """

    language: str
    part: str
    asked: str
    text: str
    commands: str
    moments: str

    @property
    def said(self) -> Said:
        """The words as a call hands them over."""
        kind, _, offered = self.asked.partition(":")
        options = tuple(offered.split("/")) if offered else ()
        asked = None if kind == "-" else Asked(kind, kind, options)
        return Said(self.text, self.language, asked)


@dataclass(frozen=True)
class Understood:
    """What was made of a phrase.

    Attributes:
        phrase: the phrase.
        commands: as the table writes them.
        moments: as the table writes them.
    """

    phrase: Phrase
    commands: str
    moments: str

    @property
    def right(self) -> bool:
        """True if the words were understood."""
        return self.commands == self.phrase.commands

    @property
    def wrong_and_sure(self) -> bool:
        """True if something else was understood, with no doubt about it."""
        return not self.right and self.commands not in NOT_SURE

    @classmethod
    def of(cls, phrase: Phrase, commands: tuple[Command, ...]) -> Understood:
        """Write down what was understood."""
        names = [written(c) for c in commands if not isinstance(c, FillSlot | Impossible)]
        moments = [
            f"{c.name}={c.value}"
            for c in sorted((c for c in commands if isinstance(c, FillSlot)), key=lambda c: c.name)
            if c.name.startswith(("date", "time"))
        ]
        return cls(phrase, " ".join(names) or "-", ";".join(moments) or "-")

    def __str__(self) -> str:
        mark = "wrong" if self.wrong_and_sure else "not sure"
        phrase = self.phrase
        return (
            f"{phrase.part} {phrase.language} {mark}: {phrase.text!r} ({phrase.asked})"
            f"\n    {phrase.commands} {phrase.moments}\n    {self.commands} {self.moments}"
        )


def phrases(language: str) -> list[Phrase]:
    """The table of one language."""
    lines = Path(__file__).with_name(f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [Phrase(language, *line.split("\t")) for line in lines if not line.startswith("#")]


def misheard() -> list[Phrase]:
    """What the recogniser wrote that nobody said."""
    lines = Path(__file__).parents[1].joinpath("misheard.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in lines.splitlines() if not line.startswith("#")]
    return [Phrase(language, "misheard", *rest) for language, *rest in rows]
