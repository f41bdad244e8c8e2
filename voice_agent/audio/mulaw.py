"""G.711 mu-law, the sound format of the telephone line (ITU-T Recommendation G.711, table 2)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

SILENCE: Final = b"\xff"
"""One sample of silence; ``SILENCE * 160`` is 20 ms of it."""

# G.711 works on 14 bits: magnitudes are shifted by a bias of 33, so that each of the eight
# segments begins at a power of two, and end at 8191, the last value of the highest segment.
_BIAS = 33
_LIMIT = 8191


def _encoding_table() -> npt.NDArray[np.uint8]:
    """The code of every 16-bit sample, indexed by the sample read as unsigned."""
    # Numpy shifts signed integers arithmetically, so -1 stays a negative step and becomes 7E.
    samples = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int32) >> 2
    magnitude = np.minimum(np.abs(samples) + _BIAS, _LIMIT)
    segment = np.searchsorted(2 ** np.arange(6, 14), magnitude, side="right")
    step = (magnitude >> (segment + 1)) & 0x0F
    # The line carries codes inverted; the sign bit of the inverted code is set for positives.
    inverted = np.where(samples < 0, 0x7F, 0xFF)
    codes: npt.NDArray[np.uint8] = ((segment << 4 | step) ^ inverted).astype(np.uint8)
    return codes


def _decoding_table() -> npt.NDArray[np.int16]:
    """The 16-bit sample of every code: the middle of the code's step."""
    codes = ~np.arange(256, dtype=np.uint8)
    segment = (codes >> 4 & 0x07).astype(np.int32)
    step = (codes & 0x0F).astype(np.int32)
    magnitude = ((2 * step + _BIAS << segment) - _BIAS) << 2
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


_CODES: Final = _encoding_table()
_SAMPLES: Final = _decoding_table()


def decode(mulaw: bytes) -> npt.NDArray[np.int16]:
    """Turn mu-law into 16-bit samples, one for each byte."""
    return _SAMPLES[np.frombuffer(mulaw, dtype=np.uint8)]


def encode(pcm: npt.NDArray[np.int16]) -> bytes:
    """Turn 16-bit samples (mono, one dimension) into mu-law, one byte for each.

    Raises:
        TypeError: the array is not of native 16-bit integers; another width would not fail by
            itself but come out as noise.
    """
    if pcm.dtype != np.int16:
        raise TypeError(f"mu-law is made from int16 samples, not {pcm.dtype}")
    return _CODES[pcm.view(np.uint16)].tobytes()
