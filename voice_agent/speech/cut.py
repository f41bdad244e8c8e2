"""Where to go on in a sentence that was cut: at the beginning of the word that was being said.

Synthesisers do not say when each word sounds. But a word takes about as long as it is written,
and between two words the voice is weakest: the one finds the word, the other its edge.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio import mulaw as g711
from voice_agent.audio.frame import TELEPHONE_RATE

STEP: Final = TELEPHONE_RATE // 100
"""Bytes over which loudness is measured: 10 ms."""

MARGIN: Final = TELEPHONE_RATE * 15 // 100
"""Bytes (150 ms) that the clock may be ahead of the caller's ear: the network, and the word that
was only half heard under their own voice."""

SEARCH: Final = TELEPHONE_RATE * 15 // 100
"""How far from where a word should begin its edge is looked for, bytes (150 ms)."""

SOUND: Final = 0.02
"""Less than this share of the loudest step is silence before and after the voice."""


def word_before(mulaw: bytes, text: str, position: int) -> int:
    """Find the word that was being said.

    Args:
        mulaw: the whole sentence's audio, mu-law 8 kHz.
        text: the sentence as it is spoken.
        position: bytes of it that were played.

    Returns:
        Bytes to leave out so that the audio begins with that word, or with the one before it if
        it had only just begun; at most ``position``, 0 for the first word.
    """
    loudness = _loudness(mulaw)
    voiced = np.flatnonzero(loudness > SOUND * loudness.max(initial=0))
    letters = [len(word) + 1 for word in re.findall(r"\S+", text)]
    if not len(voiced) or not letters[1:]:
        return 0
    first, last = int(voiced[0]) * STEP, (int(voiced[-1]) + 1) * STEP
    share = (last - first) / sum(letters)
    starts = [first + round(share * before) for before in accumulate(letters[:-1])]
    reached = [start for start in starts if start <= position - MARGIN]
    return min(_edge(loudness, reached[-1]), position) if reached else 0


def _loudness(mulaw: bytes) -> npt.NDArray[np.float64]:
    """Energy of each 10 ms."""
    samples = g711.decode(mulaw[: len(mulaw) // STEP * STEP]).astype(np.float64)
    energy: npt.NDArray[np.float64] = np.square(samples.reshape(-1, STEP)).mean(axis=1)
    return energy


def _edge(loudness: npt.NDArray[np.float64], near: int) -> int:
    """The quietest step close by, bytes from the beginning."""
    low = max(0, (near - SEARCH) // STEP)
    around = loudness[low : (near + SEARCH) // STEP]
    return (low + int(np.argmin(around))) * STEP
