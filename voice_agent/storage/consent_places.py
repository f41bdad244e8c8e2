"""The proof of consent and the withdrawals, as places: both are kept (C15, C20)."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from consent.receipt import HeldRecord
from voice_agent.runtime.place import Erased, Subject
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.database import Database
from voice_agent.storage.place import DatabasePlace, count, fields, known, look_up
from voice_agent.storage.tables import consent_withdrawals, ledger_entries


class LedgerPlace(DatabasePlace):
    """The proof of consent, which is kept, and from the erasure on for nothing else.

    Args:
        database: where the ledger lies.
        archive: reads it.
    """

    name = "consent"
    TABLES = (ledger_entries,)

    def __init__(self, database: Database, archive: LedgerArchive) -> None:
        super().__init__(database)
        self._archive = archive

    async def find_calls(self, pseudonyms: Collection[str]) -> frozenset[str]:
        """The calls in which this person consented."""
        async with self._transaction() as connection:
            return await known(
                connection, ledger_entries.c.call_id, ledger_entries.c.pseudonym, pseudonyms
            )

    async def find_pseudonyms(self, call_ids: Collection[str]) -> frozenset[str]:
        """Who consented in these calls."""
        async with self._transaction() as connection:
            return await known(
                connection, ledger_entries.c.pseudonym, ledger_entries.c.call_id, call_ids
            )

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """Every record with what happened to it."""
        who = subject.pseudonyms | await self.find_pseudonyms(subject.call_ids)
        return [_held(each) for each in await self._archive.of_pseudonyms(who)]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Restrict the records (Art. 18 GDPR): they prove that what was done was agreed to."""
        async with self._transaction() as connection:
            await self._archive.restrict(connection, subject.call_ids, at)
            records = await known(
                connection, ledger_entries.c.record_id, ledger_entries.c.call_id, subject.call_ids
            )
        return Erased(kept=len(records), why="proof")


class WithdrawalsPlace(DatabasePlace):
    """Withdrawals: part of the proof, and what stops a call that is still running."""

    name = "withdrawals"
    TABLES = (consent_withdrawals,)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """Each withdrawal: which call, when, how."""
        table = consent_withdrawals
        async with self._transaction() as connection:
            rows = await look_up(connection, select(table), table.c.call_id, subject.call_ids)
        return [fields(table, row) for row in rows]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Keep them: without its withdrawal a consent would hold again."""
        del at
        async with self._transaction() as connection:
            kept = await count(connection, consent_withdrawals.c.call_id, subject.call_ids)
        return Erased(kept=kept, why="proof")


_RECORD: Final = "consent record"


def _held(held: HeldRecord) -> dict[str, Any]:
    record = json.loads(held.record.canonical())
    return {
        "record": _RECORD,
        **record,
        "events": [event.as_fields() for event in held.events],
        "state": held.state,
        "position": held.position,
        "restricted": held.restricted,
    }
