from __future__ import annotations

import pytest

from tests.phone.fake_agent import tone
from voice_agent.audio.mulaw import SILENCE
from voice_agent.phone.sound import sounding, span


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
