from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.audio import mulaw
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.speech.loudness import LEVEL, for_telephone

Wave = npt.NDArray[np.float32]


def tone(seconds: float, level: float, rate: int = 22_050) -> Wave:
    """A tone of 440 Hz with this RMS."""
    time = np.arange(round(seconds * rate)) / rate
    wave: Wave = (level * np.sqrt(2) * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    return wave


def silence(seconds: float, rate: int = 22_050) -> Wave:
    return np.zeros(round(seconds * rate), dtype=np.float32)


def rms(audio: bytes) -> float:
    return float(np.sqrt(np.mean((mulaw.decode(audio) / 32768.0) ** 2)))


@given(level=st.floats(0.01, 0.6), rate=st.sampled_from([8000, 16_000, 22_050, 24_000]))
def test_every_voice_comes_out_equally_loud(level: float, rate: int) -> None:
    assert rms(for_telephone(tone(0.5, level, rate), rate)) == pytest.approx(LEVEL, rel=0.06)


def test_silence_around_the_speech_is_cut() -> None:
    wave = np.concatenate([silence(0.4), tone(0.5, 0.1), silence(0.4)])
    audio = for_telephone(wave, 22_050)
    lead = np.flatnonzero(np.abs(mulaw.decode(audio)) > 200)[0]
    assert lead <= 0.030 * TELEPHONE_RATE
    assert len(audio) / TELEPHONE_RATE == pytest.approx(0.58, abs=0.03)


def test_a_pause_inside_stays() -> None:
    wave = np.concatenate([tone(0.3, 0.1), silence(0.3), tone(0.3, 0.1)])
    assert len(for_telephone(wave, 22_050)) / TELEPHONE_RATE == pytest.approx(0.9, abs=0.03)


def test_a_peak_does_not_clip() -> None:
    """One loud click must not be raised into the rail along with soft speech."""
    wave = tone(0.5, 0.02)
    wave[5000:5010] = 1.0
    assert np.abs(mulaw.decode(for_telephone(wave, 22_050)).astype(int)).max() < 32_124


@pytest.mark.parametrize("wave", [silence(0.0), silence(0.5), tone(0.5, 1e-6)])
def test_no_sound_is_no_audio(wave: Wave) -> None:
    assert for_telephone(wave, 22_050) == b""
