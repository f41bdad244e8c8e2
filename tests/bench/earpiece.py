"""The carrier's end of a call, simulated: what it is sent it plays into an ear, frame by frame.

It sends a mark back when everything before it was heard, and empties itself on a clear, when the
frame that is playing is still played to its end. Every sample the ear gets is traced to its place
in the answer the agent meant to give, so that what was lost and what was said twice can be told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tests.bench.overlap import Samples
from voice_agent.audio import mulaw
from voice_agent.audio.frame import FRAME_BYTES, TELEPHONE_RATE

Places = npt.NDArray[np.int64]

_LEAD: Final = round(0.16 * TELEPHONE_RATE)
"""Bytes the server sends ahead; of what lies further ahead the carrier knows no mark yet."""

_SILENT: Final = -2
_ELSEWHERE: Final = -1
_PROBE: Final = TELEPHONE_RATE // 20
_AUDIBLE: Final = 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the ear got of the answer, in milliseconds of its audible sound.

    Attributes:
        said_ms: length of the answer, pauses included.
        lost_ms: never heard, though something later was.
        twice_ms: heard again.
        finished: heard to its end.
    """

    said_ms: int = 0
    lost_ms: int = 0
    twice_ms: int = 0
    finished: bool = False


class Earpiece:
    """Plays what it is sent.

    Args:
        samples: the longest call.
        tell: told what happens, for a timeline.
    """

    def __init__(self, samples: int, tell: Callable[[str], None]) -> None:
        self.heard: Samples = np.zeros(samples)
        self.began: int | None = None
        self.stops: list[int] = []
        self.starts: list[int] = []
        self.last = 0
        self._tell = tell
        self._places: Places = np.full(samples, _SILENT)
        self._answer = b""
        self._queue: deque[tuple[bytes, Places] | str] = deque()
        self._stopped = False

    @property
    def is_empty(self) -> bool:
        """True if nothing is queued."""
        return not self._queue

    def expect(self, audio: bytes) -> None:
        """Take audio as the next part of the answer."""
        self._answer += audio

    def send(self, audio: bytes) -> None:
        """Queue audio."""
        self._queue.append((audio, self._traced(audio)))

    def mark(self, name: str) -> None:
        """Queue a mark."""
        self._queue.append(name)

    def play(self, at: int) -> list[tuple[str, int]]:
        """Play a frame.

        Args:
            at: its first sample.

        Returns:
            The marks that are heard now, each with the sample at which it is.
        """
        marks: list[tuple[str, int]] = []
        end = at + FRAME_BYTES
        while self._queue and at < end:
            head = self._queue.popleft()
            if isinstance(head, str):
                marks.append((head, at))
                continue
            audio, places = head
            size = min(end - at, len(audio))
            if size < len(audio):
                self._queue.appendleft((audio[size:], places[size:]))
            self.heard[at : at + size] = mulaw.decode(audio[:size])
            self._places[at : at + size] = places[:size]
            self._note(at, places[:size])
            at += size
            self.last = at
        return marks

    def _note(self, at: int, places: Places) -> None:
        known = places[places >= 0]
        if self.began is None and known.size:
            self.began = at
            self._tell("the answer begins to be heard")
        if self._stopped:
            self._stopped = False
            self.starts.append(at)
            of = f"the answer at {known[0] * 1000 // TELEPHONE_RATE} ms" if known.size else "other"
            self._tell(f"audio again: {of}")

    def clear(self, at: int) -> list[str]:
        """Forget what is queued; returns the marks that are sent back for that.

        Args:
            at: the sample being played.
        """
        ahead, marks = 0, []
        for head in self._queue:
            if not isinstance(head, str):
                ahead += len(head[0])
            elif ahead <= _LEAD:
                marks.append(head)
        self._queue.clear()
        if ahead and not self._stopped:
            self._stopped = True
            self.stops.append((at // FRAME_BYTES + 1) * FRAME_BYTES)
            self._tell("the agent's audio stops with this frame")
        return marks

    def compare(self) -> Comparison:
        """Compare what was heard, in order, with the answer as it was made."""
        size = len(self._answer)
        times = np.bincount(self._places[self._places >= 0], minlength=size)
        if not times.any():
            return Comparison(size * 1000 // TELEPHONE_RATE)
        loud = np.abs(mulaw.decode(self._answer).astype(np.float64)) > _AUDIBLE
        # A wave passes through nothing all the time: 10 ms around a sound are sound.
        sound = np.convolve(loud, np.ones(TELEPHONE_RATE // 100), mode="same") > 0
        last = int(np.flatnonzero(times)[-1])
        return Comparison(
            said_ms=_ms(size),
            lost_ms=_ms((sound & (times == 0))[:last].sum()),
            twice_ms=_ms((np.maximum(times - 1, 0) * sound).sum()),
            finished=not sound[last + 1 :].any(),
        )

    def _traced(self, audio: bytes) -> Places:
        """Where in the answer each sample comes from; audio may be any later part of a clip."""
        places: Places = np.full(len(audio), _ELSEWHERE)
        for at in range(0, max(1, len(audio) - _PROBE), _PROBE):
            part = audio[at : at + _PROBE]
            found = self._answer.find(part) - at if len(set(part)) > 20 else -1
            if found < 0:
                continue
            meant = np.frombuffer(self._answer[found : found + len(audio)], dtype=np.uint8)
            given = np.frombuffer(audio[: len(meant)], dtype=np.uint8)
            # A part that was faded in or filled with silence is not the answer's.
            same = np.flatnonzero(meant == given)
            places[same] = found + same
            break
        return places


def _ms(samples: float) -> int:
    return int(samples) * 1000 // TELEPHONE_RATE
