"""Sees consents that are withdrawn beside their running call: in the portal, by any process (C16).

The ledger itself is asked, so that nothing else has to reach the worker that holds the call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from voice_agent.call.events import CallerGone, WithdrawnElsewhere
from voice_agent.runtime.registrar import Registrar

log = structlog.get_logger(__name__)

INTERVAL: Final = 0.2
"""Seconds between two looks; a call has to stop within half a second."""

BLIND_LIMIT: Final = 30.0
"""Seconds after which a worker that cannot look lets go of its calls. Shorter faults of a database
cost nobody their call: what cannot be read then can hardly have been written."""

Post = Callable[[WithdrawnElsewhere | CallerGone], None]
"""Puts the event into the call's inbox."""


class WithdrawalWatch:
    """Asks the ledger about the running calls of this process, all at once.

    Args:
        registrar: asks in bounded time.
        interval: seconds between two looks.
    """

    def __init__(self, registrar: Registrar, interval: float = INTERVAL) -> None:
        self._registrar = registrar
        self._interval = interval
        self._calls: dict[str, Post] = {}
        self._task: asyncio.Task[None] | None = None
        self._blind_since: float | None = None

    @contextmanager
    def over(self, call_id: str, post: Post) -> Iterator[None]:
        """Watch a call for as long as the block takes."""
        self._calls[call_id] = post
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            if self._calls.get(call_id) is post:
                del self._calls[call_id]

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look_on(self) -> None:
        while self._calls:
            await asyncio.sleep(self._interval)
            found = await self._look()
            event: WithdrawnElsewhere | CallerGone = WithdrawnElsewhere()
            if self._is_blind_for_long():
                # The stream ends without an end of the call, and the carrier finds a human (C25).
                log.error("calls_let_go", count=len(self._calls))
                found, event = frozenset(self._calls), CallerGone()
            for call_id in found:
                post = self._calls.pop(call_id, None)
                if post is not None:
                    post(event)
        self._blind_since = None

    async def _look(self) -> frozenset[str]:
        try:
            found = await self._registrar.withdrawn(tuple(self._calls))
        except Exception as fault:  # noqa: BLE001 (whatever it was, the next look may see again)
            if self._blind_since is None:  # told once, not five times a second
                log.error("withdrawals_not_seen", fault=type(fault).__name__)
                self._blind_since = asyncio.get_running_loop().time()
            return frozenset()
        self._blind_since = None
        return found

    def _is_blind_for_long(self) -> bool:
        since = self._blind_since
        return since is not None and asyncio.get_running_loop().time() - since >= BLIND_LIMIT
