"""How often callers are understood, on what they say and how they say it."""

from __future__ import annotations

import time

import pytest

from tests.dialogue.phrases.phrase import HOURS, NOW, Phrase, Understood, misheard, phrases
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension

TABLE = {language: phrases(language) for language in ("de", "en")}
PARTS = [(language, part) for language in ("de", "en") for part in ("dev", "held", "fresh", "last")]


@pytest.fixture(scope="module")
def comprehension(understander: BuiltinUnderstander) -> Comprehension:
    """What calls use, on a Monday morning."""
    return Comprehension(understander, lambda: NOW, HOURS)


def understood(comprehension: Comprehension, table: list[Phrase]) -> list[Understood]:
    return [Understood.of(phrase, comprehension.understand(phrase.said)) for phrase in table]


def test_the_tables_are_large_enough_to_mean_something() -> None:
    assert len(TABLE["de"]) >= 150
    assert len(TABLE["en"]) >= 100
    for language, part in PARTS:
        assert sum(phrase.part == part for phrase in TABLE[language]) >= 25


@pytest.mark.parametrize(("language", "part"), PARTS)
def test_callers_are_understood(comprehension: Comprehension, language: str, part: str) -> None:
    table = [phrase for phrase in TABLE[language] if phrase.part == part]
    results = understood(comprehension, table)
    right = sum(result.right for result in results) / len(results)
    wrong = sum(result.wrong_and_sure for result in results) / len(results)
    print(f"{language} {part}: {right:.1%} understood, {wrong:.1%} wrong and sure")
    print(*(result for result in results if not result.right), sep="\n")
    assert right >= 0.95
    assert wrong <= 0.02


def test_what_nothing_was_ever_mended_for_is_mostly_understood_and_seldom_mistaken(
    comprehension: Comprehension,
) -> None:
    """The honest measure: when one of these is looked at to mend it, write others."""
    table = [p for language in TABLE for p in TABLE[language] if p.part == "unseen"]
    results = understood(comprehension, table)
    right = sum(result.right for result in results) / len(results)
    wrong = sum(result.wrong_and_sure for result in results) / len(results)
    print(f"unseen: {right:.1%} understood, {wrong:.1%} wrong and sure")
    print(*(result for result in results if not result.right), sep="\n")
    assert len(table) >= 50
    assert right >= 0.75
    assert wrong <= 0.05


@pytest.mark.parametrize("language", ["de", "en"])
def test_days_and_hours_are_exact(comprehension: Comprehension, language: str) -> None:
    results = understood(comprehension, TABLE[language])
    timed = [r for r in results if r.phrase.moments != "-" or r.moments != "-"]
    exact = [r for r in timed if r.moments == r.phrase.moments]
    print(f"{language}: {len(exact)} of {len(timed)} days and hours exact")
    print(*(result for result in timed if result not in exact), sep="\n")
    assert len(exact) >= 0.95 * len(timed)


def test_what_was_misheard_is_seldom_taken_for_something(comprehension: Comprehension) -> None:
    table = misheard()
    results = understood(comprehension, table)
    wrong = [result for result in results if result.wrong_and_sure]
    print(f"{len(wrong)} of {len(results)} wrong and sure")
    print(*wrong, sep="\n")
    assert len(results) >= 50
    assert len(wrong) <= 0.06 * len(results)


def test_a_phrase_takes_less_than_twenty_milliseconds(comprehension: Comprehension) -> None:
    """The 95th percentile of processor time, so that a busy machine does not count."""
    taken = []
    for phrase in TABLE["de"] + TABLE["en"]:
        began = time.process_time()
        comprehension.understand(phrase.said)
        taken.append(time.process_time() - began)
    taken.sort()
    assert taken[int(len(taken) * 0.95)] < 0.020
