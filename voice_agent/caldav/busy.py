"""When an event of anybody's keeps its place taken: iCalendar, read as hostile input.

What an event says is data and never looked at; only when it is. What cannot be understood, or would
take long to work out, counts as taking all of the time that is asked about: rather no appointment
than two at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

import recurring_ical_events
from icalendar import Calendar

from voice_agent.tools.opening import Span

MOST_CHARACTERS: Final = 200_000
MOST_EVENTS: Final = 500
"""Of one resource on the server: an event with the exceptions to its recurrence."""

OLDEST_YEAR: Final = 1990
"""Recurrence is worked out from its beginning, day by day."""

_FOLD: Final = re.compile(r"\r?\n[ \t]")
_RULE: Final = re.compile(r"^(?:RRULE|EXRULE)[^:\n]*:(.*?)\r?$", re.MULTILINE | re.IGNORECASE)
_PLAIN: Final = re.compile(
    r"(?:FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)|INTERVAL=[1-9][0-9]{0,2}|COUNT=[0-9]{1,5}"
    r"|UNTIL=[0-9]{8}(?:T[0-9]{6}Z?)?|WKST=[A-Z]{2}|BYDAY=(?:[+-]?[1-5]?[A-Z]{2},?)+"
    r"|BYMONTHDAY=(?:-?[0-9]{1,2},?)+|BYMONTH=(?:[0-9]{1,2},?)+|BYSETPOS=(?:-?[0-9]{1,2},?)+)",
    re.IGNORECASE,
)
# A rule of days that names days of months may match none until the year 9999.
_ENDLESS: Final = re.compile(r"FREQ=(?:DAILY|WEEKLY).*(?:BYMONTHDAY|BYSETPOS)", re.IGNORECASE)


class NotUnderstood(ValueError):
    """Nobody can say when this event is."""


def busy(text: str, span: Span, zone: tzinfo) -> list[Span]:
    """When a resource on the server keeps its place taken.

    Args:
        text: iCalendar, an event with whatever recurrence.
        span: the time that is asked about.
        zone: where times are that name no zone, and whole days.

    Returns:
        What is taken of the span; all of it if that cannot be said.
    """
    try:
        return [
            Span(max(each.start, span.start), min(each.end, span.end))
            for each in _occurrences(text, span, zone)
            if max(each.start, span.start) < min(each.end, span.end)
        ]
    except Exception:  # noqa: BLE001 (another's text may break a parser in any way)
        return [span]


def _occurrences(text: str, span: Span, zone: tzinfo) -> Iterator[Span]:
    calendar = _parsed(text)
    margin = timedelta(days=2)  # times that name no zone
    found = recurring_ical_events.of(calendar).between(span.start - margin, span.end + margin)
    for event in found:
        if _takes_place(event):
            yield _span(event, zone)


def _parsed(text: str) -> Calendar:
    """The calendar, if it is one that can be worked out."""
    if len(text) > MOST_CHARACTERS:
        raise NotUnderstood
    for rule in _RULE.findall(_FOLD.sub("", text)):
        parts = [part for part in rule.strip().split(";") if part]
        if _ENDLESS.search(";".join(sorted(map(str.upper, parts), reverse=True))) or not all(
            _PLAIN.fullmatch(part) for part in parts
        ):
            raise NotUnderstood
    calendar = Calendar.from_ical(text)
    if not isinstance(calendar, Calendar):
        raise NotUnderstood
    events: list[Any] = calendar.walk("VEVENT")
    if not 1 <= len(events) <= MOST_EVENTS:
        raise NotUnderstood
    for event in events:
        if event.errors or "DTSTART" not in event:
            raise NotUnderstood
        if "RRULE" in event and event["DTSTART"].dt.year < OLDEST_YEAR:
            raise NotUnderstood
    return calendar


def _takes_place(event: Any) -> bool:
    status = str(event.get("STATUS", "")).upper()
    transparency = str(event.get("TRANSP", "")).upper()
    return status != "CANCELLED" and transparency != "TRANSPARENT"


def _span(event: Any, zone: tzinfo) -> Span:
    start, end = _moment(event.start, zone), _moment(event.end, zone)
    if end < start:
        raise NotUnderstood
    return Span(start, end)


def _moment(value: date | datetime, zone: tzinfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(0))
    return (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)
