"""Rows of consents to be reminded: the number sealed with a key of its own (C17)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.outreach import Means, ReminderConsent
from voice_agent.keyring import KeyMissing, KeyRing, SealDamaged, seal, unseal
from voice_agent.outbound.agreed import Agreed
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.place import parts
from voice_agent.storage.tables import data_keys, reminder_consents
from voice_agent.storage.transaction import insert_new

log = structlog.get_logger(__name__)

_KIND = KeyKind.REMINDER_CONSENT


class ConsentRows:
    """Writes rows and opens their numbers, within the caller's transaction.

    Args:
        keyring: wraps the keys.
    """

    def __init__(self, keyring: KeyRing) -> None:
        self._keys = DataKeys(keyring)

    async def write(
        self, connection: AsyncConnection, agreed: Agreed, pseudonym: str, at: datetime
    ) -> None:
        """Write a new one; one that another worker has just written stays as it is."""
        key, made = self._keys.make(agreed.person, _KIND, at)
        await insert_new(connection, data_keys, [made])
        values = {
            "person_key": agreed.person,
            "pseudonym": pseudonym,
            "sealed_number": seal(key, agreed.number.encode(), _place(agreed.person)),
            "language": agreed.language,
            "given_at": agreed.consent.given_at,
            "means": agreed.consent.means,
            "text": agreed.consent.text,
            "noted_at": at,
        }
        await insert_new(connection, reminder_consents, [values])

    async def numbers(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> dict[str, str]:
        """The numbers that are still there, by person.

        Raises:
            SealDamaged, KeyMissing: one cannot be opened.
        """
        sealed = {
            row.person_key: row.sealed_number for row in rows if row.sealed_number is not None
        }
        found: dict[str, str] = {}
        for some in parts(sealed):
            there = await self._keys.get_all(connection, some, _KIND)
            for name in some:
                if name not in there:
                    raise SealDamaged("the key of a number is missing")
                found[name] = unseal(there[name], sealed[name], _place(name)).decode()
        return found

    async def readable(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> dict[str, str]:
        """The numbers that can be opened, likewise; of another one the log says so.

        One that is damaged keeps nobody else from being reminded.
        """
        try:
            return await self.numbers(connection, rows)
        except (KeyMissing, SealDamaged) as fault:
            if len(rows) == 1:
                log.error("number_not_opened", code=fault.code)
                return {}
        found: dict[str, str] = {}
        for row in rows:
            found |= await self.readable(connection, [row])
        return found


def consent_of(row: Row[Any]) -> ReminderConsent:
    """The consent a row holds."""
    return ReminderConsent(
        given_at=row.given_at,
        means=Means(row.means),
        text=row.text,
        withdrawn_at=row.withdrawn_at,
    )


async def withdraw(connection: AsyncConnection, chosen: ColumnElement[bool], at: datetime) -> int:
    """End these consents, within a transaction; the numbers go at once, with their keys.

    That there was one and that it was withdrawn stays, so that no file brings it back.
    """
    holds = reminder_consents.c.withdrawn_at.is_(None)
    wanted = select(reminder_consents.c.person_key).where(chosen, holds).with_for_update()
    people = (await connection.scalars(wanted)).all()
    for some in parts(people):
        await DataKeys.destroy(connection, some, _KIND)
        change = update(reminder_consents).where(of_people(some))
        await connection.execute(change.values(withdrawn_at=at, sealed_number=None))
    return len(people)


async def remove_consents(connection: AsyncConnection, people: Collection[str]) -> int:
    """Remove consents with their keys; says how many there were."""
    gone = 0
    for some in parts(people):
        await DataKeys.destroy(connection, some, _KIND)
        change = delete(reminder_consents).where(of_people(some))
        gone += (await connection.execute(change)).rowcount
    return gone


def of_people(people: Collection[str]) -> ColumnElement[bool]:
    """The rows of these people."""
    return reminder_consents.c.person_key.in_(people)


def _place(person: str) -> str:
    """Where what was sealed opens, and nowhere else."""
    return f"reminder_consents/{person}"
