"""An appointment, whose it is, and what is asked for when one is booked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final, NewType

from consent.receipt import moment

PersonKey = NewType("PersonKey", str)
"""The directory's reference to a customer; says nothing by itself."""

MOST_NAME: Final = 200
MOST_NOTE: Final = 500
"""Characters of a name, and of a note."""

_KEY: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom an appointment is for.

    Attributes:
        key: the directory's reference; never a telephone number.
        name: as it was said.
        phone: as it was said, E.164; ``None`` if none was.

    Raises:
        ValueError: a key, name or number that is none.
    """

    key: PersonKey
    name: str = field(repr=False)
    phone: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError("a person's key is 1 to 64 letters, digits or . _ : -")
        if not is_plain(self.name, MOST_NAME) or not self.name.strip():
            raise ValueError("a name is a line of text")
        if self.phone is not None and not _PHONE.fullmatch(self.phone):
            raise ValueError("a number is + and 7 to 15 digits")


def is_plain(text: str, most: int) -> bool:
    """True for one line of printable characters that is not too long."""
    return len(text) <= most and text.isprintable()


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is free.

    Attributes:
        start: when an appointment could begin, in the calendar's time zone.
        end: when it would be over.
    """

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """When somebody would like to come: days, and the time of day.

    Attributes:
        first: first day that suits.
        last: last day that suits.
        earliest: not before this time of day ("after five": 17:00), if it matters.
        latest: before this time of day ("in the morning": 12:00), if it matters.

    Raises:
        ValueError: the last day is before the first.
    """

    first: date
    last: date
    earliest: time | None = None
    latest: time | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("the last day is before the first")

    def admits(self, start: datetime) -> bool:
        """True if an appointment that begins then suits; a time in the calendar's zone."""
        if not self.first <= start.date() <= self.last:
            return False
        clock = start.time()
        return (self.earliest is None or clock >= self.earliest) and (
            self.latest is None or clock < self.latest
        )


class Status(StrEnum):
    """How an appointment stands."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class Participation(StrEnum):
    """Whether the person said they come, in the words of iCalendar (RFC 5545, PARTSTAT)."""

    NEEDS_ACTION = "needs-action"
    """They said nothing about it since it was booked or moved."""
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """An appointment that is booked, as far as a reminder needs it: no name, no number.

    Attributes:
        id: the calendar's name for it.
        person: whose it is.
        start: when it begins, in the calendar's time zone.
    """

    id: str
    person: PersonKey
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """An appointment.

    Attributes:
        id: the calendar's name for it.
        service: what is done.
        resource: who or what does it.
        start: when it begins, in the calendar's time zone.
        end: when it is over.
        person: whose it is.
        call_id: the call it was booked in.
        note: what else was said about it.
        status: booked or cancelled.
        participation: whether the person said they come.
        version: 1 when it is booked, one more with every change of when it is, or whether.
    """

    id: str
    service: str
    resource: str
    start: datetime
    end: datetime
    person: Person
    call_id: str
    note: str = field(default="", repr=False)
    status: Status = Status.BOOKED
    participation: Participation = Participation.NEEDS_ACTION
    version: int = 1

    def as_fields(self) -> dict[str, Any]:
        """Everything that is kept of it as JSON has it, for the person it is about."""
        return {
            "record": "appointment",
            "call_id": self.call_id,
            "customer": self.person.key,
            "name": self.person.name,
            "number": self.person.phone,
            "service": self.service,
            "resource": self.resource,
            "starts_at": moment(self.start),
            "ends_at": moment(self.end),
            "note": self.note,
            "status": self.status,
            "participation": self.participation,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be booked.

    Attributes:
        service: what is to be done.
        start: when, timezone-aware; of a time that is twice on its day, ``fold`` says which.
        person: for whom.
        call_id: the call it is asked for in.
        key: the same for every try of one booking, another for another booking of this person;
            1 to 200 characters.
        note: what else was said about it, one line.

    Raises:
        ValueError: a time without zone, no key, or a note that is no line of text.
    """

    service: str
    start: datetime
    person: Person
    call_id: str
    key: str
    note: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError("a start needs a time zone")
        if not 1 <= len(self.key) <= MOST_NAME:
            raise ValueError("a booking needs a key")
        if not is_plain(self.note, MOST_NOTE):
            raise ValueError("a note is a line of text")
