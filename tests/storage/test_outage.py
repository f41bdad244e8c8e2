"""The database goes away in the middle: a coded error, nothing half done, and all well after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

import pytest
from sqlalchemy import insert, select

from tests.databases import ON_POSTGRESQL
from tests.postgresql import Cluster
from voice_agent.errors import ConfigurationError
from voice_agent.runtime.records import Disposition, RecordsUnavailable
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.tables import calls
from voice_agent.storage.tokens import SqlStreamTokens

pytestmark = pytest.mark.integration  # a real database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROW = {
    "call_id": "CA2",
    "language": "de",
    "direction": "inbound",
    "disposition": "in_notice",
    "created_at": NOON,
}

Farewell = Literal["fast", "immediate"]
each_farewell = pytest.mark.parametrize("farewell", ["fast", "immediate"])


@contextmanager
def stopped(cluster: Cluster, farewell: Farewell) -> Iterator[None]:
    cluster.stop(farewell)
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    cluster.freeze()
    try:
        yield
    finally:
        cluster.thaw()


@pytest.fixture
async def other(address: str) -> AsyncIterator[Database]:
    """The same database, as a colleague's process sees it."""
    other = Database.open(address)
    yield other
    await other.close()


def attempts(database: Database) -> list[Callable[[], Awaitable[object]]]:
    """What a call asks of its database."""
    book, tokens = SqlCallBook(database), SqlStreamTokens(database)
    return [
        lambda: book.begin("CA2", "de", NOON),
        lambda: book.set_disposition("CA1", Disposition.LEFT),
        lambda: book.disposition("CA1"),
        lambda: book.connect("CA1", "de"),
        lambda: book.claim_message("CA1", "privacy", NOON),
        lambda: book.end("CA1", NOON),
        lambda: tokens.mint("CA1", NOON),
        lambda: tokens.redeem("x", "CA1", NOON),
    ]


@ON_POSTGRESQL
@each_farewell
async def test_a_server_that_is_away_has_a_code_and_is_used_again_when_it_is_back(
    database: Database, postgresql: Cluster, farewell: Farewell
) -> None:
    """The connections in the pool are dead by then, and no call gets one of them."""
    book = SqlCallBook(database)
    await book.begin("CA1", "de", NOON)
    await asyncio.gather(*(database.ping() for _ in range(5)))
    with stopped(postgresql, farewell):
        for attempt in attempts(database):
            with pytest.raises(RecordsUnavailable):
                await attempt()
        with pytest.raises(ConfigurationError, match="cannot be used"):
            await database.check_schema()
        with pytest.raises(FAULTS):
            await database.ping()
    assert await book.disposition("CA1") is Disposition.IN_NOTICE
    assert await book.disposition("CA2") is None
    for attempt in attempts(database):
        await attempt()


@ON_POSTGRESQL
@each_farewell
async def test_a_server_that_goes_in_the_middle_of_a_transaction_leaves_nothing_half_done(
    database: Database, postgresql: Cluster, farewell: Farewell
) -> None:
    with pytest.raises(FAULTS):
        await _interrupted(database, postgresql, farewell)
    async with database.begin() as connection:
        assert (await connection.execute(select(calls))).all() == []


async def _interrupted(database: Database, cluster: Cluster, farewell: Farewell) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(calls).values(ROW))
        with stopped(cluster, farewell):
            pass


@ON_POSTGRESQL
async def test_a_server_that_hangs_counts_as_away(database: Database, postgresql: Cluster) -> None:
    """It takes connections and bytes, and answers nothing."""
    book = SqlCallBook(database)
    await book.begin("CA1", "de", NOON)
    with frozen(postgresql):
        with pytest.raises(RecordsUnavailable):
            await book.disposition("CA1")
        with pytest.raises(FAULTS):
            await database.ping()
    assert await book.disposition("CA1") is Disposition.IN_NOTICE


@ON_POSTGRESQL
async def test_a_server_that_hangs_in_the_middle_of_a_transaction_counts_as_away(
    database: Database, postgresql: Cluster
) -> None:
    with pytest.raises(FAULTS):
        await _hung(database, postgresql)
    async with database.begin() as connection:
        assert (await connection.execute(select(calls))).all() == []


async def _hung(database: Database, cluster: Cluster) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(calls).values(ROW))
        with frozen(cluster):
            await connection.execute(select(calls))


async def test_a_colleague_that_holds_the_lock_is_not_waited_for_for_ever(
    database: Database, other: Database
) -> None:
    book = SqlCallBook(database)
    async with other.begin() as connection:
        await connection.execute(insert(calls).values(ROW))
        with pytest.raises(RecordsUnavailable):
            await book.begin("CA2", "de", NOON)
    assert not await book.begin("CA2", "de", NOON)


@ON_POSTGRESQL
async def test_a_commit_waits_for_the_disk_whatever_the_server_is_used_to(
    database: Database, address: str
) -> None:
    """An administrator may have traded safety for speed, for everybody."""
    name = database.engine.url.database
    async with database.begin() as connection:
        await connection.exec_driver_sql(f"alter database {name} set synchronous_commit = off")
    new = Database.open(address)
    async with new.begin() as connection:
        assert (await connection.exec_driver_sql("show synchronous_commit")).scalar() == "on"
    await new.close()


@ON_POSTGRESQL
async def test_more_calls_than_connections_wait_for_one(database: Database) -> None:
    """A process has 20 connections at most; the others' turn comes."""
    book = SqlCallBook(database)
    await asyncio.gather(*(book.begin(f"CA{n}", "de", NOON) for n in range(60)))
    async with database.begin() as connection:
        assert len((await connection.execute(select(calls))).all()) == 60


@pytest.mark.parametrize("call_id", ["\x00", "\ud800", "x" * 65])
async def test_a_name_that_cannot_be_written_down_has_a_code(
    database: Database, call_id: str
) -> None:
    """What one of them accepts, it keeps apart from every other call."""
    book = SqlCallBook(database)
    try:
        await book.begin(call_id, "de", NOON)
    except RecordsUnavailable:
        assert await book.disposition("CA1") is None
    else:
        assert await book.disposition(call_id) is Disposition.IN_NOTICE
