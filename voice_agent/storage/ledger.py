"""The consent ledger in a database: append-only, a Merkle tree with signed heads (C13, C15).

Whatever waits to be written is written together: one transaction, one flush to the disk and one
signature for all of it. One process writes at a time, in whatever process it is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.ledger import LedgerUnavailable
from consent.receipt import ConsentRecord, Means, Receipt
from voice_agent.errors import VoiceAgentError
from voice_agent.keyring import KeyRing
from voice_agent.storage.appending import Acceptance, Append, Expiry, Request, Withdrawal
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.entries import Kind, entries_of, held_records
from voice_agent.storage.tables import consent_withdrawals
from voice_agent.storage.transaction import insert_new

log = structlog.get_logger(__name__)

MOST_TOGETHER: Final = 256
"""Entries written in one transaction."""


OF_ONE_CALL: Final = (IntegrityError, VoiceAgentError, ValueError)
"""What one call's entries or identifiers can be the fault of; anything else is the database's."""

_IDENTIFIER: Final = re.compile(r"[!-~]{1,64}")

_Waiting = tuple[Request, "asyncio.Future[Receipt | None]"]


def _now() -> datetime:
    return datetime.now(UTC)


class SqlConsentLedger:
    """Implements ``consent.ledger.ConsentLedger``.

    Args:
        database: where the entries lie.
        keyring: encrypts them and signs heads.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self, database: Database, keyring: KeyRing, clock: Callable[[], datetime] = _now
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._append = Append(keyring, clock)
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def commit(self, record: ConsentRecord) -> Receipt:
        """Write the record; see the port."""
        receipt = await self._write(Acceptance(record))
        if receipt is None:
            raise LedgerUnavailable("the consent of this call was withdrawn, or is over")
        return receipt

    async def withdraw(self, call_id: str, at: datetime, means: Means = Means.KEY) -> None:
        """Record the withdrawal; see the port.

        First the row that stops the call, for which nothing has to be opened; then the entry that
        proves it. An entry that cannot be written now is written when the consent is finished.
        """
        _insist(call_id)
        row = {"call_id": call_id, "withdrawn_at": at, "means": means}
        async with self._transaction() as connection:
            await insert_new(connection, consent_withdrawals, [row])
        try:
            await self._write(Withdrawal(call_id))
        except LedgerUnavailable:
            log.error("withdrawal_not_proved", call_id=call_id)

    async def expire(self, call_id: str, at: datetime) -> None:
        """Record that the consent ended with its call; see the port."""
        await self._write(Expiry(call_id, at))

    async def find(self, call_id: str) -> Receipt | None:
        """The receipt of a consent that still holds; see the port."""
        async with self._transaction() as connection:
            if await _withdrawn(connection, (call_id,)):
                return None
            entries = await entries_of(connection, (call_id,))
            held = await held_records(connection, self._keyring, entries)
        if not held or {entry.kind for entry in entries} != {Kind.GIVEN}:
            return None
        record = held[0].record
        return Receipt(record.record_id, record.call_id, record.purposes)

    async def withdrawn(self, call_ids: Collection[str]) -> frozenset[str]:
        """Which calls' consents were withdrawn; see the port."""
        if not call_ids:
            return frozenset()
        async with self._transaction() as connection:
            return await _withdrawn(connection, call_ids)

    async def settle(self) -> None:
        """Wait until nothing waits to be written any more."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self, request: Request) -> Receipt | None:
        """Have it written with whatever else waits; returns when it is on the disk."""
        _insist(*_identifiers(request))
        written: asyncio.Future[Receipt | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        return await written

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            # Who does not wait any more was told that it was not saved.
            batch = [(request, written) for request, written in batch if not written.done()]
            try:
                await self._write_batch(batch)
            finally:
                for _, written in batch:
                    _settle(written, LedgerUnavailable("the ledger stopped writing"))

    async def _write_batch(self, batch: list[_Waiting]) -> None:
        try:
            receipts = await self._write_together([request for request, _ in batch])
        except LedgerUnavailable as fault:
            if len(batch) == 1 or not isinstance(fault.__cause__, OF_ONE_CALL):
                for _, written in batch:
                    _settle(written, fault)
                return
            # Something about one call: that costs this call its answer, not the others.
            half = len(batch) // 2
            await self._write_batch(batch[:half])
            await self._write_batch(batch[half:])
        else:
            for (_, written), receipt in zip(batch, receipts, strict=True):
                _settle(written, receipt)

    async def _write_together(self, requests: Sequence[Request]) -> list[Receipt | None]:
        if not requests:
            return []
        async with self._transaction() as connection:
            await _lock(connection)
            return await self._append(connection, requests)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.begin() as connection:
                yield connection
        except (*FAULTS, VoiceAgentError, ValueError) as error:
            # The cause's own words may hold what was written.
            raise LedgerUnavailable(f"the ledger cannot be used: {type(error).__name__}") from error


def _insist(*identifiers: str) -> None:
    """A database would refuse what is no identifier, and with it whatever is written together."""
    if not all(_IDENTIFIER.fullmatch(each) for each in identifiers):
        raise LedgerUnavailable("an identifier of this call is none")


def _identifiers(request: Request) -> tuple[str, ...]:
    if isinstance(request, Acceptance):
        return request.call_id, request.record.record_id
    return (request.call_id,)


def _settle(
    written: asyncio.Future[Receipt | None], outcome: Receipt | LedgerUnavailable | None
) -> None:
    if written.done():
        return
    if isinstance(outcome, LedgerUnavailable):
        written.set_exception(outcome)
    else:
        written.set_result(outcome)


_LOCK: Final = 0x_C0_45_E7
"""Names the ledger among PostgreSQL's advisory locks."""


async def _lock(connection: AsyncConnection) -> None:
    """One writer at a time, in whatever process; freed at the end of the transaction."""
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


async def _withdrawn(connection: AsyncConnection, call_ids: Collection[str]) -> frozenset[str]:
    column = consent_withdrawals.c.call_id
    found = await connection.scalars(select(column).where(column.in_(call_ids)))
    return frozenset(found.all())
