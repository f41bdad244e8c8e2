from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.speech.hint import MOST_TOKENS, Hint


def letters(text: str) -> list[int]:
    """A token a letter."""
    return [ord(letter) for letter in text]


def written(hint: Hint) -> str:
    return "".join(chr(token) for token in hint.tokens)


def test_expected_words_are_told_as_one_sentence() -> None:
    assert written(Hint.of(("Ja", "Nein danke"), letters)) == " Ja, Nein danke."


@pytest.mark.parametrize("nothing", [(), ("",), ("?", " - ")])
def test_who_expects_nothing_tells_nothing(nothing: tuple[str, ...]) -> None:
    assert Hint.of(nothing, letters) == Hint()
    assert not Hint.of(nothing, letters).is_in("")


@given(st.lists(st.text(max_size=80), max_size=30))
def test_there_are_never_more_tokens_than_there_is_room_for(words: list[str]) -> None:
    hint = Hint.of(tuple(words), letters)
    assert len(hint.tokens) <= MOST_TOKENS


def test_the_likeliest_words_come_first_and_what_has_no_room_is_not_looked_for() -> None:
    hint = Hint.of(("Ja", "x" * 70, "Nein"), letters)
    assert written(hint) == " Ja."
    assert not hint.is_in("Nein")


@pytest.mark.parametrize("text", ["Ja.", "ja, das passt", "Gut, JA!"])
def test_a_word_is_found_whatever_its_case_and_punctuation(text: str) -> None:
    assert Hint.of(("Ja", "Nein danke"), letters).is_in(text)


@pytest.mark.parametrize("text", ["", "Jahr", "Nein", "danke"])
def test_a_part_of_a_word_or_of_several_is_not_found(text: str) -> None:
    assert not Hint.of(("Ja", "Nein danke"), letters).is_in(text)
