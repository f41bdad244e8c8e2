"""Reminders as a place of personal data (C20)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing
from voice_agent.runtime.place import Erased, Subject
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.database import Database
from voice_agent.storage.place import (
    DatabasePlace,
    count,
    fields,
    known,
    look_up,
    parts,
)
from voice_agent.storage.reminder_consent_rows import ConsentRows, remove_consents
from voice_agent.storage.reminder_rows import ReminderRows, remove
from voice_agent.storage.tables import (
    do_not_call,
    reminder_attempts,
    reminder_consents,
    reminders,
)


class RemindersPlace(DatabasePlace):
    """A person's reminders, their consents, the attempts to ring them up, and that nobody may.

    Args:
        database: where they lie.
        keyring: opens the numbers.
        pseudonyms: stand for them.
    """

    name = "reminders"
    TABLES = (reminders, reminder_consents, reminder_attempts, do_not_call)

    def __init__(self, database: Database, keyring: KeyRing, pseudonyms: Pseudonyms) -> None:
        super().__init__(database)
        self._rows = ReminderRows(keyring)
        self._consents = ConsentRows(keyring)
        self._pseudonyms = pseudonyms

    async def find_calls(self, pseudonyms: Collection[str]) -> frozenset[str]:
        """The calls in which this person was to be reminded."""
        table = reminder_attempts
        async with self._transaction() as connection:
            return await known(connection, table.c.call_id, table.c.pseudonym, pseudonyms)

    async def find_pseudonyms(self, call_ids: Collection[str]) -> frozenset[str]:
        """Who was to be reminded in these calls."""
        table = reminder_attempts
        async with self._transaction() as connection:
            return await known(connection, table.c.pseudonym, table.c.call_id, call_ids)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """Reminders and consents with the number while it is kept, attempts, and the objection.

        Raises:
            SealDamaged, KeyMissing: a number cannot be opened.
        """
        names = self._pseudonyms.listed_as(subject.pseudonyms)
        async with self._transaction() as connection:
            rows = await look_up(
                connection, select(reminders), reminders.c.pseudonym, subject.pseudonyms
            )
            numbers = await self._rows.numbers(connection, rows)
            column = reminder_consents.c.pseudonym
            consents = await look_up(
                connection, select(reminder_consents), column, subject.pseudonyms
            )
            agreed = await self._consents.numbers(connection, consents)
            table = reminder_attempts
            attempts = await look_up(
                connection, select(table), table.c.pseudonym, subject.pseudonyms
            )
            listed = await look_up(connection, select(do_not_call), do_not_call.c.pseudonym, names)
        found = []
        for row in rows:
            shown = fields(reminders, row)
            del shown["sealed_number"]
            found.append(shown | {"number": numbers.get(row.reminder_id)})
        for row in consents:
            shown = fields(reminder_consents, row)
            del shown["sealed_number"]
            found.append(shown | {"number": agreed.get(row.person_key)})
        return [
            *found,
            *(fields(reminder_attempts, row) for row in attempts),
            *(fields(do_not_call, row) for row in listed),
        ]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete all but that the person must not be rung up (Art. 21(3))."""
        del at
        names = self._pseudonyms.listed_as(subject.pseudonyms)
        async with self._transaction() as connection:
            gone = await _remove_all(connection, subject)
            kept = await count(connection, do_not_call.c.pseudonym, names)
        return Erased(erased=gone, kept=kept, why="objection" if kept else None)


async def _remove_all(connection: AsyncConnection, subject: Subject) -> int:
    ids = await known(
        connection, reminders.c.reminder_id, reminders.c.pseudonym, subject.pseudonyms
    )
    gone = await remove(connection, ids)
    column = reminder_consents.c.pseudonym
    people = await known(connection, reminder_consents.c.person_key, column, subject.pseudonyms)
    gone += await remove_consents(connection, people)
    for column, identifiers in (
        (reminder_attempts.c.pseudonym, subject.pseudonyms),
        (reminder_attempts.c.call_id, subject.call_ids),
    ):
        for some in parts(identifiers):
            change = delete(reminder_attempts).where(column.in_(some))
            gone += (await connection.execute(change)).rowcount
    return gone
