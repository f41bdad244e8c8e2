"""The list of calls, in a database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.runtime.deletions import RecordKind
from voice_agent.runtime.message import LOST, MessageName, MessageStatus, SentMessage, earlier
from voice_agent.runtime.records import Direction, Disposition, RecordsUnavailable, UnknownCall
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.deletions import queue
from voice_agent.storage.tables import calls, message_counts, messages


class SqlCallBook:
    """Implements ``voice_agent.runtime.records.CallBook``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self,
        call_id: str,
        language: str,
        at: datetime,
        direction: Direction = Direction.INBOUND,
        *,
        pseudonym: str | None = None,
    ) -> bool:
        """Note a new call; see the port."""
        row = {
            "call_id": call_id,
            "language": language,
            "direction": direction,
            "disposition": Disposition.IN_NOTICE,
            "created_at": at,
            "pseudonym": pseudonym,
        }
        try:
            async with self._transaction() as connection:
                await connection.execute(insert(calls).values(row))
        except IntegrityError:
            return False
        return True

    async def connect(self, call_id: str, language: str) -> bool:
        """Connect a call in its notice; see the port. One statement: of several one wins."""
        change = (
            update(calls)
            .where(calls.c.call_id == call_id, calls.c.disposition == Disposition.IN_NOTICE)
            .values(disposition=Disposition.CONNECTED, language=language)
        )
        async with self._transaction() as connection:
            return (await connection.execute(change)).rowcount == 1

    async def set_disposition(
        self, call_id: str, disposition: Disposition, language: str | None = None
    ) -> None:
        """Note where the call stands; see the port."""
        values = {"disposition": disposition}
        change = (
            update(calls)
            .where(calls.c.call_id == call_id, calls.c.disposition != Disposition.ENDED)
            .values(values if language is None else {**values, "language": language})
        )
        async with self._transaction() as connection:
            if (await connection.execute(change)).rowcount == 0:
                await _insist(connection, call_id)

    async def disposition(self, call_id: str) -> Disposition | None:
        """Where the call stands; see the port."""
        async with self._transaction() as connection:
            found = await connection.scalar(
                select(calls.c.disposition).where(calls.c.call_id == call_id)
            )
        return None if found is None else Disposition(found)

    async def language(self, call_id: str) -> str | None:
        """The language noted last; see the port."""
        noted = select(calls.c.language).where(calls.c.call_id == call_id)
        async with self._transaction() as connection:
            found: str | None = await connection.scalar(noted)
        return found

    async def end(self, call_id: str, at: datetime) -> None:
        """Note that the call is over; see the port."""
        change = (
            update(calls)
            .where(calls.c.call_id == call_id)
            .values(disposition=Disposition.ENDED, ended_at=func.coalesce(calls.c.ended_at, at))
        )
        async with self._transaction() as connection:
            if (await connection.execute(change)).rowcount == 0:
                await _insist(connection, call_id)

    async def claim_message(self, call_id: str, kind: str, at: datetime) -> bool:
        """Take the right to send one message of a kind; see the port."""
        row = {"call_id": call_id, "kind": kind, "claimed_at": at}
        try:
            async with self._transaction() as connection:
                await connection.execute(insert(messages).values(row))
        except IntegrityError:
            async with self._transaction() as connection:
                await _insist(connection, call_id)
            return False
        return True

    async def release_message(self, call_id: str, kind: str) -> None:
        """Give the right back; see the port."""
        async with self._transaction() as connection:
            await connection.execute(delete(messages).where(_message(call_id, kind)))

    async def message_sent(self, call_id: str, kind: str, carrier_id: str, at: datetime) -> None:
        """Note the carrier's identifier; see the port."""
        change = update(messages).where(_message(call_id, kind)).values(carrier_id=carrier_id)
        async with self._transaction() as connection:
            if (await connection.execute(change)).rowcount == 0:
                await queue(connection, [(RecordKind.MESSAGE, carrier_id)], at)

    async def dialled(self, call_id: str, leg_id: str, at: datetime) -> None:
        """Note the carrier's identifier of the leg to the human; see the port."""
        change = update(calls).where(calls.c.call_id == call_id).values(dialled_id=leg_id)
        async with self._transaction() as connection:
            if (await connection.execute(change)).rowcount == 0:
                await queue(connection, [(RecordKind.CALL, leg_id)], at)

    async def message_reported(
        self, carrier_id: str, status: MessageStatus, error_code: int | None
    ) -> bool:
        """Note a report; see the port. One statement, so that of several at once the last wins."""
        async with self._transaction() as connection:
            return await _note_report(connection, carrier_id, status, error_code)

    async def message_reported_of(
        self,
        message: MessageName,
        carrier_id: str,
        status: MessageStatus,
        error_code: int | None,
        at: datetime,
    ) -> None:
        """Note a report of a message that is named; see the port."""
        mine = _message(message.call_id, message.kind)
        name = update(messages).where(mine, messages.c.carrier_id.is_(None))
        async with self._transaction() as connection:
            await connection.execute(name.values(carrier_id=carrier_id))
            if not await _note_report(connection, carrier_id, status, error_code):
                await queue(connection, [(RecordKind.MESSAGE, carrier_id)], at)

    async def message(self, call_id: str, kind: str) -> SentMessage | None:
        """How a message stands; see the port."""
        async with self._transaction() as connection:
            wanted = select(messages).where(_message(call_id, kind))
            row = (await connection.execute(wanted)).one_or_none()
        if row is None:
            return None
        status = None if row.status is None else MessageStatus(row.status)
        return SentMessage(status=status, error_code=row.error_code, told=row.told_at is not None)

    async def tell_loss(self, call_id: str, kind: str, at: datetime) -> bool:
        """Take the duty to tell the caller; see the port."""
        lost = messages.c.status.in_(LOST) & messages.c.told_at.is_(None)
        change = update(messages).where(_message(call_id, kind), lost).values(told_at=at)
        async with self._transaction() as connection:
            return (await connection.execute(change)).rowcount == 1

    async def count_message(self, pseudonym: str, at: datetime, most: int) -> bool:
        """Count a message to a number; see the port. Each try is one atomic step."""
        day = at.astimezone(UTC).date()
        first = {"pseudonym": pseudonym, "day": day, "count": 1}
        try:
            async with self._transaction() as connection:
                await connection.execute(delete(message_counts).where(message_counts.c.day < day))
                await connection.execute(insert(message_counts).values(first))
        except IntegrityError:  # not the day's first
            further = (
                update(message_counts)
                .where(
                    message_counts.c.pseudonym == pseudonym,
                    message_counts.c.day == day,
                    message_counts.c.count < most,
                )
                .values(count=message_counts.c.count + 1)
            )
            async with self._transaction() as connection:
                return (await connection.execute(further)).rowcount == 1
        return True

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except FAULTS as error:
            raise RecordsUnavailable("the list of calls cannot be read or written") from error


def _message(call_id: str, kind: str) -> ColumnElement[bool]:
    return (messages.c.call_id == call_id) & (messages.c.kind == kind)


async def _note_report(
    connection: AsyncConnection, carrier_id: str, status: MessageStatus, error_code: int | None
) -> bool:
    mine = messages.c.carrier_id == carrier_id
    change = (
        update(messages)
        .where(mine, or_(messages.c.status.is_(None), messages.c.status.in_(earlier(status))))
        .values(status=status, error_code=error_code)
    )
    if (await connection.execute(change)).rowcount:
        return True
    known = select(messages.c.call_id).where(mine)
    return await connection.scalar(known) is not None


async def _insist(connection: AsyncConnection, call_id: str) -> None:
    """Raise ``UnknownCall`` unless somebody began this call."""
    if await connection.scalar(select(calls.c.call_id).where(calls.c.call_id == call_id)) is None:
        raise UnknownCall("nobody began this call")
