"""How an appointment of ours gets its place on a server that knows no transaction.

**What is guaranteed.** CalDAV knows no transaction, so two appointments of ours are kept apart in
three steps. A booking is written, as tentative, under a name made of its start with
``If-None-Match``: of two for the same start the server takes one. Then the calendar is read again,
and whoever finds anything else at that time takes their own back, whichever came first. Only then
it is confirmed, if nobody changed it (``If-Match``). So with a server that shows what it has
accepted, two programs of ours never both confirm appointments that overlap; both may back out, and
after a moment try again. What a person or another program writes into the calendar after that is
not prevented, and nothing here could. Within one process bookings take turns.

A try that was cut off leaves a tentative event, which keeps its time taken and which the next try
with the same key completes. A move writes the new event before it deletes the old; if it is cut off
between, the newer one counts.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from voice_agent.caldav.diary import Diary, Entry
from voice_agent.caldav.events import Own
from voice_agent.caldav.server import CalDavServer, name_of, resource_name
from voice_agent.tools.appointment import Appointment, Status
from voice_agent.tools.offers import day_of, reach
from voice_agent.tools.opening import Span
from voice_agent.tools.outcomes import Refusal, Taken
from voice_agent.tools.plan import Plan, Resource, Service

ROUNDS: Final = 3
"""So often a booking that met another one is tried again."""

_PAUSE_S: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An appointment that wants a place.

    Attributes:
        service: what is to be done.
        start: when.
        make: makes the appointment, once somebody is free for it.
        is_mine: tells what an earlier try of the same has written.
        without: an appointment that is in nobody's way, because it is to be moved.
    """

    service: Service
    start: datetime
    make: Callable[[Resource], Own]
    is_mine: Callable[[Own], bool]
    without: str | None = None


class Placement:
    """Finds and takes places. Every method may raise ``CalendarUnavailable``.

    Args:
        server: the server.
        diary: reads it.
        plan: what can be booked and when.
    """

    def __init__(self, server: CalDavServer, diary: Diary, plan: Plan) -> None:
        self._server = server
        self._diary = diary
        self._plan = plan

    async def place(self, wish: Wish, now: datetime) -> Appointment | Refusal:
        """Find a place for an appointment and take it; else why not, and what is free near it."""
        plan, service, start = self._plan, wish.service, wish.start
        span = reach(plan, day_of(plan, start), now)
        for _ in range(ROUNDS):
            entries = await self._diary.entries(plan.able(service), span)
            written = _mine(wish, entries)
            if written is None:
                why = plan.why_not(service, start, now)
                board = self._diary.board(service, entries, now, wish.without)
                resource = board.resource(start) if why is None else None
                if resource is None:
                    return board.refuse(why or Taken(), start)
                await self._write(resource, wish.make(resource), entries, now)
            elif written.own is not None and not written.own.tentative:
                return written.own.appointment
            placed = await self._confirm(wish, span, now)
            if placed is not None:
                return placed
            await asyncio.sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 (so that two part)
        entries = await self._diary.entries(plan.able(service), span)
        return self._diary.board(service, entries, now, wish.without).refuse(Taken(), start)

    async def _write(
        self, resource: Resource, own: Own, entries: Iterable[Entry], now: datetime
    ) -> None:
        """Write it down as tentative, unless somebody else has written at that start."""
        name, text = resource_name(own.appointment.start), self._diary.text(own, now)
        for entry in entries:
            is_named = entry.resource is resource and name_of(entry.item.path) == name
            if is_named and _is_cancelled(entry):
                await self._server.delete(entry.item)
        await self._server.put_new(resource.calendar, name, text)

    async def _confirm(self, wish: Wish, span: Span, now: datetime) -> Appointment | None:
        """Confirm what was written, if nothing else is at its time; else take it back."""
        entries = await self._diary.entries(self._plan.able(wish.service), span)
        mine = _mine(wish, entries)
        if mine is None or mine.own is None:
            return None
        wanted = wish.service.at(mine.own.appointment.start)
        met = any(
            each.start < wanted.end and wanted.start < each.end
            for entry in entries
            if entry.resource is mine.resource and entry.item.path != mine.item.path
            if not entry.is_of(wish.without)
            for each in entry.taken
        )
        if met:
            await self._server.delete(mine.item)
            return None
        confirmed = replace(mine.own, tentative=False)
        if not await self._server.put(mine.item, self._diary.text(confirmed, now)):
            return None
        return confirmed.appointment


def _mine(wish: Wish, entries: Iterable[Entry]) -> Entry | None:
    """What an earlier try of this wish has written."""
    return next((e for e in entries if e.own is not None and wish.is_mine(e.own)), None)


def _is_cancelled(entry: Entry) -> bool:
    return entry.own is not None and entry.own.appointment.status is Status.CANCELLED
