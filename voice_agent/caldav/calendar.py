"""The calendar on a CalDAV server, one collection for each resource.

See ``voice_agent.caldav.placement`` for what is guaranteed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from uuid import uuid4

import structlog

from voice_agent.caldav.diary import Diary, Entry
from voice_agent.caldav.events import Own
from voice_agent.caldav.placement import Placement, Wish
from voice_agent.caldav.server import (
    CalDavServer,
    CalendarUnavailable,
)
from voice_agent.errors import VoiceAgentError
from voice_agent.tools.appointment import (
    Appointment,
    Participation,
    PersonKey,
    Request,
    Status,
    Upcoming,
    Window,
)
from voice_agent.tools.offers import reach
from voice_agent.tools.opening import Span
from voice_agent.tools.outcomes import (
    Away,
    Booked,
    Cancelled,
    Coming,
    Confirmed,
    Found,
    Free,
    InPast,
    Moved,
    NotYours,
    Refusal,
    Unknown,
)
from voice_agent.tools.plan import Plan, Resource, Service

log = structlog.get_logger(__name__)

ANSWER_LIMIT_S: Final = 8.0
"""Seconds after which the calendar counts as away."""

LOOK_LIMIT_S: Final = 30.0
"""The same where nobody waits on the telephone: for everybody's appointments of some days."""

Answer = TypeVar("Answer")


