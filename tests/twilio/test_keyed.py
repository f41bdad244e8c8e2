"""What was keyed in, read as what it may be (C23)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.tools.directory import BirthDate, Pin
from voice_agent.twilio.keyed import OLDEST, secrets_of

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize("keys", ["4242", "424242", "1234567", "123456789", "123456789012"])
def test_four_to_twelve_digits_are_a_pin(keys: str) -> None:
    assert secrets_of(keys, TODAY) == (Pin(keys),)


@pytest.mark.parametrize(
    ("keys", "day"),
    [
        ("12051980", date(1980, 5, 12)),
        ("29022000", date(2000, 2, 29)),
        ("01011900", date(1900, 1, 1)),
        ("26112026", date(2026, 11, 26)),
    ],
)
def test_eight_digits_that_are_a_day_are_a_birth_date_and_then_a_pin(keys: str, day: date) -> None:
    assert secrets_of(keys, TODAY) == (BirthDate(day), Pin(keys))


@pytest.mark.parametrize(
    "keys", ["31121899", "27112026", "29021900", "00011980", "01131980", "99999999", "19800512"]
)
def test_eight_digits_that_are_no_day_somebody_was_born_on_are_a_pin_alone(keys: str) -> None:
    assert secrets_of(keys, TODAY) == (Pin(keys),)


@pytest.mark.parametrize(
    "keys",
    ["", "8", "123", "1234567890123", "12#4", "*123", "12 34", "１２３４", "٤٢٤٢", "12.05.1980"],
)
def test_anything_else_is_no_secret(keys: str) -> None:
    assert secrets_of(keys, TODAY) == ()


@given(st.dates(min_value=OLDEST, max_value=TODAY))
def test_every_birth_date_can_be_keyed_in(day: date) -> None:
    assert secrets_of(day.strftime("%d%m") + f"{day.year:04}", TODAY)[0] == BirthDate(day)


@given(st.text(max_size=20))
def test_no_keys_break_it(keys: str) -> None:
    assert len(secrets_of(keys, TODAY)) <= 2
