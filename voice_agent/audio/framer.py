"""Cuts what the carrier sends, of any length and with gaps, into whole 20 ms frames."""

from __future__ import annotations

from collections.abc import Iterator

from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, TELEPHONE_RATE, Frame

SILENT_FRAME = b"\xff" * FRAME_BYTES
"""20 ms of mu-law silence."""

_BYTES_PER_MS = TELEPHONE_RATE // 1000


class Framer:
    """Frames of one stream, in order. Missing audio becomes silence.

    Without that, a turn that ends in lost packets would never be seen to end.

    Args:
        jitter_ms: a timestamp this little off is the carrier's rounding, not a gap.
        max_gap_ms: at most so much silence stands for one gap, however far the timestamp jumps.
    """

    def __init__(self, jitter_ms: int = 40, max_gap_ms: int = 2000) -> None:
        self._jitter_ms = jitter_ms
        self._max_gap_ms = max_gap_ms
        self._rest = b""
        self._next_ms: float | None = None

    def cut(self, frame: Frame) -> Iterator[Frame]:
        """Yield the whole 20 ms frames that are complete with this piece.

        A piece from the past (a duplicate or out of order) yields nothing.
        """
        if self._next_ms is not None:
            gap = frame.timestamp_ms - self._next_ms
            if gap + frame.duration_ms < -self._jitter_ms:
                return
            if gap > self._jitter_ms:
                lost = int(min(gap, self._max_gap_ms)) * _BYTES_PER_MS
                self._rest += b"\xff" * lost
        self._next_ms = frame.timestamp_ms + frame.duration_ms
        data = self._rest + frame.mulaw
        end = len(data) - len(data) % FRAME_BYTES
        start_ms = int(self._next_ms - len(data) / _BYTES_PER_MS)
        for at in range(0, end, FRAME_BYTES):
            yield Frame(data[at : at + FRAME_BYTES], start_ms + at // FRAME_BYTES * FRAME_MS)
        self._rest = data[end:]

    def forget(self) -> None:
        """Drop the unfinished rest."""
        self._rest = b""
