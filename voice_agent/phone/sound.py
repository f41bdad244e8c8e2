"""Where sound begins and ends in a stretch of telephone audio."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voice_agent.audio import mulaw as codec
from voice_agent.audio.frame import TELEPHONE_RATE

WINDOW: Final = 0.01
"""Length of the windows that are judged, seconds."""

THRESHOLD: Final = 200.0
"""Root mean square above which a window is sound, in 16-bit steps: about -44 dB of full scale.

Comfort noise and quantisation hiss of a telephone line lie well below, speech well above.
"""

_STEP: Final = int(TELEPHONE_RATE * WINDOW)


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
