"""How the reminders stand, for people: what console and command show. No name and no number."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final, Protocol

from voice_agent.outbound.reminder import State

RUNNING: Final = "running"
"""Instead of an outcome: the call is going on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """All calls are stopped for now.

    Attributes:
        since: when they were stopped.
        reason: why, a word; ``operator``: somebody wanted it.
    """

    since: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfCalls:
    """An hour of a day.

    Attributes:
        begins: when it begins, on the company's clock.
        calls: how many calls began in it, by outcome; ``RUNNING`` for those that go on.
    """

    begins: datetime
    calls: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand.

    Attributes:
        at: when this was.
        states: how many reminders there are, by state.
        outcomes: how those that are done ended: an outcome of a call, or why nobody was rung up.
        running: calls that are going on.
        calls: calls that are planned.
        texts: text messages that are planned.
        following: when the next calls are planned, the first ones.
        left: why nobody is rung up about the others: how many by reason.
        pause: all of it is stopped.
        day: which day ``hours`` are of.
        hours: the hours of the day in order, without those before the first and after the last.
    """

    at: datetime
    states: Mapping[str, int]
    outcomes: Mapping[str, int]
    running: int
    calls: int
    texts: int
    following: tuple[datetime, ...]
    left: Mapping[str, int]
    pause: Pause | None
    day: date
    hours: tuple[HourOfCalls, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLine:
    """A call that was made.

    Attributes:
        at: when it was dialled.
        outcome: what came of it; ``RUNNING`` as long as it goes on.
    """

    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLine:
    """A reminder as a list shows it.

    Attributes:
        key: names it.
        starts_at: when the appointment begins.
        language: which one the person is spoken to in.
        state: what became of it.
        attempts: the calls, in order.
        reason: how it ended, or why nothing happens now; empty: something is planned.
    """

    key: str
    starts_at: datetime
    language: str
    state: State
    attempts: tuple[AttemptLine, ...]
    reason: str


class Campaign(Protocol):
    """Shows how the reminders stand, and stops them. May raise ``RecordsUnavailable``."""

    @property
    def zone(self) -> tzinfo:
        """Of the company's clock."""
        ...

    async def standing(self) -> Standing:
        """How things stand, a few seconds ago at most."""
        ...

    def lines(self) -> AsyncIterator[ReminderLine]:
        """Every reminder that is kept, by appointment, read a part at a time."""
        ...

    async def pause(self) -> bool:
        """Stop all reminders; calls that are going on end as usual. False: they were stopped."""
        ...

    async def resume(self) -> bool:
        """Go on; False: they were not stopped."""
        ...
