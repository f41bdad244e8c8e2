"""Calls that a worker took upon itself to make, and that did not come about."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.outbound.claim import Claim, Outcome
from voice_agent.outbound.reminder import State
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_attempts import CLAIMED, DIALLING, end, reopen
from voice_agent.storage.reminder_rows import finish
from voice_agent.storage.tables import reminder_attempts, reminders
from voice_agent.storage.transaction import scrub, transaction

_attempts: Final = reminder_attempts


class SqlUndialled:
    """Takes such calls back. Every method may raise ``RecordsUnavailable``.

    Where the carrier told of a call, it came about, whatever its answer was: nothing is changed.

    Args:
        database: where reminders lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def release(self, claim: Claim, again_at: datetime | None) -> bool:
        """Nobody was rung up: the attempt was none, and the line is free.

        Args:
            claim: the call.
            again_at: when it may be tried again, about the same appointments; ``None``: when it is
                planned again.

        Returns:
            False if there is nothing to take back.
        """
        async with self._transaction() as connection:
            await begin_writing(connection)
            mine = select(_attempts.c.reminder_id).where(_came_to_nothing(claim))
            ids = (await connection.scalars(mine.with_for_update())).all()
            if not ids:
                return False
            await connection.execute(delete(_attempts).where(_came_to_nothing(claim)))
            await reopen(connection, ids)
            if again_at is not None:
                await _due_again(connection, claim, again_at)
        return True

    async def give_up(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        """Nobody can be rung up at this number: its reminders are done, and it is deleted.

        Returns:
            As ``release``.
        """
        async with self._transaction() as connection:
            await begin_writing(connection)
            if not await end(connection, _came_to_nothing(claim), outcome, now):
                return False
            await finish(connection, [each.reminder for each in claim.appointments], outcome)
        await scrub(self._database)
        return True

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the list of reminders cannot be used")


def _came_to_nothing(claim: Claim) -> ColumnElement[bool]:
    return and_(
        _attempts.c.claim_id == claim.id,
        _attempts.c.state.in_((CLAIMED, DIALLING)),
        _attempts.c.call_id.is_(None),
    )


async def _due_again(connection: AsyncConnection, claim: Claim, at: datetime) -> None:
    """These are due at that moment, the further ones along with the first."""
    for each in claim.appointments:
        is_lead = each.reminder == claim.reminder
        change = update(reminders).where(
            reminders.c.reminder_id == each.reminder, reminders.c.state == State.OPEN
        )
        await connection.execute(
            change.values(next_at=at if is_lead else None, lead_id=claim.reminder)
        )
