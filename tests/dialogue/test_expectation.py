from __future__ import annotations

import pytest

from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.expectation import expected_words
from voice_agent.dialogue.prompts import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", [Question.CONNECT, Question.ANYTHING_ELSE])
def test_a_yes_or_no_question_expects_both(question: Question, language: str) -> None:
    yes, no = {"de": ("Ja", "Nein"), "en": ("Yes", "No")}[language]
    assert {yes, no} <= set(expected_words(question, language))


@pytest.mark.parametrize("question", [None, "something_new"])
def test_where_nothing_was_found_to_help_nothing_is_expected(question: str | None) -> None:
    assert expected_words(question, "de") == ()


def test_a_language_without_words_expects_none() -> None:
    assert expected_words(Question.CONNECT, "fr") == ()
