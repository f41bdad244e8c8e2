"""What can be booked and when, as the company planned it; and why something cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from voice_agent.tools.appointment import Slot, Window
from voice_agent.tools.opening import DAY_MINUTES, Names, Opening, Span
from voice_agent.tools.outcomes import (
    Closed,
    Holiday,
    InPast,
    OutsideHorizon,
    Refusal,
    Taken,
    TooSoon,
)

GRANULE: Final = timedelta(minutes=5)
"""Everything begins and ends at a multiple of it, so that a place is taken in whole granules."""

_YEAR: Final = 365
_YEARS: Final = 5  # nobody plans further ahead
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that is done by appointment.

    Attributes:
        id: its short name.
        names: what people call it, by language.
        duration: how long it takes.
        buffer: how long its place stays taken afterwards.
    """

    id: str
    names: Names
    duration: timedelta
    buffer: timedelta = timedelta(0)

    def at(self, start: datetime) -> Span:
        """The time its place is taken, from this moment on."""
        moment = start.astimezone(UTC)
        return Span(moment, moment + self.duration + self.buffer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A place, a machine or a person that does one thing at a time.

    Attributes:
        id: its short name.
        services: what it can do.
        calendar: where its calendar lies on a calendar server, below the server's address.
    """

    id: str
    services: frozenset[str]
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan.

    Attributes:
        opening: when the company is open.
        services: by their short names.
        resources: in the order they are filled.
        lead: so long before its start an appointment can be booked at the latest.
        horizon: so far ahead it can be booked.
        step: appointments begin at multiples of it, counted from midnight.
        titles: language of what is written into a calendar that people read.
    """

    opening: Opening
    services: Mapping[str, Service]
    resources: tuple[Resource, ...]
    lead: timedelta = timedelta(hours=2)
    horizon: timedelta = timedelta(days=90)
    step: timedelta = timedelta(minutes=30)
    titles: str = "de"

    def local(self, moment: datetime) -> datetime:
        """A moment in the company's time zone."""
        return moment.astimezone(self.opening.zone)

    def slot(self, service: Service, start: datetime) -> Slot:
        """The time of an appointment that begins then."""
        moment = start.astimezone(UTC)
        return Slot(self.local(moment), self.local(moment + service.duration))

    def near(self, start: datetime, now: datetime) -> datetime:
        """The same time, or one as impossible that can be reckoned with: the year 9999 cannot."""
        if start.year < now.year - 1:
            return now - timedelta(days=_YEAR)
        if start.year > now.year + _YEARS:
            return now + self.horizon + timedelta(days=_YEAR)
        return start

    def able(self, service: Service) -> tuple[Resource, ...]:
        """Who can do it, in the order they are filled."""
        return tuple(each for each in self.resources if service.id in each.services)

    def why_not(self, service: Service, start: datetime, now: datetime) -> Refusal | None:
        """Why no appointment can begin then, whoever is free; ``None`` if one can.

        Args:
            service: what is to be done.
            start: when, timezone-aware.
            now: the present.
        """
        moment = start.astimezone(UTC)
        if moment.astimezone(start.tzinfo).replace(tzinfo=None) != start.replace(tzinfo=None):
            return Closed()  # in the night when clocks are put forward there is no such time
        early = self._too_early(moment, now)
        if early is not None:
            return early
        day = self.local(moment).date()
        names = self.opening.holiday(day)
        if names is not None:
            return Holiday(names)
        end = moment + service.duration
        spans = self.opening.spans(day - timedelta(1), day + timedelta(1))
        if not any(span.start <= moment and end <= span.end for span in spans):
            return Closed()
        return None if self.begins(moment) else Taken()

    def why_none(self, service: Service, window: Window, now: datetime) -> Refusal:
        """Why nothing is free in a window, where nothing is.

        What is true of the whole window, else that everything is taken.
        """
        today, end = self.local(now).date(), self.local(now + self.horizon).date()
        if window.last < today:
            return InPast()
        if window.first > end:
            return OutsideHorizon()
        days = self._days(max(window.first, today), min(window.last, end))
        names = [self.opening.holiday(day) for day in days]
        if all(names):
            return Holiday(names[0] or {})
        if not any(self._fits_in(service, day, window) for day in days):
            return Closed()
        if window.last == today and not self._is_left(service, window, now):
            return TooSoon()
        return Taken()

    def begins(self, moment: datetime) -> bool:
        """True if an appointment may begin then, by the clock alone."""
        local = self.local(moment)
        since = timedelta(hours=local.hour, minutes=local.minute)
        return local.second == local.microsecond == 0 and since % self.step == timedelta(0)

    def _too_early(self, moment: datetime, now: datetime) -> Refusal | None:
        if moment <= now:
            return InPast()
        if moment < now + self.lead:
            return TooSoon()
        if moment > now + self.horizon:
            return OutsideHorizon()
        return None

    def _fits_in(self, service: Service, day: date, window: Window) -> bool:
        """The company is open on a day at a time that suits, and for long enough."""
        earliest = 0 if window.earliest is None else _minutes(window.earliest)
        # A window of one time ends just after it: within the same minute.
        latest = DAY_MINUTES if window.latest is None else _minutes(window.latest, up=True)
        needed = service.duration // timedelta(minutes=1)
        return any(
            max(begin, earliest) < latest and max(begin, earliest) + needed <= end
            for begin, end in self.opening.of(day)
        )

    def _is_left(self, service: Service, window: Window, now: datetime) -> bool:
        """Something of today suits and is not too soon."""
        soonest = self.local(now + self.lead)
        if soonest.date() > window.last:
            return False
        clock = soonest.time()
        later = clock if window.earliest is None else max(clock, window.earliest)
        rest = Window(window.last, window.last, later, window.latest)
        return self._fits_in(service, window.last, rest)

    @staticmethod
    def _days(first: date, last: date) -> list[date]:
        return [first + timedelta(number) for number in range((last - first).days + 1)]


def granule_from(moment: datetime) -> datetime:
    """The first granule that begins at this moment or after it."""
    return _EPOCH - (_EPOCH - moment) // GRANULE * GRANULE


def granules(span: Span) -> list[datetime]:
    """The granules a span touches, by when they begin."""
    first = (span.start - _EPOCH) // GRANULE
    last = -((_EPOCH - span.end) // GRANULE)
    return [_EPOCH + number * GRANULE for number in range(first, last)]


def _minutes(clock: time, *, up: bool = False) -> int:
    """Minutes since midnight, rounded up or down."""
    begun = up and clock.replace(second=0, microsecond=0) != clock
    return clock.hour * 60 + clock.minute + begun
