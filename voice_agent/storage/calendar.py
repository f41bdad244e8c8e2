"""The calendar in our own database."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeVar
from uuid import uuid4

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.errors import VoiceAgentError
from voice_agent.keyring import KeyRing
from voice_agent.storage.appointments import Appointments, change, held, of, take_turn
from voice_agent.storage.call_lock import hold_call
from voice_agent.storage.database import Database
from voice_agent.storage.granules import busy, let_go, take
from voice_agent.storage.tables import appointments
from voice_agent.storage.transaction import transaction
from voice_agent.tools.appointment import (
    Appointment,
    Participation,
    PersonKey,
    Request,
    Status,
    Upcoming,
    Window,
)
from voice_agent.tools.offers import Board, day_of, reach
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
    Taken,
    Unknown,
)
from voice_agent.tools.plan import Plan, Service

log = structlog.get_logger(__name__)

ANSWER_LIMIT_S: Final = 4.0
"""Seconds after which the calendar counts as away."""

AT_ONCE: Final = 4
"""Transactions of the calendar that run at once: the ledger needs connections too."""

Answer = TypeVar("Answer")


class SqlCalendar:
    """Implements ``voice_agent.tools.calendar.Calendar``.

    A place is taken by rows, one for each resource and five minutes, whose key is unique: two
    appointments never share a place, whoever writes them. Writers take turns besides, so that a
    place that is seen to be free still is when it is taken.

    Args:
        database: where appointments lie.
        keyring: wraps the keys they are sealed with.
        pseudonym_of: the pseudonym of a telephone number.
        plan: what can be booked and when.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        database: Database,
        keyring: KeyRing,
        pseudonym_of: Callable[[str], str],
        plan: Plan,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._rows = Appointments(keyring, pseudonym_of, plan.opening.zone)
        self._plan = plan
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def free(
        self, service: str, window: Window, limit: int
    ) -> Free | Refusal | Unknown | Away:
        """What is free; see the port."""
        wanted = self._plan.services.get(service)
        if wanted is None:
            return Unknown()
        return await self._answer(partial(self._free, wanted, window, limit))

    async def book(self, request: Request) -> Booked | Refusal | Unknown | Away:
        """Book; see the port."""
        wanted = self._plan.services.get(request.service)
        if wanted is None:
            return Unknown()
        return await self._answer(partial(self._book, wanted, request))

    async def appointments(self, person: PersonKey) -> Found | Away:
        """The person's appointments; see the port."""
        return await self._answer(partial(self._of_person, person))

    async def move(
        self, appointment: str, person: PersonKey, start: datetime
    ) -> Moved | Refusal | NotYours | Unknown | Away:
        """Move one; see the port."""
        return await self._answer(partial(self._move, appointment, person, start))

    async def cancel(
        self, appointment: str, person: PersonKey
    ) -> Cancelled | InPast | NotYours | Away:
        """Cancel one; see the port."""
        return await self._answer(partial(self._cancel, appointment, person))

    async def confirm(
        self, appointment: str, person: PersonKey
    ) -> Confirmed | InPast | NotYours | Away:
        """Confirm one; see the port."""
        return await self._answer(partial(self._confirm, appointment, person))

    async def coming(self, first: datetime, last: datetime) -> Coming | Away:
        """What begins in a span; see the port."""
        return await self._answer(partial(self._coming, first, last))

    async def _answer(self, work: Callable[[], Awaitable[Answer]]) -> Answer | Away:
        """Do it in bounded time; whatever is wrong with the database, the calendar is away."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S), self._turns:
                return await work()
        except VoiceAgentError as fault:
            log.error("calendar_away", code=fault.code)
        except TimeoutError:
            log.error("calendar_away", code="timeout")
        return Away()

    # -- looking -------------------------------------------------------------------------------

    async def _free(self, service: Service, window: Window, limit: int) -> Free | Refusal:
        now = self._clock()
        async with transaction(self._database, "free times cannot be read") as connection:
            board = await self._board(connection, service, window, now)
        return board.answer(window, limit)

    async def _of_person(self, person: PersonKey) -> Found:
        coming = (
            of(person),
            appointments.c.status == Status.BOOKED,
            appointments.c.ends_at > self._clock(),
        )
        wanted = select(appointments).where(*coming).order_by(appointments.c.starts_at)
        async with transaction(self._database, "appointments cannot be read") as connection:
            rows = (await connection.execute(wanted)).all()
            return Found(await self._rows.opened(connection, rows))

    async def _coming(self, first: datetime, last: datetime) -> Coming:
        table, zone = appointments.c, self._plan.opening.zone
        chosen = table.starts_at >= first, table.starts_at < last, table.status == Status.BOOKED
        wanted = select(table.appointment_id, table.person_key, table.starts_at).where(*chosen)
        ordered = wanted.order_by(table.starts_at, table.appointment_id)
        async with transaction(self._database, "appointments cannot be read") as connection:
            rows = (await connection.execute(ordered)).all()
        return Coming(
            tuple(
                Upcoming(
                    id=row.appointment_id,
                    person=PersonKey(row.person_key),
                    start=row.starts_at.astimezone(zone),
                )
                for row in rows
            )
        )

    async def _board(
        self,
        connection: AsyncConnection,
        service: Service,
        window: Window,
        now: datetime,
        without: str | None = None,
    ) -> Board:
        taken = await busy(connection, reach(self._plan, window, now), without)
        return Board(self._plan, service, taken, now)

    # -- changing ------------------------------------------------------------------------------

    async def _book(self, service: Service, request: Request) -> Booked | Refusal | Away:
        now, plan = self._clock(), self._plan
        start = plan.near(request.start, now)
        async with transaction(self._database, "nothing can be booked") as connection:
            if not await hold_call(connection, request.call_id):
                return Away()  # the call was erased: nothing new is written about it
            await take_turn(connection)
            same = of(request.person.key), appointments.c.request_sha256 == _sha256(request.key)
            row = (await connection.execute(select(appointments).where(*same))).one_or_none()
            if row is not None:
                return Booked(await self._rows.one(connection, row))
            board = await self._board(connection, service, day_of(plan, start), now)
            why = plan.why_not(service, start, now)
            resource = board.resource(start) if why is None else None
            if resource is not None:
                slot = plan.slot(service, start)
                made = Appointment(
                    id=uuid4().hex,
                    service=service.id,
                    resource=resource.id,
                    start=slot.start,
                    end=slot.end,
                    person=request.person,
                    call_id=request.call_id,
                    note=request.note,
                )
                await self._rows.write(connection, made, _sha256(request.key), now)
                await take(connection, made, service)
                return Booked(made)
        # What else is free is looked for once others may write again.
        return board.refuse(why or Taken(), start)

    async def _move(
        self, appointment: str, person: PersonKey, start: datetime
    ) -> Moved | Refusal | NotYours | Unknown:
        now, plan = self._clock(), self._plan
        start = plan.near(start, now)
        async with transaction(self._database, "no appointment can be moved") as connection:
            row = await held(connection, appointment, person)
            if row is None or row.status != Status.BOOKED:
                return NotYours()
            service = plan.services.get(row.service)
            if service is None:
                return Unknown()
            if row.starts_at == start.astimezone(UTC):
                return Moved(await self._rows.one(connection, row))
            if row.starts_at <= now:
                return InPast()
            board = await self._board(
                connection, service, day_of(plan, start), now, without=appointment
            )
            why = plan.why_not(service, start, now)
            resource = board.resource(start, row.resource) if why is None else None
            if resource is not None:
                slot = plan.slot(service, start)
                moved = replace(
                    await self._rows.one(connection, row),
                    start=slot.start,
                    end=slot.end,
                    resource=resource.id,
                    participation=Participation.NEEDS_ACTION,
                    version=row.version + 1,
                )
                await let_go(connection, appointment)
                await change(connection, moved, over_at=moved.end)
                await take(connection, moved, service)
                return Moved(moved)
        return board.refuse(why or Taken(), start)

    async def _cancel(self, appointment: str, person: PersonKey) -> Cancelled | InPast | NotYours:
        now = self._clock()
        async with transaction(self._database, "no appointment can be cancelled") as connection:
            row = await held(connection, appointment, person)
            if row is None:
                return NotYours()
            found = await self._rows.one(connection, row)
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
            await let_go(connection, appointment)
            # Whoever books the same again, in the same call, books anew.
            await change(connection, cancelled, over_at=now, request_sha256=None)
        return Cancelled(cancelled)

    async def _confirm(self, appointment: str, person: PersonKey) -> Confirmed | InPast | NotYours:
        async with transaction(self._database, "no appointment can be confirmed") as connection:
            row = await held(connection, appointment, person)
            if row is None or row.status != Status.BOOKED:
                return NotYours()
            found = await self._rows.one(connection, row)
            if found.participation is Participation.ACCEPTED:
                return Confirmed(found)
            if found.start <= self._clock():
                return InPast()
            confirmed = replace(found, participation=Participation.ACCEPTED)
            await change(connection, confirmed)
        return Confirmed(confirmed)


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
