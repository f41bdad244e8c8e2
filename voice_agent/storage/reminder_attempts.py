"""Attempts at ringing people up, as rows: what is due, what was made, how it ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.reminder import State
from voice_agent.storage.place import parts
from voice_agent.storage.reminder_rows import finish, hold
from voice_agent.storage.tables import LEADS_AND_GOES_ON, outreach, reminder_attempts, reminders

KIND: Final = "reminders"
"""The row of ``outreach``."""

_LINES_LOCK: Final = 0x6C696E6573  # any number, the same in every version

CLAIMED, DIALLING, ENDED = "claimed", "dialling", "ended"
"""How far an attempt is."""

_attempts: Final = reminder_attempts
_GOES_ON: Final = _attempts.c.state.in_((CLAIMED, DIALLING))


def is_made() -> ColumnElement[bool]:
    """Attempts that were made: dialled, whatever became of them."""
    return _attempts.c.dialled_at.is_not(None)


async def is_paused(connection: AsyncConnection) -> bool:
    """True if somebody has stopped all reminders for now."""
    wanted = select(outreach.c.paused_at).where(outreach.c.kind == KIND)
    return await connection.scalar(wanted) is not None


async def pause_reason(connection: AsyncConnection) -> str | None:
    """Why all reminders are stopped; ``None`` unless they are, or where nobody wrote it down."""
    return await connection.scalar(select(outreach.c.reason).where(outreach.c.kind == KIND))


async def going_on(connection: AsyncConnection) -> int:
    """How many calls are claimed or being made."""
    # Each has one row that leads, and of those that go on there is an index: workers ask every
    # second, however many attempts were ever made.
    wanted = select(func.count()).select_from(_attempts).where(LEADS_AND_GOES_ON)
    return await connection.scalar(wanted) or 0


async def has_line(connection: AsyncConnection, at_once: int) -> bool:
    """True if another call may be claimed, of so many at once by all workers together.

    Workers count one after another, each until its transaction ends: two of them never take the
    same line. On SQLite they write one after another anyway.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(select(func.pg_advisory_xact_lock(_LINES_LOCK)))
    return await going_on(connection) < at_once


async def is_going_on(connection: AsyncConnection, pseudonyms: Collection[str]) -> bool:
    """True if this person is being rung up, or about to be."""
    mine = _attempts.c.pseudonym.in_(pseudonyms)
    return bool(await connection.scalar(select(func.count()).where(mine, _GOES_ON)))


async def next_due(connection: AsyncConnection, now: datetime) -> Row[Any] | None:
    """A reminder that is due, held until the transaction ends; those others hold are passed by."""
    wanted = (
        select(reminders)
        .where(reminders.c.state == State.OPEN, reminders.c.next_at <= now)
        .order_by(reminders.c.starts_at, reminders.c.reminder_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await connection.execute(wanted)).one_or_none()


async def count_made(connection: AsyncConnection, reminder_id: str) -> int:
    """How often somebody was rung up about it."""
    mine = _attempts.c.reminder_id == reminder_id
    return await connection.scalar(select(func.count()).where(mine, is_made())) or 0


async def last_made(connection: AsyncConnection) -> datetime | None:
    """When the last attempt that was made was claimed."""
    newest = select(_attempts.c.claimed_at).where(is_made()).order_by(_attempts.c.claimed_at.desc())
    return await connection.scalar(newest.limit(1))


async def end(
    connection: AsyncConnection, chosen: ColumnElement[bool], outcome: Outcome, now: datetime
) -> int:
    """End attempts, each with what it had reached, else with this; says how many there were."""
    wanted = select(_attempts).where(chosen).order_by(_attempts.c.reminder_id)
    rows = (await connection.execute(wanted.with_for_update())).all()
    for row in rows:
        became = outcome if row.reached is None else Outcome(row.reached)
        mine = (_attempts.c.reminder_id == row.reminder_id, _attempts.c.attempt == row.attempt)
        ended = {"state": ENDED, "outcome": became, "ended_at": now}
        await connection.execute(update(_attempts).where(*mine).values(**ended))
        if became.is_final:
            await finish(connection, [row.reminder_id], became)
        else:
            await reopen(connection, [row.reminder_id])
    return len(rows)


async def reopen(connection: AsyncConnection, reminder_ids: Sequence[str]) -> None:
    """These wait for the next plan; those that are done stay so, and those being dialled."""
    await hold(connection, reminder_ids)
    for some in parts(reminder_ids):
        mine = _attempts.c.reminder_id.in_(some)
        running = select(_attempts.c.reminder_id).where(mine, _GOES_ON)
        change = update(reminders).where(
            reminders.c.reminder_id.in_(some),
            reminders.c.state != State.DONE,
            ~reminders.c.reminder_id.in_(running),
        )
        await connection.execute(change.values(state=State.OPEN, next_at=None, lead_id=None))
