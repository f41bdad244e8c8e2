from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.retrieval import Index

INDEX = Index(
    {
        "hours": ["Wann haben Sie geöffnet?", "Öffnungszeiten"],
        "where": ["Wo sind Sie?", "Adresse"],
        "tyres": ["Was kostet ein Reifenwechsel?", "Reifenwechsel"],
    },
    "de",
)


def best(text: str) -> tuple[str, float]:
    """The entry found and how much it covers."""
    match = INDEX.find(text)
    assert match is not None
    return match.entry, match.coverage


def test_the_written_question_is_covered_in_full() -> None:
    assert best("Was kostet ein Reifenwechsel?") == ("tyres", 1.0)


def test_a_question_of_function_words_is_known_by_its_wording() -> None:
    assert best("Wo sind Sie denn?") == ("where", 1.0)
    assert INDEX.find("Wer sind Sie?") is None


def test_a_misheard_word_still_counts() -> None:
    assert best("Reifenwächsel")[0] == "tyres"
    assert best("Reifen Wechsel") == ("tyres", 1.0)
    assert best("Öfnungszeitn")[0] == "hours"


def test_an_unknown_word_lowers_the_cover() -> None:
    assert best("Was kostet ein Zahnriemen?")[1] < 0.55


def test_nothing_known_is_nothing_found() -> None:
    assert INDEX.find("Blumenkohl") is None
    assert INDEX.find("") is None
    assert Index({}, "de").find("Reifenwechsel") is None


@given(st.text(max_size=80))
def test_cover_is_a_share_and_the_same_words_get_the_same_answer(text: str) -> None:
    match = INDEX.find(text)
    assert match == INDEX.find(text)
    if match is not None:
        assert 0 < match.coverage <= 1 + 1e-9
