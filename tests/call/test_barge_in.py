from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.call.barge_in import BACKCHANNELS, is_backchannel


@pytest.mark.parametrize("text", ["ja", "Ja!", "Mhm.", "OK, gut", "ach so", "I see.", "Mmhmm."])
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
