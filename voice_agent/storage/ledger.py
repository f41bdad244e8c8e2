"""The consent ledger in a database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.ledger import LedgerUnavailable
from consent.purpose import Purpose
from consent.receipt import ConsentRecord, Receipt
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.tables import consent_records, consent_withdrawals


class SqlConsentLedger:
    """Implements ``consent.ledger.ConsentLedger``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def commit(self, record: ConsentRecord) -> Receipt:
        """Write the record; see the port.

        Raises:
            LedgerUnavailable: it is not durable; or the consent of this call was withdrawn
                already, which no repeated webhook brings back.
        """
        row = {
            "record_id": record.record_id,
            "call_id": record.call_id,
            "purposes": sorted(record.purposes),
            "notice_version": record.notice_version,
            "language": record.language,
            "heard_ms": record.heard_ms,
            "key": record.key,
            "given_at": record.given_at,
            "software": record.software,
        }
        try:
            async with self._transaction() as connection:
                await connection.execute(insert(consent_records).values(row))
        except IntegrityError:
            pass  # the call has its record: a repeated webhook, perhaps in another worker
        receipt = await self.find(record.call_id)
        if receipt is None:
            raise LedgerUnavailable("the record was withdrawn, or never came to be")
        return receipt

    async def withdraw(self, call_id: str, at: datetime) -> None:
        """Record the withdrawal; see the port. The first time counts."""
        try:
            async with self._transaction() as connection:
                values = {"call_id": call_id, "withdrawn_at": at}
                await connection.execute(insert(consent_withdrawals).values(values))
        except IntegrityError:
            pass  # withdrawn before

    async def find(self, call_id: str) -> Receipt | None:
        """The receipt of a consent that still holds; see the port."""
        withdrawn = select(consent_withdrawals.c.call_id)
        holding = select(
            consent_records.c.record_id, consent_records.c.call_id, consent_records.c.purposes
        ).where(consent_records.c.call_id == call_id, consent_records.c.call_id.not_in(withdrawn))
        async with self._transaction() as connection:
            row = (await connection.execute(holding)).one_or_none()
        if row is None:
            return None
        purposes = frozenset(map(Purpose, row.purposes))
        return Receipt(row.record_id, row.call_id, purposes)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except FAULTS as error:
            raise LedgerUnavailable("the database did not take the consent record") from error
