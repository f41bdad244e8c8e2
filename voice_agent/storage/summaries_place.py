"""Summaries of calls as a place of personal data (C20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from consent.receipt import moment
from voice_agent.keyring import KeyRing
from voice_agent.runtime.place import Erased, Subject
from voice_agent.runtime.summaries import as_fields
from voice_agent.storage.database import Database
from voice_agent.storage.place import DatabasePlace, look_up, remove
from voice_agent.storage.summaries import SummaryRows
from voice_agent.storage.tables import call_summaries


class SummariesPlace(DatabasePlace):
    """What is left to tell of a person's calls.

    Args:
        database: where it lies.
        keyring: opens the calls' keys.
    """

    name = "summaries"
    TABLES = (call_summaries,)

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        super().__init__(database)
        self._rows = SummaryRows(keyring)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """The summaries, opened.

        Raises:
            SealDamaged, KeyMissing: one cannot be opened.
        """
        wanted = select(call_summaries).order_by(call_summaries.c.began_at)
        async with self._transaction() as connection:
            rows = await look_up(connection, wanted, call_summaries.c.call_id, subject.call_ids)
            found = await self._rows.opened(connection, rows)
        return [
            {
                "record": "summary of a call",
                "call_id": row.call_id,
                "created_at": moment(row.began_at),
                "ended_at": moment(row.ended_at),
                **as_fields(summary),
            }
            for row, summary in zip(rows, found, strict=True)
        ]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete them; their key goes with the call's other contents."""
        del at
        async with self._transaction() as connection:
            gone = await remove(connection, call_summaries.c.call_id, subject.call_ids)
        return Erased(erased=gone)
