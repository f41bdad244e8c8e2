"""Log-mel features as the Whisper family of models hears sound (Radford et al. 2022, section 2.2).

Each frame is 25 ms under a Hann window, a new one begins every 10 ms, and its power is summed in
80 triangular bands on Slaney's mel scale. Of the logarithm the loudest 80 dB are kept.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 16_000
"""Samples a second, Hz."""

WINDOW: Final = 400
"""Samples in a frame."""

HOP: Final = 160
"""Samples from one frame to the next."""

BANDS: Final = 80
"""Mel bands."""

_LINEAR_HZ: Final = 200 / 3
"""Hz of one mel below the break of Slaney's scale."""

_BREAK_HZ: Final = 1000.0
_BREAK_MEL: Final = _BREAK_HZ / _LINEAR_HZ
_LOG_STEP: Final = np.log(6.4) / 27
"""Above the break a mel is this much of the logarithm of the frequency."""

_FLOOR: Final = 1e-10
_RANGE: Final = 8.0
"""Decades of power below the loudest that are kept."""


def log_mel(wave: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Features of a stretch of sound.

    Args:
        wave: samples at 16 kHz, at least 25 ms of them.

    Returns:
        Shape (80 bands, one frame for every 10 ms).

    Raises:
        ValueError: the sound is shorter than one frame.
    """
    if len(wave) < WINDOW:
        raise ValueError("features are made of 25 ms of sound or more")
    around = np.pad(wave, WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(around, WINDOW)[::HOP][: len(wave) // HOP]
    power = np.abs(np.fft.rfft(frames * _hann(), axis=1)) ** 2
    decades = np.log10(np.maximum(_filters() @ power.T, _FLOOR))
    kept = np.maximum(decades, decades.max() - _RANGE)
    scaled: npt.NDArray[np.float32] = ((kept + 4) / 4).astype(np.float32)
    return scaled


@cache
def _hann() -> npt.NDArray[np.float32]:
    """The periodic Hann window: the symmetric one of one sample more, without its last."""
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@cache
def _filters() -> npt.NDArray[np.float32]:
    """Weights of the spectrum's lines in the bands, each triangle of the same area."""
    lines = np.fft.rfftfreq(WINDOW, 1 / RATE)
    edges = _hertz(np.linspace(0, _mel(RATE / 2), BANDS + 2))
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (lines - low) / (middle - low)
    falling = (high - lines) / (high - middle)
    triangles = np.clip(np.minimum(rising, falling), 0, None)
    weights: npt.NDArray[np.float32] = (triangles * 2 / (high - low)).astype(np.float32)
    return weights


def _mel(hertz: float) -> float:
    return float(_BREAK_MEL + np.log(hertz / _BREAK_HZ) / _LOG_STEP)


def _hertz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MEL))
    return np.where(mels < _BREAK_MEL, mels * _LINEAR_HZ, above)
