"""People who do not want to be rung up, on their way to the list: none is lost (C28)."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from voice_agent.outbound.do_not_call import DoNotCall, ToldBy
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.registrar import records_in_time

log = structlog.get_logger(__name__)

PAUSES: Final = (1.0, 4.0, 10.0)
"""Seconds before each further try; the last one again and again."""


class Refusals:
    """Writes down at once who refused; what the list does not take is tried again until it does.

    Args:
        list_: the do-not-call list.
        metrics: tells the operator of what is late, or never was written.
    """

    def __init__(self, list_: DoNotCall, metrics: Metrics) -> None:
        self._list = list_
        self._metrics = metrics
        self._owed: dict[str, asyncio.Task[None]] = {}

    async def note(self, number: str, told_by: ToldBy) -> bool:
        """Put a number on the list, in bounded time.

        Returns:
            False if it is not there yet; this process goes on trying.
        """
        if await self._is_written(number, told_by):
            return True
        if number not in self._owed:
            log.error("refusal_late", kind=told_by)
            self._metrics.count("refusal_late")
            task = self._owed[number] = asyncio.create_task(self._write(number, told_by))
            task.add_done_callback(lambda _: self._owed.pop(number, None))
        return False

    async def settle(self) -> None:
        """Wait until nothing is owed any more; while the list is away this takes as long."""
        while self._owed:
            await asyncio.wait(self._owed.values())

    async def release(self) -> None:
        """Give up what is still owed, and say so."""
        tasks = tuple(self._owed.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in tasks:
            log.error("refusal_not_recorded")
            self._metrics.count("refusal_not_recorded")

    async def _write(self, number: str, told_by: ToldBy) -> None:
        tries = 0
        while True:
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            if await self._is_written(number, told_by):
                return
            tries += 1

    async def _is_written(self, number: str, told_by: ToldBy) -> bool:
        try:
            async with records_in_time():
                await self._list.add(number, told_by)
        except RecordsUnavailable:
            return False
        except Exception as fault:  # noqa: BLE001 (a fault of ours must not cost a refusal)
            log.error("refusal_fault", fault=type(fault).__name__)
            return False
        return True
