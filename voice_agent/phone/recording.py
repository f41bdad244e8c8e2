"""Both sides of a call on one timeline: what was said when, and how fast the other answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from voice_agent.audio import mulaw as codec
from voice_agent.audio import wav
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.phone.playout import Played, Playout
from voice_agent.phone.sound import WINDOW, sounding

_BREATH: Final = 20
"""Windows of quiet (200 ms) before a sound for it to be the beginning of an answer."""


@dataclass(slots=True)
class Recording:
    """One call, caller and agent.

    Times are seconds since the call began.

    Attributes:
        caller: what the caller said, in order.
        agent: what the caller heard.
    """

    caller: Playout = field(default_factory=Playout)
    agent: Playout = field(default_factory=Playout)

    def heard_between(self, start: float, end: float) -> bytes:
        """What the caller heard from ``start`` to ``end``, as mu-law with its pauses."""
        return _render(self.agent.heard, start, end)

    def answer_after(self, speech_end: float, until: float) -> float | None:
        """When the agent was first heard after the caller's last sound.

        An answer begins after at least 200 ms of quiet, so that an agent who is still being
        talked over is not taken for one who answers at once.

        Args:
            speech_end: the caller's last sound.
            until: where to stop looking.

        Returns:
            Seconds since the call began, or ``None`` when nothing was heard.
        """
        start = max(0.0, speech_end - _BREATH * WINDOW)
        sound = sounding(_render(self.agent.heard, start, until))
        first = round((speech_end - start) / WINDOW)
        quiet = int(np.argmax(sound[:first][::-1])) if sound[:first].any() else _BREATH
        for index in range(first, len(sound)):
            if not sound[index]:
                quiet += 1
            elif quiet >= _BREATH:
                return start + index * WINDOW
            else:
                quiet = 0
        return None

    def talked_over(self, start: float, end: float) -> float:
        """Seconds from ``start`` to ``end`` in which both were heard at once."""
        caller = sounding(_render(self.caller.heard, start, end))
        agent = sounding(_render(self.agent.heard, start, end))
        return float(np.count_nonzero(caller & agent)) * WINDOW

    def write(self, path: Path, end: float) -> None:
        """Write a stereo WAV, 8 kHz, 16 bit: caller left, agent right, aligned in time.

        Args:
            path: where to.
            end: length of the call, seconds.

        Raises:
            OSError: the file cannot be written.
        """
        both = np.stack(
            [
                codec.decode(_render(self.caller.heard, 0.0, end)),
                codec.decode(_render(self.agent.heard, 0.0, end)),
            ],
            axis=1,
        )
        path.write_bytes(wav.write(both, TELEPHONE_RATE))


def _render(pieces: list[Played], start: float, end: float) -> bytes:
    length = max(0, round((end - start) * TELEPHONE_RATE))
    track = bytearray(codec.SILENCE * length)
    for piece in pieces:
        at = round((piece.start - start) * TELEPHONE_RATE)
        audio = piece.mulaw[max(0, -at) : max(0, length - at)]
        at = max(0, at)
        track[at : at + len(audio)] = audio
    return bytes(track)
