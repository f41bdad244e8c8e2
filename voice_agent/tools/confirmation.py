"""What is told of an appointment in writing: as little as a telephone's calendar needs (C17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from voice_agent.tools.appointment import Appointment, Status

_WEEKDAYS: Final = {
    "de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """An appointment as it is noted for whoever wants it in writing: not whose it is.

    Attributes:
        id: the calendar's name for it.
        service: what is done, by its short name.
        start: when it begins, timezone-aware.
        end: when it is over.
        status: booked or cancelled.
        version: 1 when it is booked, one more with every change.
    """

    id: str
    service: str
    start: datetime
    end: datetime
    status: Status
    version: int


class Changes(Protocol):
    """Takes note of appointments that calls have booked, moved or cancelled.

    Neither method raises, and each returns in bounded time: an appointment stands without a note.
    """

    async def changed(self, appointment: Appointment, call_id: str) -> None:
        """Note that this call booked the appointment, or moved it."""
        ...

    async def cancelled(self, appointment: str) -> None:
        """Note that the appointment was cancelled."""
        ...


def written(start: datetime, language: str) -> str:
    """A time as a text message writes it, by the clock it is given in.

    Args:
        start: the time.
        language: ISO 639-1 code; any other than German is written as in English.
    """
    clock = f"{start:%H:%M}"
    if language == "de":
        return f"{_WEEKDAYS['de'][start.weekday()]} {start:%d.%m.%Y} um {clock} Uhr"
    day = f"{_WEEKDAYS['en'][start.weekday()]} {start.day} {_MONTHS[start.month - 1]} {start.year}"
    return f"{day} at {clock}"
