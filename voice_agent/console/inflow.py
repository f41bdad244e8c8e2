"""How fast an operator's voice may come: real time, and half a second for what the network held."""

from __future__ import annotations

from collections import deque
from typing import Final

from voice_agent.audio.frame import TELEPHONE_RATE

AHEAD_S: Final = 0.5
"""Seconds of voice that may come at once, and that may wait."""

_MOST_WAITING: Final = int(AHEAD_S * TELEPHONE_RATE)


class Inflow:
    """Frames of one voice on their way in.

    What comes faster waits; once more than ``AHEAD_S`` waits, the oldest goes.
    """

    __slots__ = ("_bytes", "_spoken_until", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._spoken_until = float("-inf")

    def put(self, mulaw: bytes) -> None:
        """A frame came: mu-law, 8 kHz."""
        self._waiting.append(mulaw)
        self._bytes += len(mulaw)
        while self._bytes > _MOST_WAITING:
            self._bytes -= len(self._waiting.popleft())

    def due(self) -> float | None:
        """When the next frame may pass, by the clock of ``take``; ``None``: there is none."""
        return self._spoken_until - AHEAD_S if self._waiting else None

    def take(self, now: float) -> bytes | None:
        """The next frame, if it may pass at ``now``, monotonic seconds."""
        due = self.due()
        if due is None or due > now:
            return None
        mulaw = self._waiting.popleft()
        self._bytes -= len(mulaw)
        self._spoken_until = max(self._spoken_until, now) + len(mulaw) / TELEPHONE_RATE
        return mulaw

    def clear(self) -> None:
        """Drop what waits: it was not for anybody."""
        self._waiting.clear()
        self._bytes = 0
