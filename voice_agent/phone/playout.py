"""The carrier's playout buffer: what the caller hears, when, and when marks come back.

Pure arithmetic over one timeline in seconds; nothing ticks. Audio is played in order, in real
time, 8,000 bytes of mu-law a second. A mark comes back when everything queued before it has been
played, at once when nothing is queued; a clear drops what has not been played and sends every
pending mark back (twilio.md, "us -> Twilio").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from voice_agent.audio.frame import TELEPHONE_RATE

_GAP: Final = 1e-6
"""Seconds below which two stretches of sound are one; far less than a sample."""


@dataclass(slots=True)
class Played:
    """A stretch of audio as it was heard.

    Attributes:
        start: when it began to be heard, seconds.
        mulaw: G.711 mu-law, 8 kHz, mono.
    """

    start: float
    mulaw: bytearray

    @property
    def end(self) -> float:
        """When it had been heard to its end, seconds."""
        return self.start + len(self.mulaw) / TELEPHONE_RATE


@dataclass(slots=True)
class Playout:
    """What one leg plays to its caller.

    Attributes:
        heard: everything ever queued and not dropped, in order; the last piece may still lie in
            the future.
        queued_at: when audio last arrived, seconds; ``None``: none since the last clear.
    """

    heard: list[Played] = field(default_factory=list)
    queued_at: float | None = None
    _end: float = 0.0
    _marks: list[tuple[float, str]] = field(default_factory=list)

    @property
    def end(self) -> float:
        """When the buffer will be, or was, empty, seconds."""
        return self._end

    @property
    def pending(self) -> int:
        """How many marks have not come back yet."""
        return len(self._marks)

    def queue(self, mulaw: bytes, now: float) -> None:
        """Put audio behind what is queued."""
        if not mulaw:
            return
        self.queued_at = now
        start = max(now, self._end)
        if self.heard and start - self.heard[-1].end < _GAP:  # no gap: one stretch of sound
            self.heard[-1].mulaw += mulaw
        else:
            self.heard.append(Played(start, bytearray(mulaw)))
        self._end = start + len(mulaw) / TELEPHONE_RATE

    def mark(self, name: str, now: float) -> None:
        """Put a mark behind what is queued."""
        self._marks.append((max(now, self._end), name))

    def clear(self, now: float) -> list[str]:
        """Drop what has not been played and return the names of all pending marks, in order."""
        while self.heard and self.heard[-1].start >= now:
            self.heard.pop()
        if self.heard and self.heard[-1].end > now:
            last = self.heard[-1]
            del last.mulaw[round((now - last.start) * TELEPHONE_RATE) :]
        self._end = min(self._end, now)
        self.queued_at = None
        names = [name for _, name in self._marks]
        self._marks = []
        return names

    def due(self, now: float) -> list[str]:
        """Take the marks that come back by now, in order."""
        count = 0
        while count < len(self._marks) and self._marks[count][0] <= now:
            count += 1
        names = [name for _, name in self._marks[:count]]
        del self._marks[:count]
        return names

    def is_quiet(self, now: float) -> bool:
        """True when the buffer is empty and no mark is pending."""
        return self._end <= now and not self._marks
