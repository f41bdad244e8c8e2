"""Deletes what has been kept long enough, as the retention table says (C19).

A row lives as long as the longest-lived of its columns; a column with a shorter period is cleared
before. Ledger entries are destroyed instead, so that the tree stays whole. A thousand rows a
transaction, so that nobody waits long; a run that is cut off is completed by the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Table, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.database import Database
from voice_agent.storage.due import ORDER, WRITTEN_AT, Due, Rules
from voice_agent.storage.tables import ledger_entries, notices
from voice_agent.storage.transaction import transaction

log = structlog.get_logger(__name__)

BATCH: Final = 1000
"""Rows of one transaction."""

SKEW: Final = timedelta(minutes=1)
"""So far the clocks of two workers may differ. A clock that is further behind the newest row of a
table was set back; nothing of that table is deleted until it is right again."""


@dataclass(slots=True, kw_only=True)
class Sweep:
    """What is due, or was deleted.

    Attributes:
        rows: by table; of a column that is cleared by ``table.column``.
        distrusted: tables whose newest row is later than the clock: nothing of them is deleted.
    """

    rows: dict[str, int] = field(default_factory=dict)
    distrusted: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.rows.values())

    def as_fields(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {"rows": dict(self.rows), "distrusted": list(self.distrusted)}


class Retention:
    """Enforces the table. Every method may raise ``RecordsUnavailable``.

    Several at once do no harm. A clock that was set back deletes nothing early: what is compared
    was written by the clock, and a table with rows from its future is left alone.

    Args:
        database: where everything lies.
        archive: destroys ledger entries.
        rules: the retention table.
        clock: the wall clock, timezone-aware.
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
        current_notice: str | None = None,
    ) -> None:
        self._database = database
        self._archive = archive
        self._due = Due(rules)
        self._clock = clock
        self._current_notice = current_notice

    async def plan(self) -> Sweep:
        """Count what is due, and delete nothing."""
        now = self._clock()
        sweep = Sweep()
        for table in ORDER:
            async with self._transaction() as connection:
                if await self._distrusts(connection, table, now):
                    sweep.distrusted.append(table.name)
                    continue
                for name, due, _ in self._work(table, now):
                    wanted = select(func.count()).select_from(table).where(due)
                    sweep.rows[name] = await connection.scalar(wanted) or 0
        return sweep

    async def enforce(self) -> Sweep:
        """Delete what is due."""
        now = self._clock()
        await self._note_notice(now)
        sweep = Sweep()
        for table in ORDER:
            async with self._transaction() as connection:
                distrusted = await self._distrusts(connection, table, now)
            if distrusted:
                log.warning("clock_behind", kind=table.name)
                sweep.distrusted.append(table.name)
                continue
            for name, due, cleared in self._work(table, now):
                sweep.rows[name] = await self._sweep(table, due, cleared, now)
        for name, count in sweep.rows.items():
            if count:
                log.info("retention_enforced", kind=name, count=count)
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
                done = await self._batch(connection, table, due, cleared, now)
            total += done
            if done < BATCH:
                return total

    async def _batch(
        self,
        connection: AsyncConnection,
        table: Table,
        due: ColumnElement[bool],
        cleared: str | None,
        now: datetime,
    ) -> int:
        key = tuple(table.primary_key.columns)
        # Rows that another worker deletes at this moment are its own (a hint to PostgreSQL).
        some = select(*key).where(due).limit(BATCH).correlate(None)
        some = some.with_for_update(skip_locked=True)
        if table is ledger_entries and cleared is None:
            positions = (await connection.scalars(some)).all()
            return await self._archive.destroy(connection, positions, now) if positions else 0
        chosen = (key[0] if len(key) == 1 else tuple_(*key)).in_(some)
        change = (
            delete(table).where(chosen)
            if cleared is None
            else update(table).where(chosen).values({cleared: None})
        )
        return (await connection.execute(change)).rowcount

    async def _distrusts(self, connection: AsyncConnection, table: Table, now: datetime) -> bool:
        """True if the clock is behind what it wrote itself."""
        written_at = WRITTEN_AT.get(table)
        if written_at is None:
            return False
        newest = await connection.scalar(select(func.max(written_at)))
        if isinstance(newest, datetime):
            return bool(newest > now + SKEW)
        return isinstance(newest, date) and newest > (now + SKEW).astimezone(UTC).date()

    async def _note_notice(self, now: datetime) -> None:
        """The notice being played is not old, however long ago the server was started."""
        if self._current_notice is None:
            return
        mine = notices.c.version == self._current_notice, notices.c.last_used_at < now
        async with self._transaction() as connection:
            await connection.execute(update(notices).where(*mine).values(last_used_at=now))

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "what is kept too long cannot be deleted")
