"""Two workers ring up a thousand people, and one of them is killed in the middle."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.databases import ON_POSTGRESQL, ON_SQLITE
from tests.outbound.carrier import Carrier, listening
from tests.outbound.company import HOUR, MINUTE, NOW
from tests.outbound.ringing import BUSY, STEPS
from tests.redis_server import redis_url
from tests.storage.remindings import Company, number_of
from voice_agent.outbound.claim import Outcome
from voice_agent.storage.database import Database

__all__ = ["redis_url"]

pytestmark = pytest.mark.integration  # PostgreSQL, Redis, processes, sockets

ROOT = Path(__file__).parents[2]
PEOPLE, KILLED_AFTER = 1000, 300
LATER = 5 * HOUR  # what a dead worker was dialling may be tried again by then
QUIET_S = 4.0


async def begin(  # (what a worker is told)
    address: str, redis: str, carrier: Carrier, at: datetime, dies: str = ""
) -> Process:
    arguments = (address, redis, carrier.url, str(time.time()), at.isoformat(), dies)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.outbound.ringing", *arguments, cwd=ROOT
    )


async def until(true: Callable[[], bool]) -> None:
    """Wait for it; whoever waits in vain is stopped by the clock of all tests."""
    async with asyncio.timeout(150):
        while not true():  # noqa: ASYNC110 (it is of other processes)
            await asyncio.sleep(0.02)


async def stopped(worker: Process) -> int:
    worker.send_signal(signal.SIGTERM)
    return await worker.wait()


@ON_POSTGRESQL
async def test_c26_two_workers_ring_up_a_thousand_people_once_each_though_one_is_killed(
    database: Database, address: str, redis_url: str
) -> None:
    company = Company(database, BUSY)
    await company.fill(PEOPLE)

    async def over(claim: str) -> None:
        await company.claims.ended(claim, Outcome.TOLD, NOW)

    async with listening(over) as carrier:
        first, second = [await begin(address, redis_url, carrier, NOW) for _ in range(2)]
        await until(lambda: len(carrier.forms) >= KILLED_AFTER)
        first.kill()
        assert await first.wait() == -signal.SIGKILL
        # Whoever the dead one had in hand is left for later; all others are rung up.
        await until(lambda: len(carrier.forms) >= PEOPLE - BUSY.at_once)
        await until(lambda: time.monotonic() - carrier.at[-1] > QUIET_S)
        assert await stopped(second) == 0
        if len(carrier.forms) < PEOPLE:
            third = await begin(address, redis_url, carrier, NOW + LATER)
            await until(lambda: len(carrier.forms) >= PEOPLE)
            assert await stopped(third) == 0
    numbers = {number_of(person) for person in range(PEOPLE)}
    assert carrier.dialled == dict.fromkeys(numbers, 1)
    assert carrier.most_in(1.0) <= BUSY.per_second
    assert carrier.at_once <= BUSY.at_once
    assert len(carrier.at) == PEOPLE
    assert (await company.reminders.overview()).states == {"done": PEOPLE}


@ON_SQLITE
@pytest.mark.parametrize(("step", "calls"), list(zip(STEPS, (0, 0, 1, 1), strict=True)))
async def test_c26_wherever_a_worker_is_killed_nobody_is_rung_up_twice(
    database: Database, address: str, redis_url: str, step: str, calls: int
) -> None:
    company = Company(database, BUSY)
    await company.fill(1)

    async def over(claim: str) -> None:
        await company.claims.ended(claim, Outcome.TOLD, NOW)

    async with listening(over) as carrier:
        dying = await begin(address, redis_url, carrier, NOW, step)
        assert await dying.wait() == -signal.SIGKILL
        await carrier.settle()
        assert len(carrier.forms) == calls
        # A claim lapses within the minute; what was written as dialled counts as an attempt.
        soon = await begin(address, redis_url, carrier, NOW + 2 * MINUTE)
        if step == "claimed":
            await until(lambda: len(carrier.forms) == 1)
        else:
            await asyncio.sleep(QUIET_S)
            assert len(carrier.forms) == calls
        assert await stopped(soon) == 0
        if step == "written":
            late = await begin(address, redis_url, carrier, NOW + LATER)
            await until(lambda: len(carrier.forms) == 1)
            assert await stopped(late) == 0
    assert carrier.dialled == {number_of(0): 1}
    assert (await company.reminders.overview()).outcomes == {"told": 1}
