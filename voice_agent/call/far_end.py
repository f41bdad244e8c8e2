"""What the caller's telephone has played lately: where an echo comes from."""

from __future__ import annotations

from collections import deque
from typing import Final

from voice_agent.audio import mulaw as g711
from voice_agent.audio.frame import TELEPHONE_RATE

REACH: Final = 1.0
"""Seconds that are remembered: the longest way there and back, and what is compared of it."""


class FarEnd:
    """The agent's voice on the caller's side, by the clock."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, bytes]] = deque()

    def plays(self, mulaw: bytes, at: float, now: float) -> None:
        """Audio begins to be heard at that time, seconds; pieces come in their order."""
        self._prune(now)
        self._pieces.append((at, mulaw))

    def stops(self, now: float) -> None:
        """Nothing is heard any more from now on, seconds."""
        self._pieces = deque(
            (at, mulaw[: round((now - at) * TELEPHONE_RATE)])
            for at, mulaw in self._pieces
            if at < now
        )

    def forget(self) -> None:
        """Keep nothing."""
        self._pieces.clear()

    def recent(self, now: float) -> bytes:
        """The last ``REACH`` seconds, mu-law 8 kHz; nothing at all if nothing was heard."""
        since = now - REACH
        self._prune(now)
        if not self._pieces or self._pieces[0][0] >= now:
            return b""
        size = round(REACH * TELEPHONE_RATE)
        heard = bytearray(g711.SILENCE * size)
        for at, mulaw in self._pieces:
            start = round((at - since) * TELEPHONE_RATE)
            if start >= size:
                break
            piece = mulaw[max(0, -start) : size - start]
            heard[max(0, start) : max(0, start) + len(piece)] = piece
        return bytes(heard)

    def _prune(self, now: float) -> None:
        while self._pieces and _end(self._pieces[0]) <= now - REACH:
            self._pieces.popleft()


def _end(piece: tuple[float, bytes]) -> float:
    at, mulaw = piece
    return at + len(mulaw) / TELEPHONE_RATE
