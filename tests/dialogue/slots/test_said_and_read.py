"""What the agent says of a value, read again as if a caller had said it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.dialogue.slots.phrases import NOW
from voice_agent.dialogue.slots.digits import read_digits
from voice_agent.dialogue.slots.email import read_emails
from voice_agent.dialogue.slots.numbers import read_numbers
from voice_agent.dialogue.slots.numerals import numeral
from voice_agent.dialogue.slots.phone import read_phones
from voice_agent.dialogue.slots.plate import read_plates
from voice_agent.dialogue.slots.reading import Setting
from voice_agent.dialogue.slots.tokens import tokens
from voice_agent.speech.spoken import speakable
from voice_agent.speech.spoken.english import numbers as english
from voice_agent.speech.spoken.german import numbers as german

LANGUAGES = st.sampled_from(["de", "en"])


@settings(deadline=None)
@given(number=st.integers(0, 10**9 - 1), language=LANGUAGES)
def test_a_number_in_words_is_that_number(number: int, language: str) -> None:
    words = german.cardinal(number) if language == "de" else english.cardinal(number)
    given_ = tokens(words)
    read = numeral(given_, 0, language)
    assert read is not None
    assert (read.value, read.end, read.ordinal) == (number, len(given_), False)


@settings(deadline=None)
@given(number=st.integers(1, 99_999), language=LANGUAGES)
def test_an_ordinal_in_words_is_that_number(number: int, language: str) -> None:
    words = german.ordinal(number, "en") if language == "de" else english.ordinal(number)
    read = numeral(tokens(words), 0, language)
    assert read is not None
    assert (read.value, read.ordinal) == (number, True)


@given(whole=st.integers(0, 999), fraction=st.text("0123456789", min_size=1, max_size=3))
def test_decimals_are_read_as_they_are_said(whole: int, fraction: str) -> None:
    assume(fraction[-1] != "0")
    expected = f"{whole}.{fraction}"
    for language, words in (
        ("de", german.decimal(whole, fraction)),
        ("en", english.decimal(whole, fraction)),
    ):
        assert [r.value for r in read_numbers(words, Setting(language, NOW))] == [expected]


@settings(deadline=None)
@given(figures=st.from_regex(r"0[0-9]{6,11}", fullmatch=True), language=LANGUAGES)
def test_digits_are_read_as_they_are_said(figures: str, language: str) -> None:
    readings = read_digits(speakable(figures, language), Setting(language, NOW))
    assert [reading.value for reading in readings] == [figures]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    "number", ["+4930901820", "+491723456789", "+4989123456", "+442079460958", "+43158800"]
)
def test_a_telephone_number_is_read_as_it_is_said(number: str, language: str) -> None:
    said = speakable(f"Die Nummer ist {number}.", language)
    assert not any(character.isdigit() for character in said)
    assert read_phones(said, Setting(language, NOW))[0].value == number


PLATES = st.from_regex(r"[A-Z]{1,3}-[A-Z]{1,2} [1-9][0-9]{0,3}[EH]?", fullmatch=True)


@settings(deadline=None)
@given(plate=PLATES)
def test_a_plate_is_read_as_it_is_said(plate: str) -> None:
    assume(len(plate) <= 10)  # eight letters and digits
    readings = read_plates(speakable(plate, "de"), Setting("de", NOW))
    assert [reading.value for reading in readings] == [plate]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    "address", ["werkstatt@example.org", "anna.lang@example.com", "info_2@beispiel-garage.de"]
)
def test_an_address_is_read_as_it_is_said(address: str, language: str) -> None:
    readings = read_emails(speakable(address, language), Setting(language, NOW))
    assert [reading.value for reading in readings] == [address]
