"""From a synthesiser's wave to telephone audio: one loudness for every voice, no dead air. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio import mulaw
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.audio.resample import resample

LEVEL: Final = 10 ** (-20 / 20)
"""Active speech level, RMS over full scale: -20 dBFS leaves the peaks of speech their headroom."""

PEAK: Final = 10 ** (-1 / 20)
"""Highest sample, over full scale."""

LEAD: Final = 0.02
"""Seconds kept before the first sound, so that a soft beginning is not cut."""

TAIL: Final = 0.06
"""Seconds kept behind the last sound, so that it fades."""

_FRAME: Final = TELEPHONE_RATE // 100
_FULL: Final = 32_000
_SILENT: Final = 1e-4
_ACTIVE: Final = 10 ** (-35 / 20)
"""A frame within 35 dB of the loudest one holds speech; softer ones are pauses."""


def for_telephone(wave: npt.NDArray[np.float32], rate: int) -> bytes:
    """Trim, level and encode one piece of synthetic speech.

    Args:
        wave: mono, full scale is 1.
        rate: its samples a second, Hz.

    Returns:
        G.711 mu-law, 8 kHz; empty if the wave holds no sound.
    """
    loudest = float(np.abs(wave).max(initial=0.0))
    if loudest < _SILENT:
        return b""
    # Resampled first: trim, level and peak are those of what the line carries.
    pcm = resample(np.rint(wave / loudest * _FULL).astype(np.int16), rate, TELEPHONE_RATE)
    narrow = pcm.astype(np.float64) / _FULL
    frames = np.pad(narrow, (0, -len(narrow) % _FRAME)).reshape(-1, _FRAME)
    loudness = np.sqrt((frames**2).mean(axis=1))
    active = np.flatnonzero(loudness > loudness.max() * _ACTIVE)
    if not active.size:
        return b""
    start = max(0, active[0] * _FRAME - round(LEAD * TELEPHONE_RATE))
    end = (active[-1] + 1) * _FRAME + round(TAIL * TELEPHONE_RATE)
    spoken = narrow[start:end]
    level = float(np.sqrt((loudness[active] ** 2).mean()))
    gain = min(LEVEL / level, PEAK / float(np.abs(spoken).max()))
    return mulaw.encode(np.rint(spoken * gain * _FULL).astype(np.int16))
