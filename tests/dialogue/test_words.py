from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.words import (
    MAX_WORDS,
    content,
    distance,
    fold,
    grams,
    likeness,
    split,
    stem,
)

WORD = st.text(alphabet="abcde", max_size=8)


def test_folding_takes_away_what_a_recogniser_cannot_be_trusted_with() -> None:
    assert fold("Geöffnet, GROẞ straße") == "geoffnet, gross strasse"


def test_fillers_and_punctuation_are_no_words() -> None:
    assert split("Ähm, also: wann haben Sie's geöffnet?") == [
        "also", "wann", "haben", "sie's", "geoffnet",
    ]  # fmt: skip


def test_an_endless_utterance_is_cut() -> None:
    assert len(split("wort " * 10_000)) == MAX_WORDS


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("reifenwechsel", "reifenwexel", "de"),
        ("tuv", "tuf", "de"),
        ("inspektion", "inspektionen", "de"),
        ("address", "adress", "en"),
        ("tyre", "tyres", "en"),
    ],
)
def test_words_that_sound_the_same_have_one_stem(one: str, other: str, language: str) -> None:
    assert stem(one, language) == stem(other, language)


def test_content_leaves_what_a_question_is_about() -> None:
    assert content(split("Haben Sie am Samstag um 10 auch offen?"), "de") == ["samstag", "offen"]


@pytest.mark.parametrize(
    ("a", "b", "apart"), [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abcd", 1), ("a", "xyz", 3)]
)
def test_distance_counts_letters(a: str, b: str, apart: int) -> None:
    assert distance(a, b, 2) == min(apart, 3)


@given(WORD, WORD)
def test_distance_is_symmetric_and_zero_for_the_same(a: str, b: str) -> None:
    assert distance(a, b, 3) == distance(b, a, 3)
    assert (distance(a, b, 3) == 0) == (a == b)


@given(WORD, WORD)
def test_likeness_is_symmetric_and_between_zero_and_one(a: str, b: str) -> None:
    ours, theirs = grams(a), grams(b)
    if ours or theirs:
        assert 0 <= likeness(ours, theirs) == likeness(theirs, ours) <= 1
