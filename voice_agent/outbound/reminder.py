"""A reminder of an appointment, and what the company wants of reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from consent.outreach import (
    MOST_ATTEMPTS,
    REMINDER,
    CallingHours,
    OutreachFacts,
    ReminderConsent,
)
from voice_agent.tools.appointment import PersonKey


class State(StrEnum):
    """What became of a reminder."""

    OPEN = "open"
    """Somebody is still to be reminded."""
    RUNNING = "running"
    """A worker has it: it is about to dial, or is ringing, or somebody is talking."""
    TEXTED = "texted"
    """A text message was sent."""
    DONE = "done"
    """Nobody needs to be reminded any more."""


class Texting(StrEnum):
    """When a text message is sent."""

    NEVER = "never"
    INSTEAD = "instead"
    """Instead of a call, where the number can receive one."""
    AFTER = "after"
    """After the last attempt at a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A reminder, as far as planning needs to know it: no name and no number.

    Attributes:
        key: names it, and no other.
        person: the pseudonym of the number.
        starts_at: when the appointment begins, timezone-aware.
        consent: the recorded consent to be reminded.
        country: ISO 3166 code of the country the number is in.
        special: the number is a premium or another special one.
        textable: the number can receive text messages, as far as one can see.
        appointment: what the calendar calls the appointment; ``None``: it is in none of ours.
        customer: whose appointment it is, if that is known: the directory's reference.
        language: which one the person is spoken to in.
        attempts: how often they were rung up about it.
        last_at: when they were last.
        state: what became of it.
    """

    key: str
    person: str
    starts_at: datetime
    consent: ReminderConsent | None
    country: str | None
    special: bool = False
    textable: bool = True
    appointment: str | None = None
    customer: PersonKey | None = None
    language: str = "de"
    attempts: int = 0
    last_at: datetime | None = None
    state: State = State.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the company wants of reminders.

    Attributes:
        hours: when people may be rung up.
        countries: ISO 3166 codes of the countries they are rung up in.
        first: so long before an appointment they are rung up at the earliest.
        last: and at the latest.
        attempts: how often they are rung up about one.
        spacing: so long after an attempt at the earliest the next one.
        together: of one person's appointments, those that begin so long after the first are told of
            in the same call.
        texting: when a text message is sent.
        at_once: calls at once.
        per_second: calls begun in a second; less than 1 for one in several seconds.
        call: how long a call takes, for planning.
    """

    hours: CallingHours
    countries: frozenset[str]
    first: timedelta = timedelta(hours=48)
    last: timedelta = timedelta(hours=3)
    attempts: int = MOST_ATTEMPTS
    spacing: timedelta = timedelta(hours=4)
    together: timedelta = timedelta(hours=72)
    texting: Texting = Texting.NEVER
    at_once: int = 2
    per_second: float = 1.0
    call: timedelta = timedelta(seconds=90)

    def is_too_late(self, starts_at: datetime, now: datetime) -> bool:
        """True if nobody is rung up or written to any more about an appointment at this time."""
        return now > starts_at - self.last

    def facts(self, reminder: Reminder, now: datetime, *, listed: bool) -> OutreachFacts:
        """What a permit to ring somebody up about a reminder is made from."""
        return OutreachFacts(
            reminder=reminder.key,
            purpose=REMINDER,
            consent=reminder.consent,
            listed=listed,
            attempts=reminder.attempts,
            most_attempts=self.attempts,
            country=reminder.country,
            countries=self.countries,
            special=reminder.special,
            due=reminder.starts_at,
            hours=self.hours,
            now=now,
        )
