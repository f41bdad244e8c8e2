"""What the carrier is still to delete, in a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.runtime.deletions import Deletion, RecordKind, Residue
from voice_agent.storage.database import Database
from voice_agent.storage.tables import carrier_deletions
from voice_agent.storage.transaction import insert_new, transaction


class SqlDeletionList:
    """Implements ``voice_agent.runtime.deletions.DeletionList``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, at: datetime, most: int) -> Sequence[Deletion]:
        """Those that may be asked for now; see the port."""
        table = carrier_deletions
        wanted = select(table).where(table.c.next_at <= at).order_by(table.c.next_at).limit(most)
        async with self._transaction() as connection:
            rows = (await connection.execute(wanted)).all()
        return [
            Deletion(
                kind=RecordKind(row.kind),
                carrier_id=row.carrier_id,
                tries=row.tries,
                next_at=row.next_at,
            )
            for row in rows
        ]

    async def claim(self, deletion: Deletion, next_at: datetime) -> bool:
        """Take it; see the port. One statement: it finds the row as it was seen, or not at all."""
        seen = (
            _is(deletion),
            carrier_deletions.c.next_at == deletion.next_at,
            carrier_deletions.c.tries == deletion.tries,
        )
        change = update(carrier_deletions).where(*seen)
        values = {"next_at": next_at, "tries": deletion.tries + 1}
        async with self._transaction() as connection:
            return (await connection.execute(change.values(values))).rowcount == 1

    async def gone(self, deletion: Deletion) -> None:
        """Take it off the list; see the port."""
        async with self._transaction() as connection:
            await connection.execute(delete(carrier_deletions).where(_is(deletion)))

    async def failed(self, deletion: Deletion, error_code: int | None) -> None:
        """Note what the carrier said; see the port."""
        change = update(carrier_deletions).where(_is(deletion)).values(error_code=error_code)
        async with self._transaction() as connection:
            await connection.execute(change)

    async def residue(self) -> Residue:
        """What is left; see the port."""
        table = carrier_deletions
        by_code = select(
            table.c.error_code,
            func.count().label("count"),
            func.min(table.c.asked_at).label("oldest"),
        ).group_by(table.c.error_code)
        async with self._transaction() as connection:
            rows = (await connection.execute(by_code)).all()
        codes = Counter[int]()
        for code, count, _ in rows:
            codes[code or 0] += count
        return Residue(
            left=codes.total(),
            oldest=min((row.oldest for row in rows), default=None),
            codes=dict(sorted(codes.items())),
        )

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the list of what the carrier deletes cannot be used")


async def queue(
    connection: AsyncConnection, records: Iterable[tuple[RecordKind, str]], at: datetime
) -> None:
    """Have the carrier asked to delete these records; those on the list keep their place.

    Args:
        connection: the transaction in which we forget what the carrier calls them.
        records: kind and the carrier's identifier of each.
        at: the time.
    """
    rows = [
        {"kind": kind, "carrier_id": carrier_id, "asked_at": at, "tries": 0, "next_at": at}
        for kind, carrier_id in sorted(set(records))
    ]
    await insert_new(connection, carrier_deletions, rows)


def _is(deletion: Deletion) -> ColumnElement[bool]:
    table = carrier_deletions
    return (table.c.kind == deletion.kind) & (table.c.carrier_id == deletion.carrier_id)
