"""Appointments noted for whoever wants them in writing, and the links to them, in a database.

The database holds hashes of tokens: who reads it opens no link. What is noted says when something
is done and in which call that was arranged, and of nobody a name or a number.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, case, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.errors import VoiceAgentError
from voice_agent.runtime.records import UnknownCall
from voice_agent.storage.call_lock import begin_writing, hold_call
from voice_agent.storage.database import Database
from voice_agent.storage.tables import confirmations
from voice_agent.storage.transaction import transaction
from voice_agent.tools.appointment import Appointment, Status
from voice_agent.tools.confirmation import Noted

log = structlog.get_logger(__name__)

OFFERED: Final = timedelta(hours=6)
"""So long after a booking its link can still be asked for: no call lasts longer."""

LINK_LIFETIME: Final = timedelta(days=90)
"""A link is good until its appointment is over, and for no longer than this."""

NOTE_LIMIT: Final = 1.0
"""Seconds a note may take: the caller waits for the word that the appointment is booked."""

MOST_LOOKUPS: Final = 8
"""Links looked up at once: however many guess, the database serves calls as well."""

_TOKEN_BYTES: Final = 16


class SqlConfirmations:
    """Implements ``voice_agent.tools.confirmation.Changes`` and ``Confirmations`` of the runtime.

    Args:
        database: where they lie.
        clock: the wall clock, timezone-aware.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._lookups = asyncio.Semaphore(MOST_LOOKUPS)

    # -- what calls change ---------------------------------------------------------------------

    async def changed(self, appointment: Appointment, call_id: str) -> None:
        """See the port. Links that other calls sent lead to the appointment as it is now."""
        now = self._clock()
        async with self._noting() as connection:
            if not await hold_call(connection, call_id):
                return
            await connection.execute(delete(confirmations).where(confirmations.c.until <= now))
            table, end = confirmations.c, appointment.end.astimezone(UTC)
            state = {
                "service": appointment.service,
                "starts_at": appointment.start,
                "ends_at": appointment.end,
                "status": appointment.status,
                "version": appointment.version,
            }
            until = case((table.token_sha256.is_(None), table.until), else_=_until(end, now))
            same = table.appointment_id == appointment.id
            await connection.execute(update(confirmations).where(same).values(**state, until=until))
            mine = update(confirmations).where(same, table.call_id == call_id)
            if (await connection.execute(mine.values(noted_at=now))).rowcount == 0:
                row = {
                    "call_id": call_id,
                    "appointment_id": appointment.id,
                    "noted_at": now,
                    "until": now + OFFERED,
                }
                await connection.execute(insert(confirmations).values(**state, **row))

    async def cancelled(self, appointment: str) -> None:
        """See the port. A link leads to what takes the appointment out of a calendar again."""
        table = confirmations.c
        change = update(confirmations).where(
            table.appointment_id == appointment, table.status == Status.BOOKED
        )
        async with self._noting() as connection:
            await begin_writing(connection)
            await connection.execute(
                change.values(status=Status.CANCELLED, version=table.version + 1)
            )

    async def latest(self, call_id: str) -> Noted | None:
        """What this call booked or moved last, if it stands and is still to come.

        Raises:
            RecordsUnavailable: the database is away.
        """
        async with self._transaction() as connection:
            row = await self._latest(connection, call_id, self._clock())
        return None if row is None else _noted(row)

    # -- the link ------------------------------------------------------------------------------

    async def mint(self, call_id: str, language: str, number: str, at: datetime) -> str:
        """Make a link to what the call arranged last; see the port. The number is not kept."""
        del language, number
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        async with self._transaction() as connection:
            held = await hold_call(connection, call_id)
            row = await self._latest(connection, call_id, at) if held else None
            if row is None:
                raise UnknownCall("there is no such call any more, or no appointment of it")
            change = update(confirmations).where(
                confirmations.c.call_id == call_id,
                confirmations.c.appointment_id == row.appointment_id,
            )
            values = {"token_sha256": _digest(token), "until": _until(row.ends_at, at)}
            await connection.execute(change.values(values))
        return token

    async def drop(self, call_id: str) -> None:
        """Forget the link of a call: the message was certainly not sent."""
        change = update(confirmations).where(confirmations.c.call_id == call_id)
        async with self._transaction() as connection:
            until = self._clock() + OFFERED
            await connection.execute(change.values(token_sha256=None, until=until))

    async def find(self, token: str) -> Noted | None:
        """The appointment a link leads to; ``None`` if it is wrong, or its time is over.

        Raises:
            RecordsUnavailable: the database is away.
        """
        wanted = select(confirmations).where(
            confirmations.c.token_sha256 == _digest(token), confirmations.c.until > self._clock()
        )
        async with self._lookups, self._transaction() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else _noted(row)

    @staticmethod
    async def _latest(connection: AsyncConnection, call_id: str, now: datetime) -> Row[Any] | None:
        table = confirmations.c
        wanted = select(confirmations).where(
            table.call_id == call_id, table.status == Status.BOOKED, table.ends_at > now
        )
        newest = wanted.order_by(table.noted_at.desc(), table.appointment_id).limit(1)
        return (await connection.execute(newest)).one_or_none()

    @asynccontextmanager
    async def _noting(self) -> AsyncIterator[AsyncConnection]:
        """A transaction whose failure leaves only a note unwritten."""
        try:
            async with asyncio.timeout(NOTE_LIMIT), self._transaction() as connection:
                yield connection
        except TimeoutError:
            log.warning("confirmation_not_noted", code="timeout")
        except VoiceAgentError as fault:
            log.warning("confirmation_not_noted", code=fault.code)

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the confirmations of appointments cannot be used")


def _until(end: datetime, now: datetime) -> datetime:
    return min(end.astimezone(UTC), now + LINK_LIFETIME)


def _noted(row: Row[Any]) -> Noted:
    return Noted(
        id=row.appointment_id,
        service=row.service,
        start=row.starts_at,
        end=row.ends_at,
        status=Status(row.status),
        version=row.version,
    )


def _digest(token: str) -> str:
    # A token from outside may hold lone surrogates; it is refused like any other wrong one.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
