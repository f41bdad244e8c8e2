"""Rows of reminders: what they hold, and the number sealed with a key of its own (C17)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.outreach import Means, ReminderConsent
from voice_agent.keyring import KeyMissing, KeyRing, SealDamaged, seal, unseal
from voice_agent.outbound.reminder import Reminder, State
from voice_agent.outbound.reminder_file import WantedReminder
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.place import parts
from voice_agent.storage.tables import data_keys, reminders
from voice_agent.storage.transaction import insert_new
from voice_agent.tools.appointment import PersonKey

log = structlog.get_logger(__name__)

_NUMBER = KeyKind.REMINDER_NUMBER


class ReminderRows:
    """Writes rows and opens their numbers, within the caller's transaction.

    Args:
        keyring: wraps the keys.
    """

    def __init__(self, keyring: KeyRing) -> None:
        self._keys = DataKeys(keyring)

    async def write(
        self,
        connection: AsyncConnection,
        wanted: Mapping[str, WantedReminder],
        pseudonyms: Mapping[str, str],
        at: datetime,
    ) -> None:
        """Write new ones; one that another worker has just written stays as it is.

        Args:
            connection: within its transaction.
            wanted: the reminders by their keys, see ``key_of``.
            pseudonyms: of their numbers, by the same keys.
            at: the present.
        """
        made, rows = [], []
        for key, each in wanted.items():
            data_key, row = self._keys.make(key, _NUMBER, at)
            made.append(row)
            rows.append(
                {
                    "reminder_id": key,
                    "source_sha256": source_of(each),
                    "pseudonym": pseudonyms[key],
                    "sealed_number": seal(data_key, each.number.e164.encode(), _place(key)),
                    "number_until": each.starts_at,
                    "country": each.number.country,
                    "textable": each.number.textable,
                    "appointment_id": each.appointment,
                    "customer": each.customer,
                    "starts_at": each.starts_at,
                    "language": each.language,
                    "consent_at": each.consent.given_at,
                    "consent_means": each.consent.means,
                    "consent_text": each.consent.text,
                    "state": State.OPEN,
                    "noted_at": at,
                }
            )
        await insert_new(connection, data_keys, made)
        await insert_new(connection, reminders, rows)

    async def numbers(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> dict[str, str]:
        """The numbers that are still there, by reminder.

        Raises:
            SealDamaged, KeyMissing: one cannot be opened.
        """
        sealed = {
            row.reminder_id: row.sealed_number for row in rows if row.sealed_number is not None
        }
        found: dict[str, str] = {}
        for some in parts(sealed):
            keys = await self._keys.get_all(connection, some, _NUMBER)
            for name in some:
                if name not in keys:
                    raise SealDamaged("the key of a reminder's number is missing")
                found[name] = unseal(keys[name], sealed[name], _place(name)).decode()
        return found

    async def readable(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> dict[str, str]:
        """The numbers that can be opened, likewise; of another one the log says so.

        One that is damaged keeps nobody else from being rung up.
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


def key_of(wanted: WantedReminder) -> str:
    """Names a reminder: another time of the same appointment is another reminder."""
    named = f"{source_of(wanted)} {wanted.starts_at.isoformat()}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def source_of(wanted: WantedReminder) -> str:
    """The company's name for a reminder, as it is kept."""
    return hashlib.sha256(wanted.source.encode()).hexdigest()


def reminder_of(row: Row[Any], attempts: int, last_at: datetime | None) -> Reminder:
    """A row as planning sees it.

    Args:
        row: of the reminders.
        attempts: how often somebody was rung up about it.
        last_at: when the same person was rung up last, about whatever it was.
    """
    return Reminder(
        key=row.reminder_id,
        person=row.pseudonym,
        starts_at=row.starts_at,
        consent=ReminderConsent(
            given_at=row.consent_at, means=Means(row.consent_means), text=row.consent_text
        ),
        country=row.country,
        textable=row.textable,
        appointment=row.appointment_id,
        customer=None if row.customer is None else PersonKey(row.customer),
        language=row.language,
        attempts=attempts,
        last_at=last_at,
        state=State(row.state),
    )


async def hold(connection: AsyncConnection, reminder_ids: Collection[str]) -> None:
    """Hold these until the transaction ends: whoever changes several holds them in one order.

    Else two would wait for each other, and the server would end one of them: a carrier's word, say.
    """
    for some in parts(reminder_ids):
        mine = reminders.c.reminder_id.in_(some)
        wanted = select(reminders.c.reminder_id).where(mine).order_by(reminders.c.reminder_id)
        await connection.execute(wanted.with_for_update())


async def finish(connection: AsyncConnection, reminder_ids: Collection[str], outcome: str) -> None:
    """These are done: their numbers go at once, with the keys."""
    await hold(connection, reminder_ids)
    for some in parts(reminder_ids):
        done = update(reminders).where(reminders.c.reminder_id.in_(some))
        await connection.execute(
            done.values(
                state=State.DONE, outcome=outcome, sealed_number=None, next_at=None, lead_id=None
            )
        )
        await DataKeys.destroy(connection, some, _NUMBER)


async def remove(connection: AsyncConnection, reminder_ids: Collection[str]) -> int:
    """Remove reminders with their keys; says how many there were. Attempts at them stay."""
    gone = 0
    for some in parts(reminder_ids):
        await DataKeys.destroy(connection, some, _NUMBER)
        chosen = reminders.c.reminder_id.in_(some)
        gone += (await connection.execute(delete(reminders).where(chosen))).rowcount
    return gone


def _place(reminder_id: str) -> str:
    """Where what was sealed opens, and nowhere else."""
    return f"reminders/{reminder_id}"
