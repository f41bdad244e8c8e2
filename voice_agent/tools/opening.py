"""When a company is open: weekdays with breaks, exceptions, public holidays, in its time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from voice_agent.dialogue.slots.reading import OpeningHours

DAY_MINUTES: Final = 24 * 60

Minutes = tuple[int, int]
"""A span of a day: minutes from midnight by the clock on the wall, 1440 for the next midnight."""

Names = Mapping[str, str]
"""What something is called, by language."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, in UTC, without its end.

    Attributes:
        start: when it begins.
        end: when it is over.
    """

    start: datetime
    end: datetime


def joined(spans: Sequence[Span]) -> list[Span]:
    """The same time as few spans, in order; those that touch or overlap become one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def _clock(minutes: int) -> time:
    """A time of day; one that is over midnight is the end of the day."""
    minutes = min(minutes, DAY_MINUTES - 1)
    return time(minutes // 60, minutes % 60)


def _no_holidays(day: date) -> Names | None:
    del day
    return None


@dataclass(frozen=True, slots=True)
class Opening:
    """When the company is open.

    Attributes:
        zone: its time zone.
        days: for each weekday, Monday first, its spans; none: closed.
        exceptions: days that are otherwise, a public holiday among them or not.
        holidays: what a public holiday is called; ``None`` for other days.
    """

    zone: ZoneInfo
    days: tuple[tuple[Minutes, ...], ...]
    exceptions: Mapping[date, tuple[Minutes, ...]] = field(default_factory=dict)
    holidays: Callable[[date], Names | None] = _no_holidays

    def holiday(self, day: date) -> Names | None:
        """The holiday because of which the company is closed that day."""
        return None if day in self.exceptions else self.holidays(day)

    @property
    def hours(self) -> OpeningHours:
        """The usual week, for whoever reads dates and times out of a caller's words."""
        return OpeningHours(
            tuple(tuple((_clock(a), _clock(b)) for a, b in spans) for spans in self.days)
        )

    def of(self, day: date) -> tuple[Minutes, ...]:
        """The spans of a day."""
        if day in self.exceptions:
            return self.exceptions[day]
        return () if self.holidays(day) is not None else self.days[day.weekday()]

    def spans(self, first: date, last: date) -> list[Span]:
        """When the company is open on these days; over midnight where both days say so."""
        return joined(list(self._spans(first, last)))

    def is_open(self, at: datetime) -> bool:
        """True if the company is open at this moment, timezone-aware."""
        day = at.astimezone(self.zone).date()
        spans = self.spans(day - timedelta(1), day)
        return any(span.start <= at < span.end for span in spans)

    def moment(self, day: date, minutes: int, *, fold: int = 0) -> datetime:
        """A time of day as a moment, in UTC; one that the clock skips is as long after midnight.

        Args:
            day: the day.
            minutes: from midnight, by the clock on the wall.
            fold: of a time that is twice on this day, 0 for the first and 1 for the second.
        """
        days, rest = divmod(minutes, DAY_MINUTES)
        clock = time(rest // 60, rest % 60, fold=fold)
        return datetime.combine(day + timedelta(days), clock, self.zone).astimezone(UTC)

    def _spans(self, first: date, last: date) -> Iterator[Span]:
        for number in range((last - first).days + 1):
            day = first + timedelta(number)
            for begin, end in self.of(day):
                span = Span(self.moment(day, begin), self.moment(day, end, fold=1))
                if span.start < span.end:  # the clock may skip all of it
                    yield span
