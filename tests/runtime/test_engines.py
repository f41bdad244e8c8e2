"""The pool in front of an engine: leaving its queue really frees what waited there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.runtime.engines import Threads, engines
from tests.runtime.line import now
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.runtime.engines import STUCK_S, Ticket, WorkerPool


class Strange(Exception):
    """Nobody expects it."""


class Blocked:
    """Work that begins, and ends when the test lets it."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()

    def __call__(self) -> str:
        """Wait."""
        self.begun.release()
        assert self.go_on.wait(10)
        return "done"


@pytest.fixture
def blocked() -> Iterator[Blocked]:
    work = Blocked()
    yield work
    work.go_on.set()


async def test_what_the_work_returns_or_raises_comes_back() -> None:
    pool = WorkerPool.of_threads(1, "test")

    def strange() -> None:
        raise Strange

    assert await pool.run(lambda: 7) == 7
    with pytest.raises(Strange):
        await pool.run(strange)
    assert await pool.run(lambda: 8) == 8
    pool.close()


async def test_work_that_was_cancelled_keeps_its_place_until_its_thread_is_free(
    blocked: Blocked,
) -> None:
    """Otherwise the next one would wait in the executor, which nothing can leave."""
    pool = WorkerPool.of_threads(1, "test")
    first = asyncio.create_task(pool.run(blocked))
    assert await asyncio.to_thread(blocked.begun.acquire, timeout=10)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    ran: list[str] = []
    second = asyncio.create_task(pool.run(lambda: ran.append("second")))
    third = asyncio.create_task(pool.run(lambda: ran.append("third")))
    await asyncio.sleep(0)
    second.cancel()
    blocked.go_on.set()
    await third
    assert ran == ["third"]
    pool.close()


async def test_a_pool_that_was_closed_says_so_to_everyone() -> None:
    pool = WorkerPool.of_threads(1, "test")
    pool.close()
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await pool.run(lambda: None)


def test_work_that_outlives_its_loop_ends_quietly(
    blocked: Blocked, caplog: pytest.LogCaptureFixture
) -> None:
    threads = ThreadPoolExecutor(1)

    async def leave() -> None:
        task = asyncio.create_task(WorkerPool(threads, 1).run(blocked))
        assert await asyncio.to_thread(blocked.begun.acquire, timeout=10)
        task.cancel()

    asyncio.run(leave())
    blocked.go_on.set()
    threads.shutdown()
    assert caplog.records == []


@in_virtual_time
async def test_who_waits_too_long_for_a_thread_is_told_and_leaves_the_queue() -> None:
    threads = Threads(stuck=True)
    pool = WorkerPool(threads, 1)
    running = asyncio.create_task(pool.run(lambda: "first", patience=8.0))
    await asyncio.sleep(0)
    began = now()
    with pytest.raises(TimeoutError):
        await pool.run(lambda: "second", patience=8.0)
    assert now() - began == pytest.approx(8.0)
    threads.idle = False
    threads.work()
    assert await running == "first"  # only the wait for a thread is limited
    assert await pool.run(lambda: "third") == "third"


@in_virtual_time
async def test_a_pool_is_stuck_while_all_its_threads_have_been_busy_for_long() -> None:
    told: list[float] = []
    threads = Threads(stuck=True)
    pool = WorkerPool(threads, 2)

    def work() -> asyncio.Task[None]:
        return asyncio.create_task(pool.run(lambda: None, on_stuck=lambda: told.append(now())))

    tasks = [work()]
    await asyncio.sleep(STUCK_S)
    assert not pool.is_stuck(now())  # the other thread is free
    tasks.append(work())
    await asyncio.sleep(0)
    full = now()
    await asyncio.sleep(STUCK_S - 0.01)
    assert (pool.is_stuck(now()), told) == (False, [])
    await asyncio.sleep(100)
    assert pool.is_stuck(now())
    assert told == [pytest.approx(full + STUCK_S)]  # once
    threads.work()
    await asyncio.gather(*tasks)
    await asyncio.sleep(0)
    assert not pool.is_stuck(now())


@in_virtual_time
async def test_a_pool_that_is_always_full_and_gets_on_is_not_stuck() -> None:
    told: list[float] = []
    threads = Threads(stuck=True)
    pool = WorkerPool(threads, 1)
    tasks = [
        asyncio.create_task(pool.run(lambda: None, on_stuck=lambda: told.append(now())))
        for _ in range(10)
    ]
    for _ in tasks:
        await asyncio.sleep(STUCK_S - 1)
        assert not pool.is_stuck(now())
        threads.work()
    await asyncio.gather(*tasks)
    assert told == []


@in_virtual_time
async def test_the_process_is_stuck_when_its_ears_are_and_not_for_its_mouths() -> None:
    threads = Threads(stuck=True)
    house = engines(threads=threads, places=1)
    tasks = [asyncio.create_task(pool.run(lambda: None)) for pool in (house.mouths, house.minds)]
    await asyncio.sleep(2 * STUCK_S)
    assert not house.is_stuck(now())
    tasks.append(asyncio.create_task(house.ears.run(lambda: None)))
    await asyncio.sleep(STUCK_S + 1)
    assert house.is_stuck(now())
    threads.work()
    await asyncio.gather(*tasks)


@in_virtual_time
async def test_who_is_in_a_hurry_goes_first_and_among_equals_who_came_first() -> None:
    """Also who came to be in a hurry while they waited."""
    threads = Threads(stuck=True)
    pool = WorkerPool(threads, 1)
    done: list[str] = []

    def work(name: str, ticket: Ticket) -> asyncio.Task[None]:
        return asyncio.create_task(pool.run(lambda: done.append(name), ticket=ticket))

    tickets = {name: Ticket(urgent=name in "DE") for name in "ABCDE"}
    tasks = [work("first", Ticket())]
    await asyncio.sleep(0)
    tasks += [work(name, ticket) for name, ticket in tickets.items()]
    await asyncio.sleep(0)
    tickets["B"].urgent = True
    for _ in tasks:
        threads.work()
        await asyncio.sleep(0.001)
    assert done == ["first", "B", "D", "E", "A", "C"]
    await asyncio.gather(*tasks)


@in_virtual_time
async def test_a_place_that_comes_as_its_wait_is_given_up_goes_to_the_next() -> None:
    threads = Threads(stuck=True)
    pool = WorkerPool(threads, 1)
    done: list[str] = []

    def work(name: str) -> asyncio.Task[None]:
        return asyncio.create_task(pool.run(lambda: done.append(name)))

    first, second, third = (work(name) for name in ("first", "second", "third"))
    await asyncio.sleep(0)
    threads.work()  # which gives the place to the second, who leaves before noticing
    asyncio.get_running_loop().call_soon(second.cancel)
    await asyncio.sleep(0.1)
    threads.work()
    await asyncio.gather(first, second, third, return_exceptions=True)
    assert second.cancelled()
    assert done == ["first", "third"]
