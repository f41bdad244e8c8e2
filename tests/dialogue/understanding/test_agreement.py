"""A clear yes: every word is accounted for, or it is none."""

from __future__ import annotations

import pytest

from voice_agent.dialogue.understanding.agreement import MOST, is_clear_yes

TOLD = "Hauptuntersuchung Mittwoch, 24. November um 14:30 Uhr Anna Beispiel"
TOLD_EN = "main inspection Wednesday, 24 November at 14:30 Anna Beispiel"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ja, Mittwoch, 14:30 Uhr."),
        ("de", "Ja, um halb drei."),
        ("de", "Genau, am vierundzwanzigsten November, halb drei nachmittags."),
        ("de", "Ja, die Hauptuntersuchung für Anna Beispiel."),
        ("de", "Ja, vierzehn Uhr dreißig."),
        ("en", "Yes, half past two."),
        ("en", "Yes, Wednesday the twenty fourth at 2:30 pm."),
        ("en", "Right, main inspection on Wednesday."),
    ],
)
def test_what_was_read_back_may_be_said_again(language: str, text: str) -> None:
    told = {"de": TOLD, "en": TOLD_EN}[language]
    assert is_clear_yes(text, language, read_back=told)
    assert not is_clear_yes(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ja, um halb vier."),
        ("de", "Ja, um halb zwei."),
        ("de", "Ja, Donnerstag."),
        ("de", "Ja, am fünfundzwanzigsten."),
        ("de", "Ja, und"),
        ("de", "Ja, vormittags."),
        ("de", "Mittwoch um halb drei."),
        ("en", "Yes, half past three."),
        ("en", "Yes, in the morning."),
        ("en", "Yes and"),
        ("en", "Wednesday at half past two."),
    ],
)
def test_another_value_or_none_is_no_yes(language: str, text: str) -> None:
    assert not is_clear_yes(text, language, read_back={"de": TOLD, "en": TOLD_EN}[language])


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("de", "Buchen Sie das bitte.", "Soll ich den Termin so eintragen?"),
        ("de", "Ja, sagen Sie ihn bitte ab.", "Soll ich den Termin absagen?"),
        ("de", "Verschieben Sie ihn.", "Soll ich den Termin so verschieben?"),
        ("de", "Ja, geben Sie das so weiter.", "Soll ich die Nachricht so weitergeben?"),
        ("en", "Book it, please.", "Shall I book it like that?"),
        ("en", "Yes, cancel the appointment.", "Shall I cancel it?"),
        ("en", "Pass it on.", "Shall I pass the message on like that?"),
    ],
)
def test_to_tell_to_do_what_was_asked_is_a_yes_to_that_question_alone(
    language: str, text: str, question: str
) -> None:
    assert is_clear_yes(text, language, question)
    assert not is_clear_yes(text, language, {"de": "Ist das richtig?", "en": "Is it?"}[language])


@pytest.mark.parametrize("text", ["Ja?", "Richtig?", "Ja? Ja.", "Okay ?"])
def test_a_yes_that_asks_back_is_none(text: str) -> None:
    assert not is_clear_yes(text, "de")


@pytest.mark.parametrize("text", ["JA", "ja", " Ja!! ", "Ja ... ja,", "„Ja“", "Ja; genau: so"])
def test_case_and_other_signs_do_not_matter(text: str) -> None:
    assert is_clear_yes(text, "de")


@pytest.mark.parametrize("name", ["Nicht", "Falsch", "Doch", "Aber"])
def test_whoever_is_called_like_a_doubt_is_still_heard_doubting(name: str) -> None:
    assert not is_clear_yes(f"Ja, {name}.", "de", read_back=f"Inspektion {name}")


@pytest.mark.parametrize(
    "text", ["", "   ", "...", "danke", "да", "Ja да", "Ja 🙂 nicht", "_", "ja _x"]
)
def test_without_a_yes_or_with_a_word_of_any_other_kind_it_is_none(text: str) -> None:
    assert not is_clear_yes(text, "de")


def test_however_often_it_is_said_it_is_one_up_to_a_bound() -> None:
    assert is_clear_yes("ja " * MOST, "de")
    assert not is_clear_yes("ja " * (MOST + 1), "de")