class CalDavCalendar:
    """Implements ``voice_agent.tools.calendar.Calendar``.

    Args:
        server: the server; whoever opened it closes it.
        pseudonym_of: the pseudonym of a telephone number.
        plan: what can be booked and when.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        server: CalDavServer,
        pseudonym_of: Callable[[str], str],
        plan: Plan,
        clock: Callable[[], datetime],
    ) -> None:
        self._server = server
        self._diary = Diary(server, plan)
        self._placement = Placement(server, self._diary, plan)
        self._pseudonym_of = pseudonym_of
        self._plan = plan
        self._clock = clock
        self._turn = asyncio.Lock()

    async def free(
        self, service: str, window: Window, limit: int
    ) -> Free | Refusal | Unknown | Away:
        """What is free; see the port."""
        wanted = self._plan.services.get(service)
        if wanted is None:
            return Unknown()
        return await self._answer(partial(self._free, wanted, window, limit))

    async def book(self, request: Request) -> Booked | Refusal | Unknown | Away:
        """Book; see the port. A try that comes after a move to another week is a new booking."""
        wanted = self._plan.services.get(request.service)
        if wanted is None:
            return Unknown()
        return await self._answer(partial(self._in_turn, partial(self._book, wanted, request)))

    async def appointments(self, person: PersonKey) -> Found | Away:
        """The person's appointments; see the port."""
        return await self._answer(partial(self._of_person, person))

    async def move(
        self, appointment: str, person: PersonKey, start: datetime
    ) -> Moved | Refusal | NotYours | Unknown | Away:
        """Move one; see the port."""
        work = partial(self._move, appointment, person, start)
        return await self._answer(partial(self._in_turn, work))

    async def cancel(
        self, appointment: str, person: PersonKey
    ) -> Cancelled | InPast | NotYours | Away:
        """Cancel one; see the port."""
        work = partial(self._cancel, appointment, person)
        return await self._answer(partial(self._in_turn, work))

    async def confirm(
        self, appointment: str, person: PersonKey
    ) -> Confirmed | InPast | NotYours | Away:
        """Confirm one; see the port."""
        work = partial(self._confirm, appointment, person)
        return await self._answer(partial(self._in_turn, work))

    async def coming(self, first: datetime, last: datetime) -> Coming | Away:
        """What begins in a span; see the port."""
        return await self._answer(partial(self._coming, Span(first, last)), LOOK_LIMIT_S)

    async def _answer(
        self, work: Callable[[], Awaitable[Answer]], limit_s: float | None = None
    ) -> Answer | Away:
        """Do it in bounded time; whatever is wrong with the server, the calendar is away."""
        try:
            async with asyncio.timeout(limit_s or ANSWER_LIMIT_S):
                return await work()
        except VoiceAgentError as fault:
            log.error("calendar_away", code=fault.code)
        except TimeoutError:
            log.error("calendar_away", code="timeout")
        return Away()

    async def _in_turn(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        async with self._turn:
            return await work()

    # -- looking -------------------------------------------------------------------------------

    async def _free(self, service: Service, window: Window, limit: int) -> Free | Refusal:
        now = self._clock()
        span = reach(self._plan, window, now)
        board = self._diary.board(
            service, await self._diary.entries(self._plan.able(service), span), now
        )
        return board.answer(window, limit)

    async def _of_person(self, person: PersonKey) -> Found:
        now = self._clock()
        found = [
            entries[0].own.appointment
            for entries in (await self._diary.ours(now)).values()
            if entries[0].own is not None and not entries[0].own.tentative
        ]
        coming = (
            each
            for each in found
            if each.person.key == person and each.status is Status.BOOKED and each.end > now
        )
        return Found(tuple(sorted(coming, key=lambda each: (each.start, each.id))))

    async def _coming(self, span: Span) -> Coming:
        found = await self._diary.coming(span)
        return Coming(
            tuple(Upcoming(id=each.id, person=each.person.key, start=each.start) for each in found)
        )

    # -- changing ------------------------------------------------------------------------------

    async def _book(self, service: Service, request: Request) -> Booked | Refusal:
        now = self._clock()
        start = self._plan.near(request.start, now)
        named = hashlib.sha256(request.key.encode()).hexdigest()
        phone = request.person.phone

        def same(own: Own) -> bool:
            mine = own.appointment.person.key == request.person.key
            return mine and own.request == named and own.appointment.status is Status.BOOKED

        def make(resource: Resource) -> Own:
            slot = self._plan.slot(service, start)
            return Own(
                appointment=Appointment(
                    id=uuid4().hex,
                    service=service.id,
                    resource=resource.id,
                    start=slot.start,
                    end=slot.end,
                    person=request.person,
                    call_id=request.call_id,
                    note=request.note,
                ),
                uid=_new_uid(),
                request=named,
                pseudonym=None if phone is None else self._pseudonym_of(phone),
                tentative=True,
            )

        wish = Wish(service=service, start=start, make=make, is_mine=same)
        placed = await self._placement.place(wish, now)
        return Booked(placed) if isinstance(placed, Appointment) else placed

    async def _move(
        self, appointment: str, person: PersonKey, start: datetime
    ) -> Moved | Refusal | NotYours | Unknown:
        now = self._clock()
        start = self._plan.near(start, now)
        entry = await self._diary.mine(appointment, person, now)
        if entry is None or entry.own is None or entry.own.appointment.status is not Status.BOOKED:
            return NotYours()
        old = entry.own
        service = self._plan.services.get(old.appointment.service)
        if service is None:
            return Unknown()
        if old.tentative:
            return NotYours()  # nobody was told yet that it is theirs
        if old.appointment.start.timestamp() == start.timestamp():
            return Moved(old.appointment)
        if old.appointment.start <= now:
            return InPast()
        version = old.appointment.version + 1

        def same(own: Own) -> bool:
            made = own.appointment
            is_there = made.start.timestamp() == start.timestamp()
            return is_there and (made.id, made.version) == (appointment, version)

        def make(resource: Resource) -> Own:
            slot = self._plan.slot(service, start)
            moved = replace(
                old.appointment,
                start=slot.start,
                end=slot.end,
                resource=resource.id,
                participation=Participation.NEEDS_ACTION,
                version=version,
            )
            return replace(old, appointment=moved, uid=_new_uid(), tentative=True)

        wish = Wish(service=service, start=start, make=make, is_mine=same, without=appointment)
        placed = await self._placement.place(wish, now)
        if not isinstance(placed, Appointment):
            return placed
        if not await self._server.delete(entry.item):
            # Somebody else moved or cancelled it meanwhile; theirs counts.
            for each in (await self._diary.ours(now)).get(appointment, []):
                if each.own is not None and same(each.own):
                    await self._server.delete(each.item)
            raise CalendarUnavailable("the event was changed meanwhile")
        return Moved(placed)

    async def _cancel(self, appointment: str, person: PersonKey) -> Cancelled | InPast | NotYours:
        now = self._clock()
        entry = await self._diary.mine(appointment, person, now)
        if entry is None or entry.own is None:
            return NotYours()
        found = entry.own.appointment
        if found.status is Status.CANCELLED:
            return Cancelled(found)
        if found.start <= now:
            return InPast()
        cancelled = replace(
            found,
            status=Status.CANCELLED,
            participation=Participation.DECLINED,
            version=found.version + 1,
        )
        await self._rewrite(entry, replace(entry.own, appointment=cancelled, tentative=False), now)
        return Cancelled(cancelled)

    async def _confirm(self, appointment: str, person: PersonKey) -> Confirmed | InPast | NotYours:
        now = self._clock()
        entry = await self._diary.mine(appointment, person, now)
        if entry is None or entry.own is None or entry.own.tentative:
            return NotYours()
        found = entry.own.appointment
        if found.status is not Status.BOOKED:
            return NotYours()
        if found.participation is Participation.ACCEPTED:
            return Confirmed(found)
        if found.start <= now:
            return InPast()
        confirmed = replace(found, participation=Participation.ACCEPTED)
        await self._rewrite(entry, replace(entry.own, appointment=confirmed), now)
        return Confirmed(confirmed)

    async def _rewrite(self, entry: Entry, own: Own, now: datetime) -> None:
        """Write another state of an event, unless somebody else has changed it meanwhile."""
        if not await self._server.put(entry.item, self._diary.text(own, now)):
            raise CalendarUnavailable("the event was changed meanwhile")


def _new_uid() -> str:
    return f"{uuid4().hex}@voice-agent"
