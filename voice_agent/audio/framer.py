"""Cuts what the carrier sends, of any length and with gaps, into whole 20 ms frames."""

from __future__ import annotations

from typing import Final

from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, TELEPHONE_RATE, Frame

_SILENCE: Final = b"\xff"
_BYTES_PER_MS: Final = TELEPHONE_RATE // 1000


class Framer:
    """Frames of one stream, in order. Missing audio becomes silence.

    Without that, a turn that ends in lost packets would never be seen to end.

    Args:
        jitter_ms: a timestamp this little off is the carrier's rounding, not a gap.
        max_gap_ms: at most so much silence stands for one gap, however far the timestamp jumps.
        max_past_ms: so much audio from the past in a row, and it is the carrier's clock that was
            set back: what comes is heard again.
    """

    def __init__(self, jitter_ms: int = 40, max_gap_ms: int = 2000, max_past_ms: int = 200) -> None:
        self._jitter_ms = jitter_ms
        self._max_gap_ms = max_gap_ms
        self._max_past_ms = max_past_ms
        self._rest = b""
        self._last: Frame | None = None
        self._assumed_ms = 0
        self._past_ms = 0.0

    def cut(self, piece: Frame) -> list[Frame]:
        """Return the whole 20 ms frames that are complete with this piece.

        A piece from the past (a duplicate or out of order) completes nothing.
        """
        if self._last is not None and self._is_past(piece, self._last):
            if self._past_ms < self._max_past_ms:
                self._past_ms += piece.duration_ms
                return []
            self._last = None
        lost_ms = 0 if self._last is None else self._lost_ms(piece, self._last)
        self._last, self._assumed_ms, self._past_ms = piece, 0, 0.0
        silence = _SILENCE * (lost_ms * _BYTES_PER_MS)
        return self._whole(silence + piece.mulaw, piece.timestamp_ms + piece.duration_ms)

    def assume(self, ms: int) -> list[Frame]:
        """Return frames of silence for audio that does not come.

        If it turns out to be a gap, this much of it has been accounted for; if it was only late,
        it is still heard.
        """
        self._assumed_ms += ms
        start_ms = 0.0 if self._last is None else _end_ms(self._last)
        return self._whole(_SILENCE * (ms * _BYTES_PER_MS), start_ms + self._assumed_ms)

    def forget(self) -> None:
        """Drop the unfinished rest."""
        self._rest = b""

    def _is_past(self, piece: Frame, last: Frame) -> bool:
        # Pieces shorter than a millisecond may rightly have the same timestamp.
        repeated = piece == last and piece.duration_ms >= 1
        ended_before = piece.timestamp_ms + piece.duration_ms < _end_ms(last) - self._jitter_ms
        return repeated or ended_before or piece.timestamp_ms < last.timestamp_ms

    def _lost_ms(self, piece: Frame, last: Frame) -> int:
        gap_ms = piece.timestamp_ms - _end_ms(last)
        if gap_ms <= self._jitter_ms:
            return 0
        return max(0, int(min(gap_ms, self._max_gap_ms)) - self._assumed_ms)

    def _whole(self, more: bytes, end_ms: float) -> list[Frame]:
        data = self._rest + more
        whole = len(data) - len(data) % FRAME_BYTES
        self._rest = data[whole:]
        start_ms = int(end_ms - len(data) / _BYTES_PER_MS)
        return [
            Frame(data[at : at + FRAME_BYTES], start_ms + at // FRAME_BYTES * FRAME_MS)
            for at in range(0, whole, FRAME_BYTES)
        ]


def _end_ms(frame: Frame) -> float:
    return frame.timestamp_ms + frame.duration_ms
