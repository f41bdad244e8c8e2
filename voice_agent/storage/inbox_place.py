"""The inbox as a place of personal data (C20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing
from voice_agent.runtime.place import Erased, Subject
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.database import Database
from voice_agent.storage.inbox_entries import InboxEntries
from voice_agent.storage.place import DatabasePlace, look_up
from voice_agent.storage.tables import inbox_entries


class InboxPlace(DatabasePlace):
    """What was left for people in a person's calls, or with their number.

    Args:
        database: where it lies.
        keyring: opens its keys.
        pseudonyms: stand for the numbers.
    """

    name = "inbox"
    TABLES = (inbox_entries,)

    def __init__(self, database: Database, keyring: KeyRing, pseudonyms: Pseudonyms) -> None:
        super().__init__(database)
        self._rows = InboxEntries(keyring, pseudonyms.of)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """The entries, opened, with every number that is still there.

        Raises:
            SealDamaged, KeyMissing: one cannot be opened.
        """
        async with self._transaction() as connection:
            rows = await _of(connection, subject)
            found = await self._rows.opened(connection, rows)
        return [each.as_fields() for each in found]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete them and destroy their keys, dealt with or not."""
        del at
        async with self._transaction() as connection:
            return Erased(erased=await remove_entries(connection, subject))


async def remove_entries(connection: AsyncConnection, subject: Subject) -> int:
    """Remove what a person left, and the keys; says how many entries there were."""
    names = {row.entry_id for row in await _of(connection, subject)}
    return await InboxEntries.remove(connection, names)


async def _of(connection: AsyncConnection, subject: Subject) -> list[Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for column, identifiers in (
        (inbox_entries.c.call_id, subject.call_ids),
        (inbox_entries.c.pseudonym, subject.pseudonyms),
    ):
        for row in await look_up(connection, select(inbox_entries), column, identifiers):
            found[row.entry_id] = row
    return sorted(found.values(), key=lambda row: (row.filed_at, row.entry_id))
