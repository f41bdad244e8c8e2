from __future__ import annotations

import asyncio

from tests.runtime.virtual_time import in_virtual_time
from voice_agent.runtime.tasks import CallTasks


@in_virtual_time
async def test_duties_are_waited_for_and_work_is_not() -> None:
    done: list[str] = []

    async def take(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        done.append(name)

    tasks = CallTasks(lambda _: None)
    tasks.start(take("work", 100))
    tasks.owe(take("duty", 10))
    tasks.owe(take("short duty", 1))
    await tasks.settle()
    assert done == ["short duty", "duty"]
    await tasks.release()
    assert done == ["short duty", "duty"]


@in_virtual_time
async def test_a_duty_that_brings_another_is_waited_for_with_it() -> None:
    done: list[str] = []
    tasks = CallTasks(lambda _: None)

    async def second() -> None:
        await asyncio.sleep(1)
        done.append("second")

    async def first() -> None:
        tasks.owe(second())

    tasks.owe(first())
    await tasks.settle()
    assert done == ["second"]


@in_virtual_time
async def test_a_release_cancels_duties_too_and_leaves_nothing() -> None:
    faults: list[BaseException] = []
    tasks = CallTasks(faults.append)
    tasks.owe(asyncio.sleep(3600))
    tasks.start(asyncio.sleep(3600))
    await tasks.release()
    assert faults == []


@in_virtual_time
async def test_what_nobody_expected_is_told() -> None:
    faults: list[BaseException] = []

    async def broken() -> None:
        raise ZeroDivisionError

    tasks = CallTasks(faults.append)
    tasks.start(broken())
    tasks.owe(broken())
    await tasks.settle()
    await asyncio.sleep(0)
    assert [type(fault) for fault in faults] == [ZeroDivisionError, ZeroDivisionError]
