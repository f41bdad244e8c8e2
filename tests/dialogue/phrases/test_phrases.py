"""How often callers are understood, on what they say and how they say it."""

from __future__ import annotations

import pytest

from tests.dialogue.phrases.phrase import HOURS, NOW, Phrase, Understood, phrases
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


@pytest.mark.parametrize("language", ["de", "en"])
def test_days_and_hours_are_exact(comprehension: Comprehension, language: str) -> None:
    results = understood(comprehension, TABLE[language])
    timed = [r for r in results if r.phrase.moments != "-" or r.moments != "-"]
    exact = [r for r in timed if r.moments == r.phrase.moments]
    print(f"{language}: {len(exact)} of {len(timed)} days and hours exact")
    print(*(result for result in timed if result not in exact), sep="\n")
    assert len(exact) >= 0.95 * len(timed)
