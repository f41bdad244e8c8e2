"""A transaction whose failure is one coded error, and rows that may be there already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.database import FAULTS, Database

log = structlog.get_logger(__name__)


@asynccontextmanager
async def transaction(database: Database, what: str) -> AsyncIterator[AsyncConnection]:
    """A transaction, committed at the end of the block and rolled back by an exception.

    Args:
        database: where.
        what: what cannot be done when the database is away, as a sentence.

    Raises:
        RecordsUnavailable: disk full, database locked or away.
    """
    try:
        async with database.begin() as connection:
            yield connection
    except FAULTS as error:
        raise RecordsUnavailable(what) from error


async def scrub(database: Database) -> None:
    """Leave nothing of what was deleted readable in the database's files; see ``Database.scrub``.

    Where somebody was reading all the time, the next run of the retention job does it.

    Raises:
        RecordsUnavailable: the database is away.
    """
    try:
        done = await database.scrub()
    except FAULTS as error:
        raise RecordsUnavailable("what was deleted may still be in the database's log") from error
    if not done:
        log.warning("deleted_still_in_log")


async def insert_new(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, leaving alone those whose key is there already, whoever put them there."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        await connection.execute(sqlite.insert(table).on_conflict_do_nothing(), list(rows))
    else:
        await connection.execute(postgresql.insert(table).on_conflict_do_nothing(), list(rows))
