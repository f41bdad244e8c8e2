"""What a slot parser made of a caller's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum


class Fault(StrEnum):
    """Why a value that was said cannot be taken."""

    IMPOSSIBLE = "impossible"
    """There is no such thing: the 31st of February, 25 o'clock."""
    PAST = "past"
    """It is over."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When the company is there; what "half past two" or "on Monday" most likely means.

    Attributes:
        days: for each weekday, Monday first, its spans of opening and closing time; none: closed.
    """

    days: tuple[tuple[tuple[time, time], ...], ...] = ((),) * 7


@dataclass(frozen=True, slots=True)
class Setting:
    """What a parser may know besides the words.

    Attributes:
        language: ISO 639-1 code of the words.
        now: the company's wall clock, without a time zone.
        hours: the company's opening hours, or ``None`` if they are not known.
        country: ISO 3166 code of the country whose numbers are dialled without a prefix.
    """

    language: str
    now: datetime
    hours: OpeningHours | None = None
    country: str = "DE"


@dataclass(frozen=True, slots=True)
class Reading:
    """A value found in the words.

    Attributes:
        slot: what kind of value, for example ``date``, ``time``, ``phone``, ``email``.
        value: in the form of its kind: dates ``YYYY-MM-DD``, times ``HH:MM``, spans of either
            with a slash between (``08:00/12:00``), digits without spaces. A span that has no end
            or no beginning leaves that side empty (``17:00/``, ``/2026-12-04``); both ends belong
            to a span of dates. Any date or time will do: ``/``. Impossible: empty.
        start: where it begins in the text, characters.
        end: where it ends.
        confidence: how sure the reading is, 0 to 1.
        others: what the words may mean as well, likeliest first; not empty: ask.
        fault: why the value cannot be taken, or ``None``.
    """

    slot: str
    value: str = field(repr=False)
    start: int
    end: int
    confidence: float = 1.0
    others: tuple[str, ...] = field(default=(), repr=False)
    fault: Fault | None = None
