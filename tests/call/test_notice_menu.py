from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consent.purpose import Purpose
from voice_agent.call.notice_menu import KEYS, Choice, choose


def test_c8_the_keys_are_those_the_rules_name() -> None:
    """Rule C8."""
    assert {key: choice.value for key, choice in KEYS.items()} == {
        "1": "accept",
        "0": "human",
        "2": "send_link",
        "3": "read_full",
        "5": "other_language",
        "#": "repeat",
        "*": "withdraw",
    }


@given(st.text(max_size=3))
def test_nothing_but_key_1_accepts(pressed: str) -> None:
    assert (choose(pressed) is Choice.ACCEPT) is (pressed == "1")


def test_c10_no_key_grants_a_second_purpose() -> None:
    """Rule C10: there is one accepting key, and the other purposes are not among the choices."""
    assert list(KEYS.values()).count(Choice.ACCEPT) == 1
    others = {purpose.value for purpose in Purpose} - {Purpose.CONVERSATION.value}
    assert others.isdisjoint(choice.value for choice in Choice)
