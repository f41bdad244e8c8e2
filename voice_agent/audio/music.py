"""What a caller hears while they wait: quiet chords, made here, the same every time."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio import mulaw
from voice_agent.audio.frame import TELEPHONE_RATE

SECONDS: Final = 8
"""Length of the loop; its end leads into its beginning."""

LEVEL_DB: Final = -20.0
"""Mean level, decibels of full scale."""

_CHORDS: Final = (
    (220.0, 261.63, 329.63, 392.0),
    (174.61, 261.63, 329.63, 440.0),
    (261.63, 329.63, 392.0, 493.88),
    (196.0, 293.66, 349.23, 493.88),
)
"""Frequencies, Hz: A minor 7, F major 7, C major 7, G 7; two seconds each."""


@cache
def hold_music() -> bytes:
    """The loop, mu-law 8 kHz, ``SECONDS`` long."""
    size = SECONDS * TELEPHONE_RATE
    each = size // len(_CHORDS)
    loop = np.zeros(size)
    for number, chord in enumerate(_CHORDS):
        # A chord swells for a second before its time and fades while the next one swells; what
        # goes beyond the end of the loop is heard at its beginning.
        places = (np.arange(2 * each) + (number - 1) * each + each // 2) % size
        loop[places] += _chord(chord, 2 * each)
    level = 10 ** (LEVEL_DB / 20) * 32767
    loop *= level / np.sqrt(np.mean(loop**2))
    return mulaw.encode(loop.astype(np.int16))


def _chord(frequencies: tuple[float, ...], size: int) -> npt.NDArray[np.float64]:
    at = np.arange(size) / TELEPHONE_RATE
    swell = np.sin(np.pi * np.arange(size) / size) ** 2
    voices = [
        (np.sin(2 * np.pi * f * at) + 0.2 * np.sin(4 * np.pi * f * at)) * (1 - number * 0.15)
        for number, f in enumerate(frequencies)
    ]
    chord: npt.NDArray[np.float64] = swell * np.sum(voices, axis=0)
    return chord
