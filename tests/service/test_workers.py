"""A worker that is killed takes nobody else's call with it, and its own callers reach a human."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.service.server import TOKEN
from tests.service.workers import Workers, postgresql, redis_url, workers
from voice_agent.live.ports import LiveStore
from voice_agent.live.redis import RedisLive
from voice_agent.live.snapshot import CallSnapshot, call_key
from voice_agent.phone.caller import CallResult, SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import EndReason
from voice_agent.phone.script import HangUp, Listen, PressKey, Stay, Step, Wait

__all__ = ["postgresql", "redis_url", "workers"]

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

TEN = 10
GONE_WITHIN = 10.0
PATIENCE = 90.0


@asynccontextmanager
async def looking(workers: Workers) -> AsyncIterator[LiveStore]:
    """Somebody who looks at the calls of all workers."""
    store = RedisLive(workers.redis, "the-one-who-looks")
    try:
        yield store
    finally:
        await store.close()


async def until(store: LiveStore, count: int) -> tuple[CallSnapshot, ...]:
    """The calls once so many are in conversation."""
    async with asyncio.timeout(PATIENCE):
        while True:
            calls = await store.calls()
            if sum(each.phase == "conversing" for each in calls) == count:
                return calls
            await asyncio.sleep(0.2)


def talks(seen: asyncio.Event) -> Iterator[Step]:
    """The caller accepts, and stays until it was seen that nothing happens to them."""
    yield Listen()
    yield PressKey("1")
    while not seen.is_set():
        yield Wait(0.2)
    yield HangUp()


async def test_the_callers_of_a_killed_worker_reach_a_human_and_no_other_call_is_touched(
    workers: Workers,
) -> None:
    """C25: ten calls at the worker that dies, two at the other one."""
    async with (
        Carrier(workers.second.url, TOKEN, workers.first.url) as dying,
        Carrier(workers.first.url, TOKEN) as living,
        looking(workers) as store,
    ):
        stays: list[Step] = [Listen(), PressKey("1"), Stay()]
        seen = asyncio.Event()
        lost = [SimulatedCall(dying, stays, longest=120.0) for _ in range(TEN)]
        kept = [SimulatedCall(living, talks(seen), longest=120.0) for _ in range(2)]
        running = [asyncio.create_task(call.run()) for call in (*lost, *kept)]
        calls = await until(store, TEN + 2)
        assert len({each.worker for each in calls}) == 2

        os.kill(workers.second.process, signal.SIGKILL)
        killed = time.monotonic()
        # The balancer in front of the workers sends what comes now to the one that is left.
        dying.url = workers.first.url
        left = await until(store, 2)
        assert time.monotonic() - killed < GONE_WITHIN
        assert {each.call for each in left} == {call_key(call.call_id) for call in kept}
        told = {each.call for each in await store.lost()}
        assert {call_key(call.call_id) for call in lost} <= told

        await asyncio.sleep(2)
        seen.set()
        results: list[CallResult] = await asyncio.gather(*running)
        for result in results[:TEN]:
            assert result.handover == "+4930901829"
        for result in results[TEN:]:
            assert result.ended.reason is EndReason.CALLER_HUNG_UP
