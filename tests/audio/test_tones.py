from __future__ import annotations

import numpy as np
import pytest

from voice_agent.audio import mulaw
from voice_agent.audio.tones import FREQUENCIES, TONE_MS, key_tones


@pytest.mark.parametrize("key", sorted(FREQUENCIES))
def test_a_key_sounds_with_its_two_frequencies(key: str) -> None:
    pcm = mulaw.decode(key_tones(key))
    size = 8 * TONE_MS
    assert len(pcm) == 2 * size
    assert not pcm[size:].any()
    spectrum = np.abs(np.fft.rfft(pcm[:size].astype(float) * np.hanning(size), 8000))
    low, high = FREQUENCIES[key]
    assert abs(int(spectrum[:1000].argmax()) - low) <= 5
    assert abs(1000 + int(spectrum[1000:].argmax()) - high) <= 5


def test_the_keys_have_the_frequencies_of_the_recommendation() -> None:
    assert FREQUENCIES["1"] == (697, 1209)
    assert FREQUENCIES["5"] == (770, 1336)
    assert FREQUENCIES["#"] == (941, 1477)
    assert len(set(FREQUENCIES.values())) == 12


def test_keys_follow_one_another() -> None:
    assert key_tones("12") == key_tones("1") + key_tones("2")
    assert key_tones("") == b""


def test_a_key_that_no_telephone_has_is_refused() -> None:
    with pytest.raises(KeyError):
        key_tones("A")
