"""Telephone audio: out of a file, and where sound begins and ends in it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voice_agent.audio import mulaw as codec
from voice_agent.audio import wav
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.audio.resample import resample

WINDOW: Final = 0.01
"""Length of the windows that are judged, seconds."""

THRESHOLD: Final = 200.0
"""Root mean square above which a window is sound, in 16-bit steps: about -44 dB of full scale.

Comfort noise and quantisation hiss of a telephone line lie well below, speech well above.
"""

_STEP: Final = int(TELEPHONE_RATE * WINDOW)

LONGEST: Final = 600.0
"""Seconds of the longest file that is played or spoken."""


def from_wav(content: bytes) -> bytes:
    """A WAV file as the telephone line carries it: mu-law, 8 kHz, mono.

    Raises:
        WavError: not a WAV file that can be read, without sound, or longer than ``LONGEST``.
    """
    recording = wav.read(content)
    if not 0 < recording.seconds <= LONGEST:
        raise wav.WavError(f"the WAV file has {recording.seconds:.0f} s; up to {LONGEST:.0f} do")
    return codec.encode(resample(recording.mono(), recording.rate, TELEPHONE_RATE))


def sounding(mulaw: bytes) -> NDArray[np.bool_]:
    """Judge each window of 10 ms: true where there is sound. A last partial window counts."""
    pcm = codec.decode(mulaw).astype(np.float64)
    if pcm.size == 0:
        return np.zeros(0, dtype=np.bool_)
    padded = np.zeros(-(-pcm.size // _STEP) * _STEP)
    padded[: pcm.size] = pcm
    levels = np.sqrt(np.mean(padded.reshape(-1, _STEP) ** 2, axis=1))
    return np.asarray(levels >= THRESHOLD, dtype=np.bool_)


def span(mulaw: bytes) -> tuple[float, float] | None:
    """Seconds from the beginning to the first and to the end of the last sound.

    ``None`` if there is no sound in it.
    """
    windows = np.flatnonzero(sounding(mulaw))
    if windows.size == 0:
        return None
    end = min((int(windows[-1]) + 1) * WINDOW, len(mulaw) / TELEPHONE_RATE)
    return float(windows[0]) * WINDOW, end
