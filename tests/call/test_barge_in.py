from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.call.barge_in import BACKCHANNELS, BargeInRules, interrupts, is_backchannel


@pytest.mark.parametrize(("speech_ms", "stops"), [(0, False), (380, False), (400, True)])
def test_so_much_speech_interrupts(speech_ms: int, stops: bool) -> None:
    assert interrupts(speech_ms, BargeInRules(speech_ms=400)) is stops


@pytest.mark.parametrize("text", ["ja", "Ja!", "Mhm.", "OK, gut", "ach so", "I see.", "uh-huh"])
def test_these_only_say_go_on(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text", ["", "...", "nein", "stop", "ja, aber", "halt", "okay okay okay okay", "no"]
)
def test_these_mean_something(text: str) -> None:
    assert not is_backchannel(text)


@given(st.lists(st.sampled_from(sorted(BACKCHANNELS)), min_size=1, max_size=3))
def test_three_of_them_are_still_one(words: list[str]) -> None:
    assert is_backchannel(" ".join(words))
