"""A scenario: one whole conversation in words, written down with what must come of it.

A file is one scenario. What is not written is not looked at, but for this: a conversation goes on
unless the turn says how it ends.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from voice_agent.dialogue.tool import CATALOGUE
from voice_agent.part import Part, read

Text = Annotated[str, StringConstraints(min_length=1)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class Trouble(StrEnum):
    """What is wrong with a tool."""

    AWAY = "away"
    """It fails."""
    SLOW = "slow"
    """It never answers."""
    NONSENSE = "nonsense"
    """It answers what no such tool can."""
    TWICE = "twice"
    """It answers twice."""


class Then(StrEnum):
    """What follows a turn."""

    LISTEN = "listen"
    WAIT = "wait"
    HAND_OVER = "hand_over"
    HANG_UP = "hang_up"
    WITHDRAW = "withdraw"


class Turn(Part):
    """What the caller does, and what must come of it.

    Attributes:
        say: words; or
        key: a key, or a number that is typed; or
        silence: nothing for as long as the agent waits.
        times: the words so often in a row.
        meanwhile: times that somebody else takes before it, as in ``Scenario.busy``; or an
            appointment that is moved or taken out, as ``appointment-1 2026-12-01T10:00`` or
            ``appointment-1 away``.
        commands: are all among what was understood, each by its name and its values in order; an
            empty list: nothing was.
        slots: values the flow holds then, by slot; ``null``: it holds none.
        flow: what is being done then; ``none``: nothing.
        question: the open question; ``none``: there is none.
        says: the keys of all lines in order, or pieces of the text, or both.
        says_not: keys and pieces of the text that must be absent.
        tools: what was done on the way, in order, each with its outcome; an empty list: nothing.
        then: what follows.
        language: what is spoken then.
    """

    say: str | None = None
    key: Annotated[str, StringConstraints(pattern=r"^([0-9]{1,32}|[*#])$")] | None = None
    silence: bool = False
    times: Annotated[int, Field(ge=1, le=1000)] = 1
    meanwhile: list[Text] = Field(default_factory=list)
    commands: list[Text] | None = None
    slots: dict[str, str | None] = Field(default_factory=dict)
    flow: Text | None = None
    question: Text | None = None
    says: list[Text] = Field(default_factory=list)
    says_not: list[Text] = Field(default_factory=list)
    tools: list[Text] | None = None
    then: Then = Then.LISTEN
    language: Language | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if [self.say is not None, self.key is not None, self.silence].count(True) != 1:
            raise ValueError("a turn has one of say, key, silence")
        return self

    @field_validator("tools")
    @classmethod
    def _are_tools(cls, tools: list[str] | None) -> list[str] | None:
        for each in tools or ():
            tool, _, outcome = each.partition(" ")
            if tool not in CATALOGUE or not outcome:
                raise ValueError(f"{each}: write a tool of the catalogue and its outcome")
        return tools


class ErrandOf(Part):
    """Why somebody was rung up: they have proved who they are, and accepted the notice.

    Attributes:
        person: whose key.
        number: the number that was dialled.
        about: the reminders, each by its key, when the appointment began when the call was planned,
            and the calendar's name for the appointment, if it is in ours.
        named: the reminders say whose the appointments are.
        opening: what is said first, as in ``Turn.says``.
        reached: everything that was reached in the end, in order: the outcome, and of which
            reminder, if it is one's.
    """

    person: Text
    number: Text = "+491723456789"
    about: Annotated[list[Text], Field(min_length=1)]
    named: bool = True
    opening: list[Text] = Field(default_factory=list)
    reached: list[Text] = Field(default_factory=list)


class Scenario(Part):
    """A conversation.

    Attributes:
        name: what is true, in a sentence.
        language: what the caller speaks.
        now: the company's wall clock.
        config: the company's configuration, a directory of the project.
        busy: times at which everything is taken, each as ``2026-12-01T08:00/12:00``.
        people: who is known, each by key, number and PIN.
        held: appointments there are already, each by service, start and whose key.
        troubles: what is wrong with which tool.
        understander: what is wrong with it.
        errand: we made the call; left out: somebody rings us.
        turns: what happens.
        confirmed: the calendar's names for the appointments that are confirmed in the end.
        unwanted: the numbers nobody rings up any more in the end.
        booked: every appointment made in the end: service, start, name, phone.
        left: everything left for people in the end: what it is, name, phone, for whom, category,
            wish, date and time as far as they were said, a colon, and the words.
    """

    name: Text
    language: Language = "de"
    now: Text = "2026-11-23T09:00"
    config: Text = "config"
    busy: list[Text] = Field(default_factory=list)
    people: list[Text] = Field(default_factory=list)
    held: list[Text] = Field(default_factory=list)
    troubles: dict[str, Trouble] = Field(default_factory=dict)
    understander: Trouble | None = None
    errand: ErrandOf | None = None
    turns: Annotated[list[Turn], Field(min_length=1)]
    confirmed: list[Text] = Field(default_factory=list)
    unwanted: list[Text] = Field(default_factory=list)
    booked: list[Text] = Field(default_factory=list)
    left: list[Text] = Field(default_factory=list)

    @property
    def clock(self) -> datetime:
        """The wall clock, without a time zone."""
        return datetime.fromisoformat(self.now)

    @field_validator("now")
    @classmethod
    def _is_clock(cls, now: str) -> str:
        if datetime.fromisoformat(now).tzinfo is not None:
            raise ValueError("is the company's own clock and has no time zone")
        return now

    @field_validator("troubles")
    @classmethod
    def _of_tools(cls, troubles: dict[str, Trouble]) -> dict[str, Trouble]:
        for each in troubles:
            if each not in CATALOGUE:
                raise ValueError(f"{each}: is no tool of the catalogue")
        return troubles

    @classmethod
    def load(cls, path: Path) -> Scenario:
        """Read a file.

        Raises:
            ConfigurationError: one line per fault with file, line, key and mend.
        """
        return read(path, cls)
