"""Sends audio as fast as it is heard, a little ahead, on a monotonic clock.

Sending it all at once would leave a clear with seconds to discard at the carrier; sleeping
between frames drifts. Here every send has an absolute time: when the audio sent so far will last
only ``LEAD`` longer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.runtime.link import MediaLink

LEAD: Final = 0.16
"""Seconds of audio the carrier has in hand."""

STEP: Final = 0.04
"""Seconds of audio in one message once the lead is there."""

SEND_LIMIT: Final = 5.0
"""Seconds one send may take; a socket slower than that is broken."""


class Pacer:
    """The queue of one call's outgoing audio and marks.

    Args:
        link: the carrier's side.
        clock: monotonic seconds.
        late: told by how many seconds a send came after its time, for metrics.
    """

    def __init__(
        self, link: MediaLink, clock: Callable[[], float], late: Callable[[float], None]
    ) -> None:
        self._link = link
        self._clock = clock
        self._late = late
        self._queue: deque[memoryview | str] = deque()  # a view: cutting a long clip copies nothing
        self._clear = False
        self._closing = False
        self._wake = asyncio.Event()
        self._lasts_until = 0.0

    def play(self, mulaw: bytes) -> None:
        """Queue audio."""
        if mulaw:
            self._queue.append(memoryview(mulaw))
            self._wake.set()

    def mark(self, name: str) -> None:
        """Queue a mark after the audio queued so far."""
        self._queue.append(name)
        self._wake.set()

    def clear(self) -> None:
        """Drop what is queued, here and at the carrier."""
        self._queue.clear()
        self._clear = True
        self._wake.set()

    def close(self) -> None:
        """Send nothing more; ``run`` ends."""
        self._queue.clear()
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        """Send until closed.

        Raises:
            ConnectionError: the caller's socket is gone or too slow.
        """
        due: float | None = None
        while not self._closing:
            self._wake.clear()
            if self._clear:
                self._clear = False
                self._lasts_until, due = 0.0, None
                await self._send(self._link.send_clear())
                continue
            wait = self._wait()
            if wait is None or wait > 0:
                due = None if wait is None else self._clock() + wait
                await self._sleep(wait)
                continue
            if due is not None:
                self._late(max(0.0, self._clock() - due))
                due = None
            await self._send_next()

    def _wait(self) -> float | None:
        """Seconds until the next send is due; ``None``: nothing is queued."""
        if not self._queue:
            return None
        if isinstance(self._queue[0], str):
            return 0.0
        return self._lasts_until - LEAD - self._clock()

    async def _send_next(self) -> None:
        head = self._queue.popleft()
        if isinstance(head, str):
            await self._send(self._link.send_mark(head))
            return
        now = self._clock()
        ahead = max(0.0, self._lasts_until - now)
        size = round(max(STEP, LEAD + STEP - ahead) * TELEPHONE_RATE)
        chunk, rest = bytes(head[:size]), head[size:]
        if rest:
            self._queue.appendleft(rest)
        self._lasts_until = max(self._lasts_until, now) + len(chunk) / TELEPHONE_RATE
        await self._send(self._link.send_audio(chunk))

    async def _sleep(self, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _send(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(SEND_LIMIT):
                await sending
        except TimeoutError as slow:
            raise ConnectionError("the caller's socket takes nothing any more") from slow
