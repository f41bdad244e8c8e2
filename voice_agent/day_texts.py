"""Days, hours and time zones as a configuration file writes them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from voice_agent.tools.opening import Minutes
from voice_agent.tools.plan import GRANULE

_GRANULE_MIN: Final = GRANULE // timedelta(minutes=1)
_SPAN: Final = re.compile(
    r"([01][0-9]|2[0-3]):([0-5][05])-(?:([01][0-9]|2[0-3]):([0-5][05])|24:00)"
)
CLOSED: Final = "closed"


def _minutes(text: str) -> Minutes:
    """``08:00-12:30`` in minutes from midnight; a ``ValueError`` says what it should be."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(
            "is no span of a day; write for example 08:00-12:30, in steps of 5 minutes"
        )
    hour, minute, until_hour, until_minute = match.groups()
    begin = int(hour) * 60 + int(minute)
    end = 24 * 60 if until_hour is None else int(until_hour) * 60 + int(until_minute)
    if end <= begin:
        raise ValueError("ends before it begins; over midnight write 22:00-24:00 and 00:00-02:00")
    return begin, end


def _hours(text: str) -> str:
    spans = spans_of(text)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError("spans overlap, or are not in order")
    return text


def spans_of(text: str) -> tuple[Minutes, ...]:
    """The spans of a day's hours."""
    if text == CLOSED:
        return ()
    return tuple(_minutes(part.strip()) for part in text.split(","))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # KeyError: of a name nobody knows
        raise ValueError("is no time zone; write for example Europe/Berlin") from None
    return name


def _granules(minutes: int) -> int:
    if minutes % _GRANULE_MIN:
        raise ValueError(f"is no multiple of {_GRANULE_MIN} minutes")
    return minutes


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day; write for example 2026-12-24") from None
    return text


Hours = Annotated[str, AfterValidator(_hours)]
Day = Annotated[str, AfterValidator(_day)]
Length = Annotated[int, AfterValidator(_granules)]
TimeZone = Annotated[str, AfterValidator(_zone)]
