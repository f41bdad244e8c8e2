"""Which free times there are, and which of them to offer. Pure: what is taken is handed in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from voice_agent.tools.appointment import Slot, Window
from voice_agent.tools.opening import Span, joined
from voice_agent.tools.outcomes import Free, Refusal
from voice_agent.tools.plan import GRANULE, Plan, Resource, Service, granule_from

ALTERNATIVES: Final = 3
"""So many free times are named where the wanted one is not free."""

APART: Final = timedelta(hours=1)
"""Offers are at least so far from one another: nobody wants to choose between three quarters."""

BEFORE: Final = timedelta(days=3)
AFTER: Final = timedelta(days=21)
"""So far around the wanted time alternatives are looked for."""

_NOON: Final = 12
_EVENING: Final = 17

Busy = Mapping[str, Sequence[Span]]
"""What is taken, by resource."""


class Board:
    """What is free, for one service at one moment.

    Args:
        plan: what can be booked and when.
        service: what is to be done.
        busy: what is taken, by resource, for as long as the board is asked about.
        now: the present.
    """

    def __init__(self, plan: Plan, service: Service, busy: Busy, now: datetime) -> None:
        self._plan = plan
        self._service = service
        self._now = now
        self._busy = {each.id: joined(busy.get(each.id, ())) for each in plan.able(service)}

    def resource(self, start: datetime, first: str | None = None) -> Resource | None:
        """Who can do it then: the one named first if possible, else in the plan's order."""
        wanted = self._service.at(start)
        able = sorted(self._plan.able(self._service), key=lambda each: each.id != first)
        return next((each for each in able if self._is_free(each.id, wanted)), None)

    def answer(self, window: Window, limit: int) -> Free | Refusal:
        """Offers in a window; else why there is none, with what is free near it."""
        slots = self._slots(window.first, window.last)
        offers = spread([slot for slot in slots if window.admits(slot.start)], limit)
        if offers:
            return Free(offers)
        wanted = wanted_of(self._plan, window, self._now)
        return self.refuse(self._plan.why_none(self._service, window, self._now), wanted)

    def refuse(self, why: Refusal, wanted: datetime) -> Refusal:
        """A refusal with what is free near the wanted time."""
        days = around(self._plan, wanted, self._now)
        slots = [] if days is None else self._slots(*days)
        return replace(why, alternatives=nearest(slots, wanted, ALTERNATIVES))

    def _slots(self, first: date, last: date) -> list[Slot]:
        """Every free time on these days, in order."""
        plan, service = self._plan, self._service
        earliest, latest = self._now + plan.lead, self._now + plan.horizon
        first = max(first, plan.local(earliest).date())
        last = min(last, plan.local(latest).date())
        found = []
        # The day before too: its hours may run into this one.
        for span in plan.opening.spans(first - timedelta(1), last):
            start = self._next_step(max(span.start, earliest))
            while start + service.duration <= span.end and start <= latest:
                if self.resource(start) is not None and first <= plan.local(start).date() <= last:
                    found.append(plan.slot(service, start))
                start = self._next_step(start + GRANULE)
        return found

    def _next_step(self, moment: datetime) -> datetime:
        """The next time an appointment may begin, from this moment on."""
        moment = granule_from(moment)
        while not self._plan.begins(moment):
            moment += GRANULE
        return moment

    def _is_free(self, resource: str, wanted: Span) -> bool:
        busy = self._busy[resource]
        place = bisect_right(busy, wanted.start, key=lambda span: span.start)
        before = place > 0 and busy[place - 1].end > wanted.start
        after = place < len(busy) and busy[place].start < wanted.end
        return not before and not after


def around(plan: Plan, wanted: datetime, now: datetime) -> tuple[date, date] | None:
    """The days on which alternatives to a time are looked for; ``None`` if none can be booked."""
    soonest, latest = plan.local(now + plan.lead), plan.local(now + plan.horizon)
    near = min(max(plan.local(wanted), soonest), latest)
    first, last = max(near - BEFORE, soonest).date(), min(near + AFTER, latest).date()
    return (first, last) if first <= last else None


def day_of(plan: Plan, start: datetime) -> Window:
    """The day of a time, as a window."""
    day = plan.local(start).date()
    return Window(day, day)


def wanted_of(plan: Plan, window: Window, now: datetime) -> datetime:
    """The time a window is about, if one must be named: its beginning."""
    clock = window.earliest or time(0)
    return plan.near(datetime.combine(window.first, clock, plan.opening.zone), now)


def reach(plan: Plan, window: Window, now: datetime) -> Span:
    """For how long a board must know what is taken, to answer about a window."""
    soonest, latest = plan.local(now).date(), plan.local(now + plan.horizon).date()
    days = around(plan, wanted_of(plan, window, now), now) or (soonest, latest)
    first = max(min(days[0], window.first), soonest)
    last = min(max(days[1], window.last), latest)
    one = timedelta(1)
    return Span(plan.opening.moment(first - one, 0), plan.opening.moment(last + one + one, 0))


def spread(slots: Sequence[Slot], limit: int) -> tuple[Slot, ...]:
    """Some of the slots that differ: other halves of days first, then hours of the same.

    Args:
        slots: in order.
        limit: how many at most.
    """
    chosen: list[Slot] = []
    parts: set[tuple[date, int]] = set()
    for slot in slots:
        part = (slot.start.date(), _part(slot.start))
        if len(chosen) < limit and part not in parts and _is_apart(slot, chosen):
            parts.add(part)
            chosen.append(slot)
    for slot in slots:
        if len(chosen) < limit and _is_apart(slot, chosen):
            chosen.append(slot)
    return tuple(sorted(chosen, key=lambda slot: slot.start.astimezone(UTC)))


def nearest(slots: Iterable[Slot], wanted: datetime, limit: int) -> tuple[Slot, ...]:
    """The slots nearest to a time that differ, earliest first."""
    moment = wanted.astimezone(UTC)
    chosen: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: abs(slot.start.astimezone(UTC) - moment)):
        if len(chosen) == limit:
            break
        if _is_apart(slot, chosen):
            chosen.append(slot)
    return tuple(sorted(chosen, key=lambda slot: slot.start.astimezone(UTC)))


def _part(start: datetime) -> int:
    """Morning, afternoon or evening."""
    return 0 if start.hour < _NOON else 1 if start.hour < _EVENING else 2


def _is_apart(slot: Slot, chosen: Iterable[Slot]) -> bool:
    start = slot.start.astimezone(UTC)
    return all(abs(start - other.start.astimezone(UTC)) >= APART for other in chosen)
