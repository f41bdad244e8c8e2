"""Rows of appointments: whom one is for is sealed with the appointment's own key (C17)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing, SealDamaged, seal, unseal
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.tables import appointments, data_keys
from voice_agent.tools.appointment import (
    Appointment,
    Participation,
    Person,
    PersonKey,
    Status,
)

_WRITERS_LOCK: Final = 0x63616C656E  # any number, the same in every version


class Appointments:
    """Writes and opens rows. Every method works within the caller's transaction.

    Args:
        keyring: wraps the keys.
        pseudonym_of: the pseudonym of a telephone number.
        zone: the calendar's time zone.
    """

    def __init__(self, keyring: KeyRing, pseudonym_of: Callable[[str], str], zone: tzinfo) -> None:
        self._keys = DataKeys(keyring)
        self._pseudonym_of = pseudonym_of
        self._zone = zone

    async def write(
        self, connection: AsyncConnection, made: Appointment, request: str, at: datetime
    ) -> None:
        """Write a new one.

        Args:
            connection: within its transaction.
            made: the appointment.
            request: SHA-256 of what names the booking.
            at: the present.
        """
        key, row = self._keys.make(made.id, KeyKind.APPOINTMENT, at)
        await connection.execute(insert(data_keys).values(row))
        phone = made.person.phone
        said = {"name": made.person.name, "phone": phone, "note": made.note}
        values = {
            "appointment_id": made.id,
            "person_key": made.person.key,
            "request_sha256": request,
            "call_id": made.call_id,
            "pseudonym": None if phone is None else self._pseudonym_of(phone),
            "service": made.service,
            "resource": made.resource,
            "starts_at": made.start,
            "ends_at": made.end,
            "over_at": made.end,
            "status": made.status,
            "participation": made.participation,
            "version": made.version,
            "sealed": seal(key, json.dumps(said).encode(), _place(made.id)),
            "made_at": at,
        }
        await connection.execute(insert(appointments).values(values))

    async def one(self, connection: AsyncConnection, row: Row[Any]) -> Appointment:
        """A row, opened.

        Raises:
            SealDamaged, KeyMissing: it cannot be opened.
        """
        (found,) = await self.opened(connection, [row])
        return found

    async def opened(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> tuple[Appointment, ...]:
        """Rows, opened; see ``one``."""
        names = [row.appointment_id for row in rows]
        keys = await self._keys.get_all(connection, names, KeyKind.APPOINTMENT)
        return tuple(self._opened(row, keys.get(row.appointment_id)) for row in rows)

    def _opened(self, row: Row[Any], key: bytes | None) -> Appointment:
        if key is None:
            raise SealDamaged("the key of an appointment is missing")
        said = json.loads(unseal(key, row.sealed, _place(row.appointment_id)))
        person = Person(key=PersonKey(row.person_key), name=said["name"], phone=said["phone"])
        return Appointment(
            id=row.appointment_id,
            service=row.service,
            resource=row.resource,
            start=row.starts_at.astimezone(self._zone),
            end=row.ends_at.astimezone(self._zone),
            person=person,
            call_id=row.call_id,
            note=said["note"],
            status=Status(row.status),
            participation=Participation(row.participation),
            version=row.version,
        )


def _place(appointment: str) -> str:
    """Where what was sealed opens, and nowhere else."""
    return f"appointments/{appointment}"


def of(person: PersonKey) -> ColumnElement[bool]:
    """The rows of this person."""
    return appointments.c.person_key == person


async def take_turn(connection: AsyncConnection) -> None:
    """Be the only writer of the calendar until the transaction ends, as SQLite's writers are."""
    if connection.dialect.name != "sqlite":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})"))


async def held(connection: AsyncConnection, appointment: str, person: PersonKey) -> Row[Any] | None:
    """An appointment of this person, which nobody else changes until the transaction ends."""
    await begin_writing(connection)
    await take_turn(connection)
    mine = select(appointments).where(appointments.c.appointment_id == appointment, of(person))
    return (await connection.execute(mine.with_for_update())).one_or_none()


async def change(connection: AsyncConnection, changed: Appointment, **values: Any) -> None:
    """Write down another state of an appointment, and whatever else has changed with it."""
    written = update(appointments).where(appointments.c.appointment_id == changed.id)
    await connection.execute(
        written.values(
            resource=changed.resource,
            starts_at=changed.start,
            ends_at=changed.end,
            status=changed.status,
            participation=changed.participation,
            version=changed.version,
            **values,
        )
    )
