"""Calls to remind somebody, while they go on: what each is about, and what it has reached."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing
from voice_agent.outbound.claim import Appointment, Outcome
from voice_agent.outbound.errand import Errand
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_attempts import DIALLING, ENDED, end
from voice_agent.storage.reminder_rows import ReminderRows, finish
from voice_agent.storage.tables import reminder_attempts, reminders
from voice_agent.storage.transaction import transaction
from voice_agent.tools.appointment import PersonKey

_attempts: Final = reminder_attempts

_FOR_GOOD: Final = frozenset({Outcome.DECLINED, Outcome.WRONG_PERSON})
"""What nothing else takes the place of."""

_LEAST: Final = frozenset({Outcome.TOLD, Outcome.CONNECTED})
"""What takes the place of nothing else."""


class SqlErrands:
    """The calls that are being made (``Errands``).

    Args:
        database: where they lie.
        keyring: opens the numbers.
    """

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self._database = database
        self._rows = ReminderRows(keyring)

    async def answered(self, claim: str, call_id: str) -> Errand | None:
        """Somebody answered; see ``Errands``.

        Raises:
            SealDamaged, KeyMissing: the number cannot be opened.
        """
        mine = _attempts.c.claim_id == claim, _attempts.c.state == DIALLING
        free = or_(_attempts.c.call_id.is_(None), _attempts.c.call_id == call_id)
        async with self._transaction() as connection:
            await begin_writing(connection)
            change = update(_attempts).where(*mine, free).values(call_id=call_id)
            if (await connection.execute(change)).rowcount == 0:
                return None
            return await self._errand(connection, and_(*mine))

    async def of_call(self, call_id: str) -> Errand | None:
        """The errand of a call that is going on; see ``Errands``.

        Raises:
            SealDamaged, KeyMissing: the number cannot be opened.
        """
        mine = and_(_attempts.c.call_id == call_id, _attempts.c.state == DIALLING)
        async with self._transaction() as connection:
            return await self._errand(connection, mine)

    async def verified(self, claim: str, person: PersonKey) -> None:
        """Whoever answered proved to be this person."""
        mine = _attempts.c.claim_id == claim, _attempts.c.state == DIALLING
        async with self._transaction() as connection:
            await connection.execute(update(_attempts).where(*mine).values(verified=person))

    async def reached(self, claim: str, outcome: Outcome, reminder: str | None = None) -> None:
        """Write down what was reached so far; see ``Errands``.

        What comes after the carrier's word that the call is over counts as well.
        """
        mine = _attempts.c.claim_id == claim
        if reminder is not None:
            mine = and_(mine, _attempts.c.reminder_id == reminder)
        async with self._transaction() as connection:
            await begin_writing(connection)
            wanted = select(_attempts).where(mine).order_by(_attempts.c.reminder_id)
            for row in (await connection.execute(wanted.with_for_update())).all():
                if _replaces(outcome, row):
                    await self._write(connection, row, outcome)

    async def ended(self, claim: str, outcome: Outcome, now: datetime) -> bool:
        """The call is over; see ``SqlClaims.ended``."""
        async with self._transaction() as connection:
            await begin_writing(connection)
            mine = _attempts.c.claim_id == claim
            is_open = or_(_attempts.c.state == DIALLING, _attempts.c.outcome == Outcome.UNKNOWN)
            return await end(connection, and_(mine, is_open), outcome, now) > 0

    async def _write(self, connection: AsyncConnection, row: Row[Any], outcome: Outcome) -> None:
        values: dict[str, Any] = {"reached": outcome}
        if row.state == ENDED:
            values["outcome"] = outcome
            await finish(connection, [row.reminder_id], outcome)
        mine = _attempts.c.reminder_id == row.reminder_id, _attempts.c.attempt == row.attempt
        await connection.execute(update(_attempts).where(*mine).values(**values))

    async def _errand(
        self, connection: AsyncConnection, chosen: ColumnElement[bool]
    ) -> Errand | None:
        """The errand of these attempts, which are one claim's; ``None`` if there are none."""
        both = select(reminders, _attempts.c.claim_id, _attempts.c.verified).join(
            _attempts, _attempts.c.reminder_id == reminders.c.reminder_id
        )
        # Of several, the call is for the one whose number was dialled: the first.
        leads = _attempts.c.lead_id == reminders.c.reminder_id
        ordered = both.where(chosen).order_by(leads.desc(), reminders.c.starts_at)
        rows = (await connection.execute(ordered)).all()
        if not rows:
            return None
        lead = rows[0]
        number = (await self._rows.numbers(connection, [lead])).get(lead.reminder_id)
        if number is None:
            return None
        return Errand(
            claim=lead.claim_id,
            number=number,
            language=lead.language,
            appointments=_appointments(rows),
            person=None if lead.verified is None else PersonKey(lead.verified),
        )

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the list of reminders cannot be used")


def _replaces(outcome: Outcome, row: Row[Any]) -> bool:
    """True if this takes the place of what was reached before."""
    before = None if row.reached is None else Outcome(row.reached)
    if outcome in _FOR_GOOD or before is None:
        return before not in _FOR_GOOD
    return outcome not in _LEAST and before not in _FOR_GOOD


def _appointments(rows: Sequence[Row[Any]]) -> tuple[Appointment, ...]:
    return tuple(
        Appointment(
            reminder=row.reminder_id,
            starts_at=row.starts_at,
            appointment=row.appointment_id,
            person=None if row.customer is None else PersonKey(row.customer),
        )
        for row in rows
    )
