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

_FRAME: Final = 0.01
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
    frame = round(rate * _FRAME)
    frames = np.pad(wave, (0, -len(wave) % frame)).reshape(-1, frame)
    loudness = np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1))
    if not loudness.size or loudness.max() < 1e-4:  # noqa: PLR2004 (below one 16-bit step or so)
        return b""
    active = np.flatnonzero(loudness > loudness.max() * _ACTIVE)
    start = max(0, active[0] * frame - round(LEAD * rate))
    end = min(len(wave), (active[-1] + 1) * frame + round(TAIL * rate))
    spoken = wave[start:end]
    level = float(np.sqrt((loudness[active] ** 2).mean()))
    gain = min(LEVEL / level, PEAK / float(np.abs(spoken).max()))
    pcm = np.rint(spoken * gain * 32767).astype(np.int16)
    return mulaw.encode(resample(pcm, rate, TELEPHONE_RATE))
