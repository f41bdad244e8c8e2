"""Withdrawals that could not be written down yet: tried again until they are (C16)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import structlog

from consent.ledger import LedgerUnavailable
from consent.receipt import Means
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.registrar import Registrar

log = structlog.get_logger(__name__)

PAUSES: Final = (1.0, 4.0, 10.0)
"""Seconds before each further try; the last one again and again."""


class OwedWithdrawals:
    """What this process owes the ledger. The calls have stopped listening already.

    Args:
        registrar: writes in bounded time.
        metrics: tells the operator of what is late, or never was written.
    """

    def __init__(self, registrar: Registrar, metrics: Metrics) -> None:
        self._registrar = registrar
        self._metrics = metrics
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def owe(self, call_id: str, means: Means) -> None:
        """Write it down now or as soon as the ledger takes it, with the time it is now."""
        if call_id not in self._tasks:
            at = self._registrar.wall_clock()
            self._tasks[call_id] = asyncio.create_task(self._write(call_id, means, at))

    async def settle(self) -> None:
        """Wait until nothing is owed any more; while the ledger is away this takes as long."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def release(self) -> None:
        """Give up what is still owed, and say so: somebody must write it down by hand."""
        tasks = dict(self._tasks)
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        for call_id in tasks:
            log.error("withdrawal_not_recorded", call_id=call_id)
            self._metrics.count("withdrawal_not_recorded")

    async def _write(self, call_id: str, means: Means, at: datetime) -> None:
        tries = 0
        try:
            while not await self._is_written(call_id, means, at):
                if tries == len(PAUSES) - 1:  # told once
                    log.error("withdrawal_late", call_id=call_id)
                    self._metrics.count("withdrawal_late")
                await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
                tries += 1
        finally:
            del self._tasks[call_id]

    async def _is_written(self, call_id: str, means: Means, at: datetime) -> bool:
        try:
            await self._registrar.withdraw(call_id, means, at)
        except LedgerUnavailable:
            return False
        return True
