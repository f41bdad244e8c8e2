"""A call that one worker took upon itself to make, and what can come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from consent.outreach import OutreachPermit
from voice_agent.tools.appointment import PersonKey


class Outcome(StrEnum):
    """What came of an attempt."""

    TOLD = "told"
    """The right person knows of the appointment, and said nothing to it."""
    CONFIRMED = "confirmed"
    """They come."""
    MOVED = "moved"
    """They come at another time."""
    CANCELLED = "cancelled"
    """They do not come."""
    DECLINED = "declined"
    """They do not want to be rung up any more."""
    WRONG_PERSON = "wrong_person"
    """Whoever answered is somebody else, for good: the number is not theirs."""
    CONNECTED = "connected"
    """Whoever answered asked for a person, and talked to one, who has the rest in hand."""
    NO_ANSWER = "no_answer"
    """Nobody answered, or nobody who proved to be the right person."""
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    """The telephone is off, or there is no such number."""
    FAILED = "failed"
    """The carrier could not, or did not want to."""
    UNKNOWN = "unknown"
    """It was to be dialled, and then its worker was never heard of again."""

    @property
    def is_final(self) -> bool:
        """True if nobody is rung up about it again, whatever attempts are left."""
        return self in _FINAL


_FINAL: Final = frozenset(
    {
        Outcome.TOLD,
        Outcome.CONFIRMED,
        Outcome.MOVED,
        Outcome.CANCELLED,
        Outcome.DECLINED,
        Outcome.WRONG_PERSON,
        Outcome.CONNECTED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """What the call is about.

    Attributes:
        reminder: the reminder's key.
        starts_at: when the appointment begins, UTC.
        appointment: what the calendar calls it, if it is in one of ours.
        person: whose it is, if the calendar or the list says so; whoever is told must be them.
    """

    reminder: str
    starts_at: datetime
    appointment: str | None
    person: PersonKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A call that is to be made now, by whoever has this and by nobody else.

    Attributes:
        id: names the attempt, and no other.
        permit: to be spent when dialling.
        appointments: what the call is about, the nearest first; the permit is for that one.
        number: whom to dial, E.164.
        person: the pseudonym of the number.
        language: which one they are spoken to in.
    """

    id: str
    permit: OutreachPermit = field(repr=False)
    appointments: tuple[Appointment, ...]
    number: str = field(repr=False)
    person: str = field(repr=False)
    language: str

    @property
    def reminder(self) -> str:
        """The reminder the permit is for."""
        return self.appointments[0].reminder

    @property
    def attempt(self) -> int:
        """Which attempt at it this is, from 1."""
        return self.permit.attempt
