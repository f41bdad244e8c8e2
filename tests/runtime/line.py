"""The carrier's end of a stream, as a list of what came and when."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

RATE = 8000
"""Bytes of mu-law a second."""


def now() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time()


@dataclass
class Line:
    """The carrier's side: notes what came and when.

    Attributes:
        seconds: what one send takes.
        gone: closed: sends fail from now on.
        sent: time and message; audio, ``mark ...`` or ``clear``.
    """

    seconds: float = 0.0
    gone: bool = False
    sent: list[tuple[float, bytes | str]] = field(default_factory=list)

    async def send_audio(self, mulaw: bytes) -> None:
        """Note audio."""
        await self._take(mulaw)

    async def send_mark(self, name: str) -> None:
        """Note a mark."""
        await self._take(f"mark {name}")

    async def send_clear(self) -> None:
        """Note a clear."""
        await self._take("clear")

    async def close(self) -> None:
        """Break."""
        self.gone = True

    async def _take(self, message: bytes | str) -> None:
        if self.gone:
            raise ConnectionError("gone")
        self.sent.append((now(), message))
        await asyncio.sleep(self.seconds)

    @property
    def messages(self) -> list[str]:
        """What came, audio as ``audio``, one after the other taken together."""
        names: list[str] = []
        for _, message in self.sent:
            name = message if isinstance(message, str) else "audio"
            if not (name == "audio" and names and names[-1] == "audio"):
                names.append(name)
        return names

    @property
    def audio(self) -> bytes:
        """All audio in one."""
        return b"".join(message for _, message in self.sent if isinstance(message, bytes))

    def in_hand(self) -> list[float]:
        """Seconds of audio the carrier has in hand after each message of audio."""
        ends, found = 0.0, []
        for at, message in self.sent:
            if isinstance(message, bytes):
                ends = max(ends, at) + len(message) / RATE
                found.append(ends - at)
        return found
