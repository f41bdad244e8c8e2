"""The tasks of one call: work, which the call's end drops, and duties, which it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class CallTasks:
    """Keeps hold of a call's tasks, so that none outlives it.

    Args:
        failed: told when a task raised what nobody expected.
    """

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        self._failed = failed
        self._work: set[asyncio.Task[None]] = set()
        self._duties: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin work that is worth nothing once the call is over."""
        return self._begin(work, self._work)

    def owe(self, duty: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin what is to be done even if the caller hangs up; it ends by itself, in bounded time.

        Duties begin in the order of the calls of this method.
        """
        return self._begin(duty, self._duties)

    async def settle(self) -> None:
        """Wait until every duty is done."""
        while self._duties:
            await asyncio.wait(self._duties)

    async def release(self) -> None:
        """Cancel everything that still runs; afterwards no task is left."""
        tasks = self._work | self._duties
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(
        self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]
    ) -> asyncio.Task[None]:
        def done(task: asyncio.Task[None]) -> None:
            among.discard(task)
            if not task.cancelled() and (fault := task.exception()) is not None:
                self._failed(fault)

        task = asyncio.get_running_loop().create_task(work)
        among.add(task)
        task.add_done_callback(done)
        return task
