"""What callers say for every kind of slot, and what is read out of it."""

from __future__ import annotations

import pytest

from tests.dialogue.slots.phrases import Phrase, phrases

TABLE = phrases("phrases.tsv")
HELD_OUT = phrases("phrases_held_out.tsv")


def test_the_tables_are_large_enough_to_mean_something() -> None:
    for table, german, english in ((TABLE, 150, 100), (HELD_OUT, 40, 20)):
        assert sum(phrase.language == "de" for phrase in table) >= german
        assert sum(phrase.language == "en" for phrase in table) >= english


@pytest.mark.parametrize(
    "phrase", TABLE + HELD_OUT, ids=lambda phrase: f"{phrase.language} {phrase.kind} {phrase.text}"
)
def test_a_phrase_means_what_the_table_says(phrase: Phrase) -> None:
    assert phrase.read() == phrase.value
