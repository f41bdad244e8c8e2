"""Never more requests in a second than configured, by however many workers."""

from __future__ import annotations

import asyncio
import random
import time
from bisect import bisect_right

import pytest

from tests.redis_server import RedisServer, own_redis, redis_url
from voice_agent.runtime.pace import Pace, PaceAway, Turn

__all__ = ["own_redis", "redis_url"]

pytestmark = pytest.mark.integration  # a Redis, and seconds of real time


async def taken(pace: Pace) -> Turn:
    turn = await pace.take()
    assert turn is not None
    return turn


async def test_there_are_as_many_turns_as_calls_in_a_second() -> None:
    pace = Pace(3)
    turns = [await taken(pace) for _ in range(3)]
    assert {turn.lane for turn in turns} == {0, 1, 2}
    assert await pace.take() is None
    await pace.give_back(turns[1], used=False)
    assert await taken(pace) == turns[1]


async def test_a_turn_that_was_used_rests_before_the_next_one() -> None:
    pace = Pace(1)
    turn = await taken(pace)
    await asyncio.sleep(0.3)  # a slow answer: the second counts from its end
    answered = time.time()
    await pace.give_back(turn, used=True)
    while await pace.take() is None:  # noqa: ASYNC110 (nothing tells)
        await asyncio.sleep(0.01)
    assert time.time() - answered >= 1


@pytest.mark.parametrize(
    ("per_second", "lanes", "rest"), [(0.05, 1, 20), (0.3, 1, 4), (1, 1, 1), (2.5, 2, 1)]
)
async def test_fractions_are_rounded_down(per_second: float, lanes: int, rest: int) -> None:
    pace = Pace(per_second)
    turns = [await taken(pace) for _ in range(lanes)]
    assert await pace.take() is None
    await pace.give_back(turns[0], used=True)
    left = await pace._storage.get_expiry(f"outbound_lane/{turns[0].lane}/rest") - time.time()
    assert rest - 1 < left <= rest
    with pytest.raises(ValueError, match="positive"):
        Pace(0)


async def test_two_workers_together_keep_to_it_in_every_second(redis_url: str) -> None:
    """However long requests are under way, and wherever the second begins."""
    workers, arrived = [Pace(5, redis_url), Pace(5, redis_url)], []
    draw = random.Random(7)  # noqa: S311 (the same delays every time)

    async def request(pace: Pace, turn: Turn) -> None:
        await asyncio.sleep(draw.random() * 0.4)
        arrived.append(time.monotonic())
        await asyncio.sleep(draw.random() * 0.2)
        await pace.give_back(turn, used=True)

    async def work(pace: Pace, group: asyncio.TaskGroup) -> None:
        while len(arrived) < 25:
            turn = await pace.take()
            if turn is None:
                await asyncio.sleep(0.01)
            else:
                group.create_task(request(pace, turn))

    async with asyncio.TaskGroup() as group:
        for pace in workers:
            group.create_task(work(pace, group))
    arrived.sort()
    most = max(bisect_right(arrived, at + 1) - number for number, at in enumerate(arrived))
    assert most <= 5
    for pace in workers:
        await pace.close()


async def test_without_redis_nobody_passes_until_it_is_back(own_redis: RedisServer) -> None:
    pace = Pace(5, own_redis.url)
    turn = await taken(pace)
    own_redis.stop()
    with pytest.raises(PaceAway):
        await pace.take()
    await pace.give_back(turn, used=True)
    own_redis.start()
    await taken(pace)
    await pace.close()
