"""Voice activity by WebRTC's detector, at the telephone's own 8 kHz: nothing is resampled."""

from __future__ import annotations

from typing import Final

import webrtcvad

from consent.sealed import Consented
from voice_agent.audio import mulaw
from voice_agent.audio.frame import FRAME_BYTES, TELEPHONE_RATE, Frame
from voice_agent.errors import EngineError
from voice_agent.speech.level import Level, LevelRules, level_of, without_hum

MODES: Final = range(4)


class WebRtcVad:
    """The ``Vad`` port on py-webrtcvad; keeps the detector's adaptive state of one call.

    A frame is speech if webrtcvad says so and it is as loud as the caller (``speech/level.py``).

    Args:
        mode: aggressiveness, 0 (hears speech easily) to 3 (hears noise as noise).
        rules: how loud that is.
    """

    def __init__(self, mode: int = 2, rules: LevelRules | None = None) -> None:
        if mode not in MODES:
            raise ValueError("the mode of webrtcvad is 0, 1, 2 or 3")
        self._vad = webrtcvad.Vad(mode)
        self._level = Level(rules)
        # Sealed, so that the sound in it cannot be heard any more after a withdrawal.
        self._before: Consented[Frame] | None = None

    def is_speech(self, frame: Consented[Frame]) -> bool:
        """See ``Vad``. A frame that is not exactly 20 ms raises ``EngineError``."""
        heard = frame.reveal().mulaw
        if len(heard) != FRAME_BYTES:
            raise EngineError("voice activity is judged on frames of exactly 20 ms")
        # What came before the first frame is not known; silence would be a step in the level.
        before = heard if self._before is None else self._before.reveal().mulaw
        self._before = frame
        clean = without_hum(mulaw.decode(before), mulaw.decode(heard))
        voiced = bool(self._vad.is_speech(clean.tobytes(), TELEPHONE_RATE))
        return self._level.is_caller(level_of(clean), voiced=voiced)
