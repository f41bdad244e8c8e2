from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from tests.phone.fake_agent import tone
from tests.phone.fake_agent import wav as written
from voice_agent.phone import wav


def pcm_file(rate: int, channels: int, width: int, data: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(data)
    return file.getvalue()


def test_telephone_sound_comes_back_unchanged() -> None:
    assert wav.read(written(tone(0.5))) == tone(0.5)


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
def test_other_rates_are_resampled(rate: int) -> None:
    samples = np.zeros(rate, dtype="<i2")
    assert len(wav.read(pcm_file(rate, 1, 2, samples.tobytes()))) == pytest.approx(8000, abs=2)


def test_channels_are_mixed() -> None:
    both = np.array([[1000, 3000]] * 100, dtype="<i2")
    one = np.array([2000] * 100, dtype="<i2")
    assert wav.read(pcm_file(8000, 2, 2, both.tobytes())) == wav.read(
        pcm_file(8000, 1, 2, one.tobytes())
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"not a sound at all, only words",
        pcm_file(8000, 1, 1, b"\x80" * 100),
        pcm_file(8000, 1, 2, b""),
        pcm_file(8000, 1, 2, b"\x00" * 200)[:-50],
        pcm_file(1, 1, 2, b"\x00" * 2 * 601),
    ],
    ids=["empty", "header", "text", "8 bit", "no samples", "cut short", "too long"],
)
def test_what_cannot_be_spoken_is_refused(content: bytes) -> None:
    with pytest.raises(wav.UnreadableSound):
        wav.read(content)
