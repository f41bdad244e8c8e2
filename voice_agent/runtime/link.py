"""The port to the carrier's side of one media stream."""

from __future__ import annotations

from typing import Protocol


class MediaLink(Protocol):
    """Sends to one caller. Every method ends in bounded time or raises ``ConnectionError``."""

    async def send_audio(self, mulaw: bytes) -> None:
        """Send mu-law 8 kHz; the carrier plays it after what it has."""
        ...

    async def send_mark(self, name: str) -> None:
        """Ask for a mark when everything sent before has been played."""
        ...

    async def send_clear(self) -> None:
        """Empty the carrier's buffer; it returns the pending marks."""
        ...

    async def close(self) -> None:
        """Close the stream; more than once does nothing."""
        ...
