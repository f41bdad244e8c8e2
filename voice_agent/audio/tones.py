"""The tones of a telephone's keys (ITU-T Recommendation Q.23), as they are heard on the line."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from voice_agent.audio import mulaw
from voice_agent.audio.frame import TELEPHONE_RATE

TONE_MS: Final = 100
"""Length of a tone, and of the silence after it, milliseconds."""

FREQUENCIES: Final[dict[str, tuple[int, int]]] = {
    key: (low, high)
    for low, row in zip((697, 770, 852, 941), ("123", "456", "789", "*0#"), strict=True)
    for key, high in zip(row, (1209, 1336, 1477), strict=True)
}
"""The two frequencies of every key, Hz."""

_LEVEL: Final = 10 ** (-9 / 20) * 32767 / 2
"""Amplitude of each of the two, so that together they never exceed -9 dB of full scale."""

_RAMP: Final = 40
"""Samples in which a tone comes and goes, so that it does not click."""


def key_tones(keys: str) -> bytes:
    """The tones of keys, one after the other, mu-law 8 kHz.

    Raises:
        KeyError: no telephone has this key.
    """
    return b"".join(_tone(*FREQUENCIES[key]) for key in keys)


@cache
def _tone(low: int, high: int) -> bytes:
    size = TELEPHONE_RATE * TONE_MS // 1000
    at = np.arange(size) / TELEPHONE_RATE
    wave = np.sin(2 * np.pi * low * at) + np.sin(2 * np.pi * high * at)
    wave *= np.minimum(1.0, np.minimum(np.arange(size), np.arange(size)[::-1]) / _RAMP)
    return mulaw.encode((wave * _LEVEL).astype(np.int16)) + mulaw.SILENCE * size
