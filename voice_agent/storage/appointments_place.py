"""Appointments as a place of personal data (C20)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing
from voice_agent.runtime.place import Erased, Subject
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.appointments import Appointments
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.place import DatabasePlace, look_up, parts
from voice_agent.storage.tables import appointment_granules, appointments, confirmations


class AppointmentsPlace(DatabasePlace):
    """Appointments that were booked in a person's calls, or with their number.

    Args:
        database: where they lie.
        keyring: opens their keys.
        pseudonyms: stand for the numbers.
    """

    name = "appointments"
    TABLES = (appointments, appointment_granules)

    def __init__(self, database: Database, keyring: KeyRing, pseudonyms: Pseudonyms) -> None:
        super().__init__(database)
        self._rows = Appointments(keyring, pseudonyms.of, UTC)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """The appointments, opened.

        Raises:
            SealDamaged, KeyMissing: one cannot be opened.
        """
        async with self._transaction() as connection:
            rows = await _of(connection, subject)
            found = await self._rows.opened(connection, rows)
        return [each.as_fields() for each in found]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete them and destroy their keys. One that is still to come is cancelled by it."""
        del at
        async with self._transaction() as connection:
            return Erased(erased=await remove_appointments(connection, subject))


async def remove_appointments(connection: AsyncConnection, subject: Subject) -> int:
    """Remove a person's appointments, and the keys; says how many appointments there were."""
    names = {row.appointment_id for row in await _of(connection, subject)}
    gone = 0
    for some in parts(names):
        await DataKeys.destroy(connection, some, KeyKind.APPOINTMENT)
        noted = confirmations.c.appointment_id.in_(some)
        await connection.execute(delete(confirmations).where(noted))
        mine = appointments.c.appointment_id.in_(some)
        gone += (await connection.execute(delete(appointments).where(mine))).rowcount
    return gone


async def _of(connection: AsyncConnection, subject: Subject) -> list[Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for column, identifiers in (
        (appointments.c.call_id, subject.call_ids),
        (appointments.c.pseudonym, subject.pseudonyms),
    ):
        for row in await look_up(connection, select(appointments), column, identifiers):
            found[row.appointment_id] = row
    return sorted(found.values(), key=lambda row: (row.starts_at, row.appointment_id))
