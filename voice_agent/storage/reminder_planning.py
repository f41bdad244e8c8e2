"""What planning reads of reminders, and writes down of the plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.outbound.plan import Known, PlannedCall
from voice_agent.outbound.reminder import Reminder, State
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.place import known
from voice_agent.storage.reminder_attempts import going_on, is_made, is_paused, last_made
from voice_agent.storage.reminder_rows import hold, reminder_of
from voice_agent.storage.tables import do_not_call, reminder_attempts, reminders

PART: Final = 500
"""Reminders that are read at once."""

IS_OPEN: Final = reminders.c.state == State.OPEN
"""Reminders that nobody has taken, and that are not done."""

_READ: Final = tuple(column for column in reminders.c if column.name != "sealed_number")


async def read_all(
    connection: AsyncConnection,
    pseudonyms: Pseudonyms,
    starts: Mapping[str, datetime | None],
    until: datetime | None = None,
) -> tuple[list[Reminder], Known]:
    """Every reminder that is not done, and what is known beside them.

    Read a part at a time, because people may be talking here: all at once would hold the event loop
    for seconds, and a server would not have answered in time.

    Args:
        connection: within its transaction.
        pseudonyms: stand for numbers.
        starts: when appointments begin now; see ``Known``.
        until: only reminders of appointments that begin earlier; all if left out.
    """
    found: list[Reminder] = []
    listed: set[str] = set()
    wanted = select(*_READ).where(reminders.c.state != State.DONE)
    if until is not None:
        wanted = wanted.where(reminders.c.starts_at < until)
    ordered = wanted.order_by(reminders.c.reminder_id).limit(PART)
    rows = (await connection.execute(ordered)).all()
    while rows:
        found += await _with_attempts(connection, rows)
        listed |= await _listed(connection, pseudonyms, {row.pseudonym for row in rows})
        after = ordered.where(reminders.c.reminder_id > rows[-1].reminder_id)
        rows = (await connection.execute(after)).all()
    known_now = Known(
        listed=frozenset(listed),
        starts=starts,
        running=await going_on(connection),
        last_dial=await last_made(connection),
        paused=await is_paused(connection),
    )
    return found, known_now


async def write_down(connection: AsyncConnection, calls: Sequence[PlannedCall]) -> None:
    """Write down when these calls are due, and no others; who is taken meanwhile stays so."""
    rows = [
        {"key": key, "at": call.at if key == call.reminder else None, "lead": call.reminder}
        for call in calls
        for key in (call.reminder, *call.also)
    ]
    planned = IS_OPEN, reminders.c.lead_id.is_not(None)
    before = await connection.scalars(select(reminders.c.reminder_id).where(*planned))
    await hold(connection, {*before.all(), *(str(row["key"]) for row in rows)})
    fresh = update(reminders).where(*planned)
    await connection.execute(fresh.values(next_at=None, lead_id=None))
    if rows:
        mine = update(reminders).where(reminders.c.reminder_id == bindparam("key"), IS_OPEN)
        change = mine.values(next_at=bindparam("at"), lead_id=bindparam("lead"))
        await connection.execute(change, rows)


async def _with_attempts(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Reminder]:
    """These reminders with the attempts at them, and the last ones at their people."""
    by_reminder, by_person = reminder_attempts.c.reminder_id, reminder_attempts.c.pseudonym
    ids, people = [row.reminder_id for row in rows], [row.pseudonym for row in rows]
    made = await _grouped(connection, by_reminder, func.count(), ids)
    spoken = await _grouped(connection, by_person, func.max(reminder_attempts.c.claimed_at), people)
    return [
        reminder_of(row, made.get(row.reminder_id, 0), spoken.get(row.pseudonym)) for row in rows
    ]


async def _grouped(
    connection: AsyncConnection, column: Any, value: Any, among: Collection[str]
) -> dict[str, Any]:
    """Of attempts that were made a value, by this column."""
    wanted = select(column, value).where(is_made(), column.in_(among)).group_by(column)
    return {row[0]: row[1] for row in (await connection.execute(wanted)).all()}


async def _listed(
    connection: AsyncConnection, pseudonyms: Pseudonyms, people: Collection[str]
) -> frozenset[str]:
    """Who of these is on the do-not-call list, as far as one can tell without the number."""
    names = {name: each for each in people for name in pseudonyms.listed_as([each])}
    column = do_not_call.c.pseudonym
    return frozenset(names[name] for name in await known(connection, column, column, names))
