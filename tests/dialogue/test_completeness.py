"""Of German and English words it can often be told whether more must come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.completeness import completeness, is_spelling
from voice_agent.dialogue.conversation import Question

FINISHED = [
    ("de", "Haben Sie am Samstag auch offen?"),
    ("de", "Was kostet ein Reifenwechsel bei Ihnen?"),
    ("de", "Wo finde ich Sie genau?"),
    ("de", "Ich möchte meinen Termin absagen."),
    ("de", "Guten Tag. Ich möchte gerne einen Termin vereinbaren."),
    ("de", "Können Sie meinen Termin bitte auf Donnerstag verschieben?"),
    ("de", "Ich kann morgen leider nicht kommen"),
    ("de", "Das habe ich nicht verstanden."),
    ("de", "Ja, das passt."),
    ("de", "Nein danke."),
    ("de", "Vielen Dank, das war alles. Auf Wiederhören."),
    ("de", "Ich widerrufe meine Einwilligung."),
    ("de", "Ich möchte bitte mit einem Menschen sprechen."),
    ("en", "What are your opening hours?"),
    ("en", "How much is a tyre change?"),
    ("en", "I want to cancel my appointment."),
    ("en", "Can you move my appointment to Thursday?"),
    ("en", "Could you repeat that, please?"),
    ("en", "I would like to speak to a human being."),
    ("en", "I withdraw my consent."),
    ("en", "Thank you, that was all. Goodbye."),
]
UNFINISHED = [
    ("de", "Ich möchte einen Termin und"),
    ("de", "Ich hätte gern einen Termin am"),
    ("de", "Also"),
    ("de", "Ich brauche einen Termin, weil"),
    ("de", "Ähm..."),
    ("de", "Mein Name ist"),
    ("de", "Meine Telefonnummer ist..."),
    ("de", "Können Sie meinen Termin"),
    ("de", "Ich möchte meinen Termin"),
    ("de", "Haben Sie am"),
    ("de", "Verbinden Sie mich mit"),
    ("de", "Ich heiße"),
    ("de", "Am Dienstag,"),
    ("de", "Ja, aber"),
    ("de", "Guten Tag. Ich wollte"),
    ("en", "I would like to"),
    ("en", "I want to cancel my"),
    ("en", "On Tuesday at"),
    ("en", "Can you move the"),
    ("en", "My name is"),
    ("en", "And so"),
    ("en", "The day after tomorrow at half"),
    ("en", "Well, um"),
    ("en", "I need a tyre change next"),
]
OPEN = [
    ("de", ""),
    ("de", "Stopp."),
    ("de", "Nein."),
    ("de", "Vielen Dank."),
    ("de", "Mein Name ist Sabine Fischer."),
    ("de", "Am Dienstag um zehn Uhr"),
    ("en", "Yes."),
    ("en", "Thank you."),
    ("en", "My name is Sarah Thompson."),
    ("fr", "Je voudrais un"),
    ("de", "?!"),
]


@pytest.mark.parametrize(("language", "text"), FINISHED)
def test_a_sentence_that_has_all_it_needs_is_finished(language: str, text: str) -> None:
    assert completeness(text, language) == "finished"


@pytest.mark.parametrize(("language", "text"), UNFINISHED)
def test_a_sentence_that_lacks_something_is_not(language: str, text: str) -> None:
    assert completeness(text, language) == "unfinished"


@pytest.mark.parametrize(("language", "text"), OPEN)
def test_of_other_words_it_cannot_be_told(language: str, text: str) -> None:
    assert completeness(text, language) == "open"


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("de", "Ja.", "connect"),
        ("de", "Nein", "anything_else"),
        ("en", "Yes", "connect"),
        ("de", "Am Dienstag um zehn Uhr", "date"),
        ("de", "übermorgen um halb drei", "time"),
        ("en", "Tuesday at ten in the morning.", "date"),
        ("en", "the day after tomorrow at half past two", "time"),
    ],
)
def test_an_answer_to_what_was_asked_is_finished(language: str, text: str, question: str) -> None:
    assert completeness(text, language) == "open"
    assert completeness(text, language, question) == "finished"


def test_a_yes_that_goes_on_is_not_finished() -> None:
    assert completeness("Ja,", "de", "connect") == "unfinished"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Meine Telefonnummer ist 0172."),
        ("de", "null eins sieben"),
        ("de", "0172 345"),
        ("en", "it's zero one"),
        ("en", "My number is 0172, 345."),
        ("de", "B M"),
    ],
)
def test_digits_and_letters_at_the_end_are_dictation(language: str, text: str) -> None:
    assert is_spelling(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", ""),
        ("de", "Am Dienstag um 10"),
        ("de", "um halb drei"),
        ("en", "Tuesday at ten"),
        ("de", "Meine Telefonnummer ist 0172 345 6789."),
        ("fr", "un deux trois"),
    ],
)
def test_a_time_or_a_whole_number_is_none(language: str, text: str) -> None:
    assert not is_spelling(text, language)


def test_a_question_for_a_number_expects_dictation_before_any_word() -> None:
    assert is_spelling("", "de", "phone_number")
    assert not is_spelling("", "de", "connect")


@given(st.text(max_size=400), st.sampled_from(["de", "en", "xx"]))
def test_any_text_is_judged(text: str, language: str) -> None:
    assert completeness(text, language) in {"finished", "unfinished", "open"}
    is_spelling(text, language)


@pytest.mark.parametrize(("language", "no", "yes"), [("de", "Nein.", "Ja."), ("en", "No.", "Yes.")])
def test_a_no_to_what_was_read_back_may_go_on_with_what_is_right(
    language: str, no: str, yes: str
) -> None:
    """With "rather on Friday" it is one turn; a yes, or a no to an offer, is all there is."""
    assert completeness(no, language, Question.CONFIRM) == "open"
    assert completeness(no, language, "start") == "open"
    assert completeness(no, language, Question.CONNECT) == "finished"
    assert completeness(yes, language, Question.CONFIRM) == "finished"
