"""Voice activity by WebRTC's detector, at the telephone's own 8 kHz: nothing is resampled."""

from __future__ import annotations

from typing import Final

import webrtcvad

from consent.sealed import Consented
from voice_agent.audio import mulaw
from voice_agent.audio.frame import FRAME_BYTES, TELEPHONE_RATE, Frame
from voice_agent.errors import EngineError

MODES: Final = range(4)


class WebRtcVad:
    """The ``Vad`` port on py-webrtcvad; keeps the detector's adaptive state of one call.

    Args:
        mode: aggressiveness, 0 (hears speech easily) to 3 (hears noise as noise).
    """

    def __init__(self, mode: int = 2) -> None:
        if mode not in MODES:
            raise ValueError("the mode of webrtcvad is 0, 1, 2 or 3")
        self._vad = webrtcvad.Vad(mode)

    def is_speech(self, frame: Consented[Frame]) -> bool:
        """See ``Vad``. A frame that is not exactly 20 ms raises ``EngineError``."""
        heard = frame.reveal()
        if len(heard.mulaw) != FRAME_BYTES:
            raise EngineError("voice activity is judged on frames of exactly 20 ms")
        return bool(self._vad.is_speech(mulaw.decode(heard.mulaw).tobytes(), TELEPHONE_RATE))
