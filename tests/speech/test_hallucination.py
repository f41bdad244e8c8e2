from __future__ import annotations

import pytest

from tests.speech.test_decoding import heard
from voice_agent.speech.decoding import Hypothesis
from voice_agent.speech.hallucination import is_subtitle, rejection


def judge(one: Hypothesis, *, language: str = "de", speech_ms: float = 1500) -> str | None:
    return rejection(one, language, seconds=2.0, speech_ms=speech_ms)


def test_ordinary_words_are_believed() -> None:
    assert judge(heard()) is None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (heard(score=-1.2, no_speech=0.7), "no_speech"),
        (heard(text="..."), "no_speech"),
        (heard(text=""), "no_speech"),
        (heard(text="nein " * 40), "repetition"),
        (heard(finished=False), "repetition"),
        (heard(score=-1.6), "low_probability"),
        (heard(text="Untertitel im Auftrag des ZDF für funk, 2017"), "phrase"),
    ],
)
def test_what_is_not_believed_has_its_reason(one: Hypothesis, reason: str) -> None:
    assert judge(one) == reason


def test_an_utterance_without_speech_says_nothing_whatever_the_score() -> None:
    assert judge(heard(score=-0.1), speech_ms=40) == "too_little_speech"


def test_unlikely_words_in_an_utterance_with_hardly_any_speech_are_noise() -> None:
    assert judge(heard(score=-1.1), speech_ms=150) == "too_little_speech"
    assert judge(heard(score=-1.1), speech_ms=900) is None
    assert judge(heard(score=-0.3), speech_ms=150) is None


def test_a_sure_text_is_believed_though_the_model_expected_no_speech() -> None:
    """Whisper's probability of no speech alone is wrong on quiet callers."""
    assert judge(heard(score=-0.3, no_speech=0.9)) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Untertitel im Auftrag des ZDF für funk"),
        ("de", "UNTERTITELUNG DES ZDF, 2020"),
        ("de", " Vielen Dank fürs Zuschauen! "),
        ("de", "Untertitel der Amara.org-Community"),
        ("de", "Copyright WDR 2021"),
        ("en", "Thanks for watching!"),
        ("en", "Thank you for watching."),
        ("en", "Please subscribe."),
        ("en", "♪ Music ♪"),
    ],
)
def test_what_subtitles_end_with_is_known(language: str, text: str) -> None:
    assert is_subtitle(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Vielen Dank."),
        ("de", "Vielen Dank, das war alles."),
        ("de", "Danke."),
        ("de", "Tschüss!"),
        ("de", "Bis zum nächsten Mal."),
        ("de", "Läuft bei Ihnen im Laden Musik?"),
        ("de", "Das ZDF hat im Auftrag meiner Firma angerufen."),
        ("en", "Thank you."),
        ("en", "Thanks, bye."),
        ("en", "I am calling about watching the game."),
    ],
)
def test_what_callers_say_is_not_a_subtitle(language: str, text: str) -> None:
    assert not is_subtitle(text, language)
