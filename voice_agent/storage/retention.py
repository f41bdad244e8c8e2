"""Deletes what has been kept long enough, as the retention table says (C19).

A row lives as long as the longest-lived of its columns; a column with a shorter period is cleared
before. Ledger entries are destroyed instead, so that the tree stays whole. With a call or message
its record at the carrier goes on the list of what that is to delete, in the same transaction. A
thousand rows a transaction, so that nobody waits long; a run that is cut off is completed by the
next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Table,
    and_,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.runtime.deletions import RecordKind
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.deletions import queue
from voice_agent.storage.due import ORDER, Due, Rules, ahead
from voice_agent.storage.tables import calls, ledger_entries, messages, notices
from voice_agent.storage.transaction import scrub, transaction

log = structlog.get_logger(__name__)

BATCH: Final = 1000
"""Rows of one transaction."""

SKEW: Final = timedelta(minutes=1)
"""So far the clocks of two workers may differ. Rows further ahead are told of: either they were
written by a clock that was wrong, or ours was set back."""

AT_CARRIER: Final[Mapping[Table, Mapping[Column[Any], RecordKind]]] = {
    calls: {calls.c.call_id: RecordKind.CALL, calls.c.dialled_id: RecordKind.CALL},
    messages: {messages.c.carrier_id: RecordKind.MESSAGE},
}
"""What the carrier calls its own records of a row."""


@dataclass(slots=True, kw_only=True)
class Sweep:
    """What is due, or was deleted.

    Attributes:
        rows: by table; of a column that is cleared by ``table.column``.
        ahead: rows from the future by table, where there are any; they are left alone.
    """

    rows: dict[str, int] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.rows.values())

    def as_fields(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {"rows": dict(self.rows), "ahead": dict(self.ahead)}


class Retention:
    """Enforces the table. Every method may raise ``RecordsUnavailable``.

    Several at once do no harm. A clock that was set back deletes nothing early: by it everything is
    younger than it is, and rows from its future are left alone.

    Args:
        database: where everything lies.
        archive: destroys ledger entries.
        rules: the retention table.
        clock: the wall clock, timezone-aware.
        has_carrier: a carrier is configured, which keeps records of its own.
        current_notice: version of the notice being played; it is noted that it still is.

    Raises:
        ConfigurationError: the table says what cannot be done; the message names the row.
    """

    def __init__(
        self,
        database: Database,
        archive: LedgerArchive,
        rules: Rules,
        clock: Callable[[], datetime],
        *,
        has_carrier: bool,
        current_notice: str | None = None,
    ) -> None:
        self._database = database
        self._archive = archive
        self._due = Due(rules)
        self._clock = clock
        self._has_carrier = has_carrier
        self._current_notice = current_notice

    async def plan(self) -> Sweep:
        """Count what is due, and delete nothing."""
        now = self._clock()
        sweep = Sweep(ahead=await rows_ahead(self._database, now))
        for table in ORDER:
            async with self._transaction() as connection:
                for name, due, _ in self._work(table, now):
                    sweep.rows[name] = await _count(connection, table, due)
        return sweep

    async def enforce(self) -> Sweep:
        """Delete what is due; then nothing of it can be read in the database's files either."""
        now = self._clock()
        await self._note_notice(now)
        sweep = Sweep(ahead=await rows_ahead(self._database, now))
        for name, count in sweep.ahead.items():
            log.warning("rows_ahead_of_clock", kind=name, count=count)
        for table in ORDER:
            for name, due, cleared in self._work(table, now):
                sweep.rows[name] = await self._sweep(table, due, cleared, now)
        for name, count in sweep.rows.items():
            if count:
                log.info("retention_enforced", kind=name, count=count)
        await scrub(self._database)
        return sweep

    def _work(
        self, table: Table, now: datetime
    ) -> list[tuple[str, ColumnElement[bool], str | None]]:
        """What to do with a table: name, rows, and the column to clear, or ``None`` to delete."""
        work: list[tuple[str, ColumnElement[bool], str | None]] = [
            (f"{table.name}.{column}", due, column)
            for column, due in self._due.columns(table, now).items()
        ]
        rows = self._due.rows(table, now)
        return work if rows is None else [*work, (table.name, rows, None)]

    async def _sweep(
        self, table: Table, due: ColumnElement[bool], cleared: str | None, now: datetime
    ) -> int:
        total = 0
        while True:
            async with self._transaction() as connection:
                looked_at, done = await self._batch(connection, table, due, cleared, now)
            total += done
            if looked_at < BATCH:
                return total

    async def _batch(
        self,
        connection: AsyncConnection,
        table: Table,
        due: ColumnElement[bool],
        cleared: str | None,
        now: datetime,
    ) -> tuple[int, int]:
        """Choose some rows, hold them, and do what is due; how many were chosen, and were done."""
        await begin_writing(connection)
        key = tuple(table.primary_key.columns)
        # Rows that another worker deletes at this moment, or uses, are its own.
        some = select(*key).where(due).limit(BATCH).with_for_update(skip_locked=True)
        found = (await connection.execute(some)).all()
        if not found:
            return 0, 0
        if table is ledger_entries and cleared is None:
            positions = [row[0] for row in found]
            return len(found), await self._archive.destroy(connection, positions, now)
        # Asked again, of rows that are held now: whoever used one a moment ago has let go of it,
        # and may have put something under it that was not there when it was chosen.
        chosen = and_(_is_one_of(key, found), due)
        names = {
            column: kind
            for column, kind in AT_CARRIER.get(table, {}).items()
            if cleared in {None, column.name}
        }
        told = tuple(names) or key
        if cleared is None:
            rows = (await connection.execute(delete(table).where(chosen).returning(*told))).all()
        else:
            rows = (await connection.execute(select(*told).where(chosen))).all()
            await connection.execute(update(table).where(chosen).values({cleared: None}))
        if self._has_carrier:
            there = (zip(names.values(), row, strict=False) for row in rows)
            records = [(kind, name) for row in there for kind, name in row if name is not None]
            await queue(connection, records, now)
        return len(found), len(rows)

    async def _note_notice(self, now: datetime) -> None:
        """The notice being played is not old, however long ago the server was started."""
        if self._current_notice is None:
            return
        mine = notices.c.version == self._current_notice, notices.c.last_used_at < now
        async with self._transaction() as connection:
            await connection.execute(update(notices).where(*mine).values(last_used_at=now))

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "what is kept too long cannot be deleted")


async def rows_ahead(database: Database, now: datetime) -> dict[str, int]:
    """How many rows say that they were written later than now, by table, where there are any.

    Raises:
        RecordsUnavailable: the database is away.
    """
    found: dict[str, int] = {}
    async with transaction(database, "nobody knows whether the clock is right") as connection:
        for table in ORDER:
            later = ahead(table, now + SKEW)
            if later is not None and (count := await _count(connection, table, later)):
                found[table.name] = count
    return found


def ahead_of_clock(table: str, count: int) -> str:
    """A line about rows from the future, and the mend."""
    return (
        f"{table}: {count} rows are later than the clock, and left alone. Set the clock; "
        "if it is right, it was wrong when they were written"
    )


async def _count(connection: AsyncConnection, table: Table, chosen: ColumnElement[bool]) -> int:
    return await connection.scalar(select(func.count()).select_from(table).where(chosen)) or 0


def _is_one_of(key: tuple[Column[Any], ...], rows: Sequence[Row[Any]]) -> ColumnElement[bool]:
    """The rows with these keys."""
    if len(key) == 1:
        return key[0].in_([row[0] for row in rows])
    return tuple_(*key).in_([tuple(row) for row in rows])
