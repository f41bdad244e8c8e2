"""What the places where personal data lies have in common."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Any, ClassVar, Final

from sqlalchemy import Column, Row, Select, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.receipt import moment
from voice_agent.storage.database import Database
from voice_agent.storage.transaction import transaction

MOST_IN_A_QUERY: Final = 1000
"""Identifiers in one statement; databases take some ten thousand."""


class DatabasePlace:
    """Some tables, as ``voice_agent.runtime.rights.Place`` wants them.

    Args:
        database: where they lie.
    """

    name: ClassVar[str]
    TABLES: ClassVar[tuple[Table, ...]]

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def tables(self) -> frozenset[str]:
        """The tables it answers for."""
        return frozenset(table.name for table in self.TABLES)

    async def find_calls(self, pseudonyms: Collection[str]) -> frozenset[str]:
        """No calls: these tables do not know who rang."""
        del pseudonyms
        return frozenset()

    async def find_pseudonyms(self, call_ids: Collection[str]) -> frozenset[str]:
        """No pseudonyms, likewise."""
        del call_ids
        return frozenset()

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, f"what is kept under {self.name} cannot be used")


def parts(identifiers: Collection[str]) -> Iterator[list[str]]:
    """The identifiers in lists that a statement can hold."""
    ordered = sorted(identifiers)
    for start in range(0, len(ordered), MOST_IN_A_QUERY):
        yield ordered[start : start + MOST_IN_A_QUERY]


async def look_up(
    connection: AsyncConnection,
    wanted: Select[Any],
    column: Column[Any],
    identifiers: Collection[str],
) -> list[Row[Any]]:
    """The rows whose column holds one of the identifiers."""
    found: list[Row[Any]] = []
    for some in parts(identifiers):
        found += (await connection.execute(wanted.where(column.in_(some)))).all()
    return found


async def known(
    connection: AsyncConnection,
    wanted: Column[Any],
    column: Column[Any],
    identifiers: Collection[str],
) -> frozenset[str]:
    """One column's values in these rows, without the empty ones."""
    rows = await look_up(connection, select(wanted).distinct(), column, identifiers)
    return frozenset(row[0] for row in rows if row[0] is not None)


async def count(
    connection: AsyncConnection, column: Column[Any], identifiers: Collection[str]
) -> int:
    """How many rows these are."""
    rows = await look_up(
        connection, select(func.count()).select_from(column.table), column, identifiers
    )
    return sum(row[0] for row in rows)


async def remove(
    connection: AsyncConnection, column: Column[Any], identifiers: Collection[str]
) -> int:
    """Delete these rows; says how many there were."""
    gone = 0
    for some in parts(identifiers):
        gone += (await connection.execute(delete(column.table).where(column.in_(some)))).rowcount
    return gone


def fields(table: Table, row: Row[Any]) -> dict[str, Any]:
    """A row as JSON has it, under the names of its columns; ``record`` says which table."""
    return {"record": table.name} | {
        column.name: plain(getattr(row, column.name)) for column in table.columns
    }


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value
