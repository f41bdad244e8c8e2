"""Whether what is heard is only the agent's own voice come back over the caller's line.

A speaker phone or a bad hybrid returns it later, quieter and coloured by a few milliseconds of
room. So what is heard is compared with what was played: where does it fit best, and how much of
it can a short filter make of what was played there? Of an echo nearly all, of a caller's voice
little, however alike it sounds. (The cross-correlation finds the delay, as in double-talk
detectors: Benesty, Morgan, Cho, "A new class of doubletalk detectors based on cross-correlation",
IEEE Transactions on Speech and Audio Processing 8(2), 2000; the filter is least squares.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from consent.sealed import Consented
from voice_agent.audio import mulaw
from voice_agent.audio.frame import Utterance

EXPLAINED: Final = 0.6
"""Share of what is heard, by energy, without what the line itself sounds like, from which it is
the agent's voice. Measured on the test suite's recordings, 80 to 200 ms after the first sound:
echoes 24 dB below the voice stay above 0.8 in 95 of 100, callers' voices below 0.68."""

TAPS: Final = 48
"""Length of the filter: 6 ms of room at 8 kHz."""

BEFORE: Final = 12
"""How many of them lie before the delay that fits best, which need not be that of the first way."""

TRIES: Final = 4
"""Delays that are looked at: at the beginning of a sound the right one is not always the best."""

QUIET: Final = 160
"""Samples of the quietest stretch: 20 ms."""

NOISE: Final = 0.9
"""Of what is there all the time, so much is taken for the line's noise."""

CAUTION: Final = 0.01
"""Ridge, as a share of the mean energy: so few samples must not be explained by chance."""

TILT: Final = 0.95
"""First-order pre-emphasis: without it, every two vowels are alike in their lowest tones."""

FAINT: Final = 100.0
"""Amplitude (of 32768) below which what was played is not looked at for the delay."""

Samples = npt.NDArray[np.float64]


class CorrelationEcho:
    """The ``EchoJudge`` port; keeps no state."""

    def is_echo(self, heard: Consented[Utterance], played: bytes) -> bool:
        """See ``EchoJudge``."""
        near = _emphasised(heard.reveal().mulaw)
        far = _emphasised(played)
        if not len(near) or len(far) < len(near):
            return False
        return any(_explained(near, far, at) >= EXPLAINED for at in _delays(near, far))


def _emphasised(sound: bytes) -> Samples:
    samples = mulaw.decode(sound).astype(np.float64)
    return samples[1:] - TILT * samples[:-1]


def _delays(near: Samples, far: Samples) -> Iterator[int]:
    """Where in ``far`` the stretches begin that correlate best with ``near``, best first."""
    length = len(near)
    size = 1 << (len(far) + length - 1).bit_length()
    spectrum = np.fft.rfft(far, size) * np.conj(np.fft.rfft(near, size))
    products = np.abs(np.fft.irfft(spectrum, size)[: len(far) - length + 1])
    energies = np.concatenate(([0.0], np.cumsum(np.square(far))))
    stretches = np.maximum(energies[length:] - energies[:-length], length * FAINT**2)
    alike = products / np.sqrt(stretches)
    for _ in range(TRIES):
        best = int(np.argmax(alike))
        yield best
        alike[max(0, best - TAPS) : best + TAPS] = 0.0


def _explained(near: Samples, far: Samples, begin: int) -> float:
    """Share of the energy of ``near`` that a filter makes of ``far`` from about there."""
    first = max(0, begin + BEFORE - TAPS + 1)
    last = min(len(far) - len(near), begin + BEFORE)
    around = far[first : last + len(near)]
    made = np.correlate(around, near, "valid")
    products = _products(around, len(near))
    careful = products + np.eye(len(made)) * (CAUTION * np.trace(products) / len(made) + 1.0)
    weights = np.linalg.solve(careful, made)
    explained = 2.0 * (weights @ made) - weights @ products @ weights
    return float(explained / max(float(near @ near) - _noise(near), 1.0))


def _noise(near: Samples) -> float:
    """Energy that is there in the quietest 20 ms too: the line's, and no way makes it."""
    whole = near[: len(near) // QUIET * QUIET].reshape(-1, QUIET)
    return NOISE * float(np.square(whole).mean(axis=1).min()) * len(near) if len(whole) else 0.0


def _products(around: Samples, length: int) -> Samples:
    """Of every two stretches of so many samples, begun one after the other: their product.

    Each is the one before it in both, less the sample that fell out, and more the one that came
    in; so only one row is multiplied out.
    """
    row = np.correlate(around, around[:length], "valid")
    count = len(row)
    products = np.zeros((count, count))
    for apart in range(count):
        left, right = around[: count - apart], around[apart:count]
        gone = left[:-1] * right[:-1]
        come = around[length : length + len(gone)] * around[length + apart : length + count - 1]
        line = row[apart] + np.concatenate(([0.0], np.cumsum(come - gone)))
        at = np.arange(count - apart)
        products[at, at + apart] = products[at + apart, at] = line
    return products
