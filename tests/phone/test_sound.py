from __future__ import annotations

import numpy as np
import pytest

from tests.phone.fake_agent import tone
from tests.phone.fake_agent import wav as written
from voice_agent.audio import wav
from voice_agent.audio.mulaw import SILENCE
from voice_agent.phone.sound import from_wav, sounding, span


def test_silence_has_no_span() -> None:
    assert span(SILENCE * 800) is None
    assert span(b"") is None


@pytest.mark.parametrize(("before", "seconds"), [(0.0, 0.5), (0.3, 1.0), (1.25, 0.1)])
def test_a_tone_is_found_to_the_window(before: float, seconds: float) -> None:
    quiet = SILENCE * round(before * 8000)
    found = span(quiet + tone(seconds) + SILENCE * 4000)
    assert found == pytest.approx((before, before + seconds), abs=0.011)


def test_a_last_partial_window_counts() -> None:
    assert len(sounding(tone(0.025))) == 3
    assert span(tone(0.025)) == pytest.approx((0.0, 0.025), abs=1e-9)


def test_telephone_sound_comes_out_of_a_file_unchanged() -> None:
    assert from_wav(written(tone(0.5))) == tone(0.5)


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_other_rates_are_resampled(rate: int) -> None:
    assert len(from_wav(wav.write(np.zeros(rate, np.int16), rate))) == pytest.approx(8000, abs=2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"words",
        wav.write(np.zeros(0, np.int16), 8000),
        wav.write(np.zeros(601000, np.int16), 1000),
    ],
    ids=["nothing", "words", "no sound", "too long"],
)
def test_what_cannot_be_spoken_is_refused(content: bytes) -> None:
    with pytest.raises(wav.WavError):
        from_wav(content)
