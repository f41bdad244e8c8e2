from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from voice_agent.runtime.records import RecordsUnavailable, StreamTokens
from voice_agent.storage.database import Database
from voice_agent.storage.tables import stream_tokens
from voice_agent.storage.tokens import SqlStreamTokens

pytestmark = pytest.mark.integration  # a real database on a real disk

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def tokens(database: Database) -> StreamTokens:
    return SqlStreamTokens(database)


async def test_a_token_opens_one_stream(tokens: StreamTokens) -> None:
    token = await tokens.mint("CA1", NOON)
    assert await tokens.redeem(token, "CA1", NOON)
    assert not await tokens.redeem(token, "CA1", NOON)


async def test_a_token_is_bound_to_its_call(tokens: StreamTokens) -> None:
    """Another call's attempt does not use it up either."""
    token = await tokens.mint("CA1", NOON)
    assert not await tokens.redeem(token, "CA2", NOON)
    assert await tokens.redeem(token, "CA1", NOON)


@pytest.mark.parametrize(
    ("seconds", "opens"), [(0, True), (9.999, True), (10, False), (11, False), (86_400, False)]
)
async def test_a_token_holds_ten_seconds(
    tokens: StreamTokens, seconds: float, *, opens: bool
) -> None:
    token = await tokens.mint("CA1", NOON)
    assert await tokens.redeem(token, "CA1", NOON + timedelta(seconds=seconds)) is opens


async def test_a_lifetime_does_not_depend_on_the_zone(tokens: StreamTokens) -> None:
    berlin = timezone(timedelta(hours=1))
    token = await tokens.mint("CA1", NOON.astimezone(berlin))
    assert not await tokens.redeem(token, "CA1", NOON + timedelta(seconds=10))
    assert await tokens.redeem(token, "CA1", NOON + timedelta(seconds=9))


@pytest.mark.parametrize("wrong", ["", "x", "\x00", "\ud800", "ü" * 10_000, "' or 1=1 --"])
async def test_a_wrong_token_opens_nothing(tokens: StreamTokens, wrong: str) -> None:
    await tokens.mint("CA1", NOON)
    assert not await tokens.redeem(wrong, "CA1", NOON)


async def test_tokens_are_long_and_never_alike(tokens: StreamTokens) -> None:
    """256 bits make 43 characters."""
    made = {await tokens.mint("CA1", NOON) for _ in range(50)}
    assert len(made) == 50
    assert {len(token) for token in made} == {43}


async def test_the_database_does_not_hold_a_token(tokens: StreamTokens, database: Database) -> None:
    token = await tokens.mint("CA1", NOON)
    async with database.begin() as connection:
        rows = (await connection.execute(select(stream_tokens))).all()
    assert token not in str(rows)
    assert "CA1" in str(rows)


async def test_expired_tokens_are_swept(tokens: StreamTokens, database: Database) -> None:
    """They name calls, and serve nothing any more."""
    await tokens.mint("CA1", NOON)
    await tokens.mint("CA2", NOON + timedelta(minutes=1))
    async with database.begin() as connection:
        rows = await connection.scalars(select(stream_tokens.c.call_id))
    assert rows.all() == ["CA2"]


async def test_of_many_redeems_at_once_one_wins(tokens: StreamTokens) -> None:
    token = await tokens.mint("CA1", NOON)
    results = await asyncio.gather(*(tokens.redeem(token, "CA1", NOON) for _ in range(40)))
    assert sorted(results) == [False] * 39 + [True]


async def test_of_workers_that_redeem_at_once_one_wins(tokens: StreamTokens, address: str) -> None:
    """Each thread has its own event loop and pool, as separate workers have."""
    token = await tokens.mint("CA1", NOON)

    async def redeem() -> bool:
        database = Database.open(address)
        try:
            return await SqlStreamTokens(database).redeem(token, "CA1", NOON)
        finally:
            await database.close()

    with ThreadPoolExecutor(8) as workers:
        results = list(workers.map(lambda _: asyncio.run(redeem()), range(8)))
    assert sorted(results) == [False] * 7 + [True]


async def test_a_fault_is_a_refusal_with_a_code(empty_address: str) -> None:
    """A database without tables stands for one that is away."""
    database = Database.open(empty_address)
    tokens = SqlStreamTokens(database)
    with pytest.raises(RecordsUnavailable):
        await tokens.mint("CA1", NOON)
    with pytest.raises(RecordsUnavailable):
        await tokens.redeem("x", "CA1", NOON)
    await database.close()
