"""Reminders made of the calendar's appointments, beside those that the company lists itself."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.outbound.agreed import Agreed
from voice_agent.outbound.number import read_number
from voice_agent.outbound.plan import Why
from voice_agent.outbound.reminder import State
from voice_agent.outbound.reminder_file import OF_CALENDAR, WantedReminder
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.place import look_up
from voice_agent.storage.reminder_rows import remove
from voice_agent.storage.tables import reminder_consents, reminders
from voice_agent.storage.transaction import scrub, transaction
from voice_agent.tools.appointment import PersonKey, Upcoming

_OFF: Final = frozenset({Why.CANCELLED, Why.MOVED})
"""A reminder that ended so is wanted again if its appointment is there again at that time."""

_COMPARED: Final = tuple(
    column for column in reminders.c if column.name not in {"sealed_number", "number_until"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is to be done so that reminders and appointments agree.

    Attributes:
        missing: of whom an appointment has no reminder, or another one than it should.
        again: reminders that had ended and whose appointment is there again.
        unwanted: reminders of people who do not want to be reminded any more.
        starts: when the appointments of all reminders begin now; ``None``: they are off.
    """

    missing: tuple[Upcoming, ...]
    again: tuple[str, ...]
    unwanted: tuple[str, ...]
    starts: Mapping[str, datetime | None]


class CalendarReminders:
    """Compares. Every method may raise ``RecordsUnavailable``.

    Nothing is opened for it: that there are thousands of appointments costs nothing more.

    Args:
        database: where reminders and consents lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def compare(self, coming: Sequence[Upcoming], last: datetime) -> Comparison:
        """Compare what the calendar says with the reminders there are.

        Args:
            coming: all appointments until ``last``.
            last: so far the calendar was looked at; of reminders beyond nothing is known.
        """
        column, ids = reminders.c.appointment_id, {each.id for each in coming}
        waits = column.is_not(None), reminders.c.state != State.DONE
        async with self._transaction() as connection:
            agreed = await _agreed(connection, {each.person for each in coming})
            rows = await look_up(connection, select(*_COMPARED), column, ids)
            waiting = select(column, reminders.c.starts_at).where(*waits)
            open_rows = (await connection.execute(waiting)).all()
        now_at = {each.id: each.start.astimezone(UTC) for each in coming}
        # Elsewhere, because people may be talking here.
        missing, again, unwanted = await asyncio.to_thread(_differing, coming, now_at, agreed, rows)
        return Comparison(
            missing=tuple(missing),
            again=tuple(again),
            unwanted=tuple(unwanted),
            starts={
                row.appointment_id: now_at.get(row.appointment_id)
                for row in open_rows
                if row.appointment_id in now_at or row.starts_at < last
            },
        )

    async def remove(self, reminder_ids: Sequence[str]) -> None:
        """Remove these reminders, with their numbers."""
        if not reminder_ids:
            return
        async with self._transaction() as connection:
            await begin_writing(connection)
            is_open = reminders.c.state != State.RUNNING
            wanted = select(reminders.c.reminder_id).where(is_open).with_for_update()
            rows = await look_up(connection, wanted, reminders.c.reminder_id, reminder_ids)
            await remove(connection, [row.reminder_id for row in rows])
        await scrub(self._database)

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the reminders cannot be used")


def wanted_reminder(upcoming: Upcoming, agreed: Agreed) -> WantedReminder | None:
    """The reminder of an appointment; ``None`` where the number is none any more."""
    number = read_number(agreed.number, "DE")
    if number is None:
        return None
    return WantedReminder(
        source=f"{OF_CALENDAR}{upcoming.id}",
        number=number,
        starts_at=upcoming.start.astimezone(UTC),
        consent=agreed.consent,
        appointment=upcoming.id,
        language=agreed.language,
        customer=upcoming.person,
    )


def _differing(
    coming: Sequence[Upcoming],
    now_at: Mapping[str, datetime],
    agreed: Mapping[str, Row[Any]],
    rows: Sequence[Row[Any]],
) -> tuple[list[Upcoming], list[str], list[str]]:
    """What is missing, wanted again and unwanted; see ``Comparison``."""
    ours = {row.appointment_id: row for row in rows if _is_ours(row)}
    listed = {(row.appointment_id, row.starts_at) for row in rows if not _is_ours(row)}
    missing, again, unwanted = list[Upcoming](), list[str](), list[str]()
    for each in coming:
        row, consent = ours.get(each.id), agreed.get(each.person)
        if consent is None:
            unwanted += [row.reminder_id] if row is not None and _is_open(row) else []
        elif (each.id, now_at[each.id]) in listed:
            continue
        elif row is None or row.starts_at != now_at[each.id]:
            missing.append(each)
        elif _is_open(row):
            missing += [] if _is_as(row, consent) else [each]
        elif row.outcome in _OFF:
            missing.append(each)
            again.append(row.reminder_id)
    return missing, again, unwanted


async def _agreed(
    connection: AsyncConnection, people: Collection[PersonKey]
) -> dict[str, Row[Any]]:
    """The consents of these people that hold."""
    column = reminder_consents.c.person_key
    rows = await look_up(connection, select(reminder_consents), column, people)
    return {row.person_key: row for row in rows if row.withdrawn_at is None}


def _is_ours(row: Row[Any]) -> bool:
    """True if a reminder was made of its appointment; else the company listed it."""
    named = hashlib.sha256(f"{OF_CALENDAR}{row.appointment_id}".encode()).hexdigest()
    return bool(row.source_sha256 == named)


def _is_open(row: Row[Any]) -> bool:
    return bool(row.state == State.OPEN)


def _is_as(reminder: Row[Any], consent: Row[Any]) -> bool:
    """True if a reminder is what this consent would make of it."""
    here = (
        reminder.customer,
        reminder.pseudonym,
        reminder.language,
        reminder.consent_at,
        reminder.consent_means,
        reminder.consent_text,
    )
    there = (
        consent.person_key,
        consent.pseudonym,
        consent.language,
        consent.given_at,
        consent.means,
        consent.text,
    )
    return here == there
