"""WAV files in and out of telephone audio."""

from __future__ import annotations

import io
import wave
from typing import Final

import numpy as np

from voice_agent.audio import mulaw as codec
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.audio.resample import resample
from voice_agent.errors import VoiceAgentError

LONGEST: Final = 600
"""Seconds of the longest file that is read."""


class UnreadableSound(VoiceAgentError):
    """A file is not a WAV with 16-bit samples."""

    code = "sound"


def read(content: bytes) -> bytes:
    """Read a WAV with 16-bit samples, of any rate and any number of channels.

    Channels are mixed into one.

    Returns:
        G.711 mu-law, 8 kHz, mono.

    Raises:
        UnreadableSound: it is not such a file, is empty, cut short or longer than ``LONGEST``.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            frames = file.getnframes()
            if width != 2:  # noqa: PLR2004 (bytes of a 16-bit sample)
                raise UnreadableSound(f"a WAV of {8 * width}-bit samples; 16 bit is needed")
            if not frames or frames > LONGEST * rate:
                raise UnreadableSound(f"a WAV of {frames} samples; 1 to {LONGEST} s are needed")
            data = file.readframes(frames)
    except (wave.Error, EOFError) as fault:
        raise UnreadableSound("not a WAV file with PCM samples") from fault
    if len(data) != frames * channels * width:
        raise UnreadableSound("a WAV that is shorter than its header says")
    pcm = np.frombuffer(data, dtype="<i2").reshape(-1, channels)
    mono = pcm[:, 0] if channels == 1 else pcm.mean(axis=1)
    samples = np.ascontiguousarray(mono).astype(np.int16)
    if rate != TELEPHONE_RATE:
        samples = resample(samples, rate, TELEPHONE_RATE)
    return codec.encode(samples)
