"""Conversion between sample rates, piece by piece, without losing the end of a word."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import soxr

Quality = Literal["LQ", "MQ", "HQ", "VHQ"]
"""soxr's recipes. A better one looks further ahead: MQ holds back 26 ms at 8 kHz, HQ 66 ms."""


class Resampler:
    """Resamples one utterance, mono. Make a new one for the next.

    soxr works in floating point here and the rounding is ours: its own 16-bit output adds a
    dither that differs from run to run, and a rendered notice must hash the same each time (C12).

    Args:
        from_rate: samples a second of what is fed, Hz.
        to_rate: samples a second of what comes out, Hz.
        quality: soxr's recipe.

    Raises:
        ValueError: a rate is not positive, or the quality is unknown.
    """

    def __init__(self, from_rate: int, to_rate: int, quality: Quality = "HQ") -> None:
        if from_rate <= 0 or to_rate <= 0:
            raise ValueError("a sample rate is positive")
        self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality=quality)
        self._same = from_rate == to_rate
        self._finished = False

    def feed(self, pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Take the next samples, of any number; return those that are ready, possibly none.

        Raises:
            TypeError: the samples are not int16.
            ValueError: the utterance was finished.
        """
        return self._push(pcm, last=False)

    def finish(self) -> npt.NDArray[np.int16]:
        """Return the samples still held back. Nothing can be fed afterwards.

        Raises:
            ValueError: the utterance was finished already.
        """
        return self._push(np.zeros(0, dtype=np.int16), last=True)

    def _push(self, pcm: npt.NDArray[np.int16], *, last: bool) -> npt.NDArray[np.int16]:
        if self._finished:
            raise ValueError("this utterance is finished; each has its own Resampler")
        if pcm.dtype != np.int16:
            raise TypeError(f"samples are int16, not {pcm.dtype}")
        self._finished = last
        if self._same:
            return pcm.copy()
        ready = self._stream.resample_chunk(pcm.astype(np.float32), last=last)
        limits = np.iinfo(np.int16)
        rounded: npt.NDArray[np.int16] = (
            np.rint(ready).clip(limits.min, limits.max).astype(np.int16)
        )
        return rounded


def resample(
    pcm: npt.NDArray[np.int16], from_rate: int, to_rate: int, quality: Quality = "HQ"
) -> npt.NDArray[np.int16]:
    """Resample a whole recording, mono.

    Raises:
        TypeError: the samples are not int16.
        ValueError: a rate is not positive, or the quality is unknown.
    """
    resampler = Resampler(from_rate, to_rate, quality)
    return np.concatenate([resampler.feed(pcm), resampler.finish()])
