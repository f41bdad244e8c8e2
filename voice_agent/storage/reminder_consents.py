"""Consents to be reminded by telephone, in a database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing
from voice_agent.outbound.agreed import Agreed
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.do_not_call import is_listed
from voice_agent.storage.place import known, look_up
from voice_agent.storage.reminder_consent_rows import (
    ConsentRows,
    consent_of,
    of_people,
    remove_consents,
    withdraw,
)
from voice_agent.storage.tables import customers, reminder_consents
from voice_agent.storage.transaction import scrub, transaction
from voice_agent.tools.appointment import PersonKey

_WRITERS_LOCK: Final = 0x72656D6964  # any number, the same in every version


class SqlReminderConsents:
    """Implements ``voice_agent.outbound.agreed.ReminderConsents``.

    Args:
        database: where they lie.
        keyring: wraps the keys of the numbers.
        pseudonyms: stand for numbers.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        database: Database,
        keyring: KeyRing,
        pseudonyms: Pseudonyms,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._rows = ConsentRows(keyring)
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def put(self, agreed: Agreed) -> bool:
        """Write a consent down; see the port."""
        now, consent = self._clock(), agreed.consent
        async with self._transaction() as connection:
            await begin_writing(connection)
            await _take_turn(connection)
            if await self._is_anothers(connection, agreed.person, agreed.number):
                return False
            wanted = select(reminder_consents).where(of_people([agreed.person])).with_for_update()
            row = (await connection.execute(wanted)).one_or_none()
            ended = None if row is None else row.withdrawn_at
            if ended is not None and consent.given_at <= ended:
                return False
            await remove_consents(connection, [agreed.person])
            await self._rows.write(connection, agreed, self._pseudonyms.of(agreed.number), now)
            return True

    async def may_be_asked(self, person: PersonKey, number: str) -> bool:
        """Whether asking makes sense; see the port."""
        names = self._pseudonyms.listed_as(self._pseudonyms.all_of(number))
        async with self._transaction() as connection:
            if await self._is_anothers(connection, person, number):
                return False
            if await is_listed(connection, names):
                return False
            holds = reminder_consents.c.withdrawn_at.is_(None)
            wanted = select(reminder_consents.c.person_key).where(of_people([person]), holds)
            return (await connection.execute(wanted)).one_or_none() is None

    async def withdraw(self, person: PersonKey) -> bool:
        """End a consent; see the port."""
        async with self._transaction() as connection:
            await begin_writing(connection)
            done = await withdraw(connection, of_people([person]), self._clock()) > 0
        await scrub(self._database)
        return done

    async def of(self, people: Collection[PersonKey]) -> Mapping[PersonKey, Agreed]:
        """Consents that hold; see the port."""
        async with self._transaction() as connection:
            rows = [
                row
                for row in await look_up(
                    connection, select(reminder_consents), reminder_consents.c.person_key, people
                )
                if row.withdrawn_at is None
            ]
            numbers = await self._rows.readable(connection, rows)
        return {
            PersonKey(row.person_key): Agreed(
                person=PersonKey(row.person_key),
                number=numbers[row.person_key],
                language=row.language,
                consent=consent_of(row),
            )
            for row in rows
            if row.person_key in numbers
        }

    async def _is_anothers(
        self, connection: AsyncConnection, person: PersonKey, number: str
    ) -> bool:
        """True if our own directory knows the person, and by another number."""
        column = customers.c.pseudonym
        names = await known(connection, column, customers.c.customer_id, [person])
        return bool(names) and names.isdisjoint(self._pseudonyms.all_of(number))

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the consents to reminders cannot be used")


async def _take_turn(connection: AsyncConnection) -> None:
    """Be the only one who writes consents until the transaction ends, as SQLite's writers are.

    Two for the same person would else leave a number and the key of another one.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})"))
