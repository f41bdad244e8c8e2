"""The clock of one simulated call: real time, except where nothing real is waited for."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class CallClock:
    """Seconds since the call began.

    Attributes:
        real: wait for notices in real time instead of skipping over them.
    """

    real: bool = False
    _origin: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        """Seconds since the call began, skipped ones included."""
        return time.monotonic() - self._origin

    async def skip_to(self, moment: float) -> None:
        """Be at ``moment``: at once, or by waiting where the clock is real."""
        ahead = moment - self.now()
        if ahead <= 0:
            return
        if self.real:
            await asyncio.sleep(ahead)
        else:
            self._origin -= ahead

    async def wait_until(self, moment: float) -> None:
        """Be at ``moment`` by waiting; always gives others a turn."""
        await asyncio.sleep(max(0.0, moment - self.now()))
