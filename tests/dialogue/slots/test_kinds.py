from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.slots.phrases import NOW, phrases
from voice_agent.dialogue.slots.kinds import KINDS, Parser, kind_of, with_options
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.errors import ConfigurationError

WORDS = sorted({word for phrase in phrases("phrases.tsv") for word in phrase.text.split()})
"""What makes the parsers do something; random letters seldom do."""

TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
    st.lists(st.sampled_from([*WORDS, *"-.,@+'/\u0308\u0663"]), max_size=40).map("".join),
)


def parsers() -> list[Parser]:
    kinds = [with_options(kind, ("eins", "two", "")) for kind in KINDS.values()]
    return [kind.asked for kind in kinds] + [kind.offered for kind in kinds if kind.offered]


def read_all(text: str, language: str) -> list[Reading]:
    setting = Setting(language, NOW)
    return [reading for parser in parsers() for reading in parser(text, setting)]


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["de", "en"]))
def test_whatever_was_said_every_parser_answers_in_the_form_of_a_reading(
    text: str, language: str
) -> None:
    for reading in read_all(text, language):
        assert 0 <= reading.start <= reading.end <= len(text)
        assert 0 < reading.confidence <= 1
        assert reading.value not in reading.others


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["de", "en"]))
def test_the_same_words_always_give_the_same_readings(text: str, language: str) -> None:
    assert read_all(text, language) == read_all(text, language)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    "piece",
    ["eins nein ", "a nein ", "at ", "mit d ", "ich bin ", "M wie ", "doppel ", "9.", "und ", "k,"],
)
def test_what_never_ends_is_read_to_its_bound(language: str, piece: str) -> None:
    """Each of these would keep a parser that looks back or ahead without bound busy for ever."""
    text = piece * (200_000 // len(piece))
    assert all(reading.end <= len(text) for reading in read_all(text, language))


def test_a_reading_shows_no_value() -> None:
    shown = repr(read_all("Mein Name ist Hanna Beispiel, 030 901820, hanna at example.org", "de"))
    assert "Reading" in shown
    for personal in ("Hanna", "Beispiel", "901820", "example"):
        assert personal not in shown


@pytest.mark.parametrize(
    ("slot", "kind"),
    [
        ("phone", "phone"),
        ("phone_number", "phone"),
        ("customer_number", "code"),
        ("pickup_date", "date"),
        ("caller_name", "name"),
        ("anything_else", "yes_no"),
    ],
)
def test_a_slot_has_the_kind_its_name_says(slot: str, kind: str) -> None:
    assert kind_of(slot).name == kind


@pytest.mark.parametrize("slot", ["colour", "", "name_", "__class__"])
def test_an_unknown_kind_is_told_with_those_that_exist(slot: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        kind_of(slot)
    assert all(kind in str(told.value) for kind in KINDS)


def test_a_choice_needs_options() -> None:
    setting = Setting("de", NOW)
    assert KINDS["choice"].asked("den ersten", setting) == ()
    chosen = with_options(KINDS["choice"], ("rot", "blau")).asked("den ersten", setting)
    assert [reading.value for reading in chosen] == ["rot"]
