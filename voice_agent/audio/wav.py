"""Recordings as WAV files in memory: what a telephone system, a test or a person hands us.

Written here rather than on the standard library's ``wave``, which reads neither mu-law nor files
that a program wrote to a pipe, and answers a broken file with whatever the parsing ran into.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio import mulaw
from voice_agent.errors import VoiceAgentError

_PCM: Final = 1
_MULAW: Final = 7
_EXTENSIBLE: Final = 0xFFFE
"""Format tags of the ``fmt `` chunk (RFC 2361); an extensible one names the real one later."""

_CHUNK: Final = struct.Struct("<4sI")
"""Every chunk begins with its name and the length of what follows, bytes."""

_FORMAT: Final = struct.Struct("<HHIIHH")
"""Format tag, channels, Hz, bytes a second, bytes of one sample of all channels, bits."""

_SUPPORTED: Final = frozenset({(_PCM, 8), (_PCM, 16), (_MULAW, 8)})

_RATES: Final = range(1000, 384_001)
"""Sample rates that recordings have, Hz."""

_UNKNOWN_LENGTH: Final = 0x7FFF_F000
"""From here on a length means: unknown. Programs that write to a pipe cannot come back and fill it
in; sox leaves this one, others leave 0xFFFFFFFF."""


class WavError(VoiceAgentError):
    """Not a WAV file that can be read; the message says what is wrong with it."""

    code: ClassVar[str] = "wav"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Sound as it was in the file.

    Attributes:
        samples: int16, shape (samples, channels) with one or two channels.
        rate: samples a second, Hz.
    """

    samples: npt.NDArray[np.int16]
    rate: int

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    def mono(self) -> npt.NDArray[np.int16]:
        """One channel, shape (samples,): the only one, or the mean of the two."""
        if self.channels == 1:
            return self.samples[:, 0]
        mixed: npt.NDArray[np.int16] = np.rint(self.samples.mean(axis=1)).astype(np.int16)
        return mixed

    def __repr__(self) -> str:
        return f"Recording({self.seconds:.2f} s, {self.rate} Hz, {self.channels} channels)"


@dataclass(frozen=True, slots=True)
class _Format:
    """The ``fmt `` chunk."""

    tag: int
    channels: int
    rate: int
    bits: int


def read(data: bytes) -> Recording:
    """Read a WAV file: PCM of 8 or 16 bits or mu-law, mono or stereo, any sample rate.

    Chunks other than the format and the sound are passed over. A length that the writer did not
    know (written to a pipe) means: to the end.

    Raises:
        WavError: not a WAV file, another format, or cut short.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise WavError("not a WAV file: it does not begin with RIFF and WAVE")
    view = memoryview(data)
    layout: _Format | None = None
    at = 12
    while at + _CHUNK.size <= len(data):
        name, length = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        here = len(data) - at
        if name == b"data" and length >= _UNKNOWN_LENGTH:
            length = here
        if length > here:
            raise WavError(f"the WAV file is cut short: {length} bytes announced, {here} there")
        body = view[at : at + length]
        if name == b"fmt ":
            layout = _read_format(body)
        elif name == b"data":
            if layout is None:
                raise WavError("the WAV file has its sound before its format")
            return Recording(_read_samples(body, layout), layout.rate)
        at += length + length % 2  # chunks begin at even places
    raise WavError("the WAV file holds no sound: it has no data chunk")


def _read_format(body: memoryview) -> _Format:
    """Read and check a ``fmt `` chunk."""
    if len(body) < _FORMAT.size:
        raise WavError("the WAV file's format is cut short")
    tag, channels, rate, _, align, bits = _FORMAT.unpack_from(body)
    if tag == _EXTENSIBLE:
        tag = int.from_bytes(body[24:26], "little")
    if (tag, bits) not in _SUPPORTED:
        raise WavError(
            f"a WAV file of format {tag} with {bits} bits is not supported: "
            "use PCM of 8 or 16 bits, or mu-law"
        )
    if channels not in (1, 2):
        raise WavError(f"a WAV file with {channels} channels is not supported: use one or two")
    if rate not in _RATES:
        raise WavError(f"a sample rate of {rate} Hz is not supported: use 1000 to 384000")
    if align != channels * bits // 8:
        raise WavError("the WAV file's format contradicts itself: its block size is wrong")
    return _Format(tag, channels, rate, bits)


def _read_samples(body: memoryview, layout: _Format) -> npt.NDArray[np.int16]:
    """Read a ``data`` chunk into shape (samples, channels)."""
    if len(body) % (layout.channels * layout.bits // 8):
        raise WavError("the WAV file ends in the middle of a sample")
    if layout.tag == _MULAW:
        samples = mulaw.decode(bytes(body))
    elif layout.bits == 16:  # noqa: PLR2004 (the number of bits is its own name)
        samples = np.frombuffer(body, dtype="<i2").astype(np.int16)
    else:
        # PCM of 8 bits is unsigned, with 128 as silence; wider PCM is signed.
        samples = (np.frombuffer(body, dtype=np.uint8).astype(np.int16) - 128) << 8
    return samples.reshape(-1, layout.channels)


def write(samples: npt.NDArray[np.int16], rate: int) -> bytes:
    """Make a WAV file of 16-bit PCM.

    Args:
        samples: int16, shape (samples,) for mono, or (samples, channels) with one or two.
        rate: samples a second, Hz.

    Raises:
        TypeError: the samples are not int16.
        ValueError: another shape, or a rate no recording has.
    """
    if samples.dtype != np.int16:
        raise TypeError(f"samples are int16, not {samples.dtype}")
    if samples.shape[1:] not in ((), (1,), (2,)) or samples.ndim == 0:
        raise ValueError("samples have the shape (samples,) or (samples, channels), one or two")
    if rate not in _RATES:
        raise ValueError("a sample rate is 1000 to 384000 Hz")
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    sound = samples.astype("<i2").tobytes()
    layout = _FORMAT.pack(_PCM, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVE" + _CHUNK.pack(b"fmt ", len(layout)) + layout + _CHUNK.pack(b"data", len(sound))
    return _CHUNK.pack(b"RIFF", len(body) + len(sound)) + body + sound
