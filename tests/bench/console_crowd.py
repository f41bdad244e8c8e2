"""200 running calls in Redis, shown by a real server on a real page."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import psutil
from playwright.async_api import Page
from redis import Redis

from tests.bench.console_page import clock_ahead, noted, until
from tests.service.workers import Workers
from voice_agent.live.channel import KEPT
from voice_agent.live.observation import AgentSaid, CallerSaid, Observation
from voice_agent.live.redis import RedisLive
from voice_agent.live.redis_link import PREFIX
from voice_agent.live.snapshot import CallSnapshot, call_key

CALLS: Final = 200
WORKERS: Final = 4
SECONDS: Final = 30.0
STEPS: Final = 20
"""Steps of a second; in each of them so many of the calls change."""

SAID: Final = 100
"""Observations of a call of some minutes."""

_ENGLISH: Final = "On Saturdays we are open from nine to one, and closed on Sundays and holidays."


@dataclass(slots=True)
class CrowdFigures:
    """What was found.

    Attributes:
        shown: from a change to its tile, seconds.
        changes: how many there were; some are overtaken by the next one.
        read: what one look at all calls takes, seconds.
        idle: CPU of the first worker while calls stand still and a page is open, of one core.
        busy: the same while they change.
        redis: CPU of Redis then, of one core.
        snapshot: bytes of a call in Redis without what was said in it.
        events: bytes of what was said in a call of some minutes.
        most: bytes of what was said in a call that goes on for ever.
        longest: the page's longest task, seconds; 0: none over 50 ms.
        ahead: by how much the page's clock is ahead at the end, seconds.
    """

    shown: list[float] = field(default_factory=list)
    changes: int = 0
    read: list[float] = field(default_factory=list)
    idle: float = 0.0
    busy: float = 0.0
    redis: float = 0.0
    snapshot: float = 0.0
    events: float = 0.0
    most: float = 0.0
    longest: float = 0.0
    ahead: float = 0.0


async def measure_crowd(workers: Workers, page: Page) -> CrowdFigures:
    """Let 200 calls change once a second each.

    Args:
        workers: the first has the page.
        page: its overview.
    """
    found = CrowdFigures()
    async with AsyncExitStack() as stack:
        stores = [RedisLive(workers.redis, f"bench-{number}") for number in range(WORKERS)]
        for store in stores:
            stack.push_async_callback(store.close)
        calls = [_call(number, stores) for number in range(CALLS)]
        await _show(stores, calls)
        await until(page, f"document.querySelectorAll('#tiles > li').length === {CALLS}")
        with _cpu(workers.first.process, workers.redis) as used:
            for _ in range(5):  # every two seconds is what signs of life come in
                await _show(stores, calls)
                await asyncio.sleep(2)
        found.idle = used["worker"]
        await _say(workers.redis, stores, calls, found)
        await page.evaluate("noted.tiles.length = 0, noted.longest = 0")
        with _cpu(workers.first.process, workers.redis) as used:
            reading = asyncio.create_task(_read(workers.redis, found))
            told = await _change(stores, calls)
            await reading
        found.busy, found.redis = used["worker"], used["redis"]
        await asyncio.sleep(1)
        found.changes, found.longest = len(told), await noted(page, "longest") / 1000
        found.ahead = await clock_ahead(page)
        seen = {(tile["call"], tile["text"]): tile["at"] for tile in await noted(page, "tiles")}
        found.shown = [seen[each] - at for each, at in told.items() if each in seen]
    return found


def _call(number: int, stores: list[RedisLive]) -> CallSnapshot:
    return CallSnapshot(
        call=call_key(f"bench-{number}"),
        worker=stores[number % WORKERS].worker,
        language=("en", "de")[number % 2],
        began_at=time.time() - number,
        phase="conversing",
        consent="given",
        receipt=f"{number:032x}",
        flow="appointment",
        question="service",
    )


async def _show(stores: list[RedisLive], calls: list[CallSnapshot]) -> None:
    for store in stores:
        await store.show([each for each in calls if each.worker == store.worker])


async def _say(
    redis: str, stores: list[RedisLive], calls: list[CallSnapshot], found: CrowdFigures
) -> None:
    """Let every call have said something, and see what Redis keeps of it."""
    said: list[Observation] = [CallerSaid(1, _ENGLISH), AgentSaid(_ENGLISH)]
    for call in calls:
        await stores[0].publish(call.call, said * (SAID // 2))
    for _ in range(0, 2 * KEPT, 64):
        await stores[0].publish(calls[0].call, said * 32)
    with Redis.from_url(redis) as client:

        def size(key: str) -> int:
            return int(client.memory_usage(PREFIX + key, samples=0) or 0)

        found.snapshot = (size("calls") + size("seen")) / CALLS
        found.events = sum(size(f"events:{each.call}") for each in calls[1:]) / (CALLS - 1)
        found.most = size(f"events:{calls[0].call}")


async def _change(
    stores: list[RedisLive], calls: list[CallSnapshot]
) -> dict[tuple[str, str], float]:
    """Change each call once a second; when each tile was to say what."""
    told: dict[tuple[str, str], float] = {}
    began, numbers = time.monotonic(), itertools.count(100)
    for step in range(round(SECONDS * STEPS)):
        await asyncio.sleep(max(0.0, began + step / STEPS - time.monotonic()))
        latency = next(numbers)
        changed = [
            replace(each, latency_ms=latency, began_at=each.began_at)
            for each in calls[step % STEPS :: STEPS]
        ]
        at = time.time()
        told |= {(each.call, f"{latency} ms"): at for each in changed}
        await asyncio.gather(
            *(
                store.show([each for each in changed if each.worker == store.worker])
                for store in stores
            )
        )
        if step % (2 * STEPS) == 0:  # signs of life of the others are in their changes
            await asyncio.gather(*(store.show([]) for store in stores))
    return told


async def _read(redis: str, found: CrowdFigures) -> None:
    """Look at all calls twice a second, as somebody else would."""
    store = RedisLive(redis, "bench-looks")
    try:
        for _ in range(round(2 * SECONDS)):
            await asyncio.sleep(0.5)
            began = time.perf_counter()
            seen = await store.calls()
            found.read.append(time.perf_counter() - began)
            if len(seen) != CALLS:
                raise RuntimeError(f"{len(seen)} of {CALLS} calls are in Redis")
    finally:
        await store.close()


@contextmanager
def _cpu(worker: int, redis: str) -> Iterator[dict[str, float]]:
    """Shares of one core that the worker and Redis use while the block lasts."""
    used: dict[str, float] = {}
    process = psutil.Process(worker)
    with Redis.from_url(redis) as client:

        def spent() -> tuple[float, float, float]:
            times, info = process.cpu_times(), _info(client)
            own = info["used_cpu_user"] + info["used_cpu_sys"]
            return time.monotonic(), times.user + times.system, own

        before = spent()
        yield used
        seconds, worker_s, redis_s = (b - a for a, b in zip(before, spent(), strict=True))
    used |= {"worker": worker_s / seconds, "redis": redis_s / seconds}


def _info(client: Redis) -> dict[str, Any]:
    found: Any = client.info("cpu")
    return dict(found)
