from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.speech.endpointing import (
    REMEMBERED,
    EndRules,
    Evidence,
    Habit,
    Words,
    silence_needed,
)

RULES = EndRules()
NEW = Habit()
LIKELY = st.one_of(st.none(), st.floats(0, 1))
WORDS: st.SearchStrategy[Words | None] = st.sampled_from([None, "finished", "unfinished", "open"])
EVIDENCE = st.builds(
    Evidence,
    silence_ms=st.integers(0, 5000),
    acoustic=LIKELY,
    words=WORDS,
    spelling=st.booleans(),
)
HABITS = st.lists(st.integers(0, 5000), max_size=12).map(lambda each: Habit(tuple(each)))


def needed(
    words: Words | None = None,
    acoustic: float | None = None,
    *,
    spelling: bool = False,
    habit: Habit = NEW,
) -> int:
    evidence = Evidence(words=words, acoustic=acoustic, spelling=spelling)
    return silence_needed(evidence, habit, RULES)


def test_complete_words_end_a_turn_soon_however_it_sounded() -> None:
    assert {needed("finished", acoustic) for acoustic in (None, 0.0, 0.5, 1.0)} == {
        RULES.finished_ms
    }


def test_words_that_lack_something_are_waited_for_however_finished_they_sound() -> None:
    assert {needed("unfinished", acoustic) for acoustic in (None, 0.0, 1.0)} == {
        RULES.unfinished_ms
    }


def test_where_the_words_cannot_tell_the_sound_decides_by_degrees() -> None:
    assert needed("open", 1.0) == RULES.likely_ms
    assert needed("open", 0.0) == RULES.unlikely_ms
    assert needed("open", 0.75) == (RULES.likely_ms + RULES.unlikely_ms) / 2


def test_where_nobody_can_tell_a_plain_silence_decides() -> None:
    assert needed("open") == RULES.end_ms


def test_words_that_are_not_there_yet_are_waited_for() -> None:
    """There is no answer without them, so nothing is lost."""
    assert {needed(None, acoustic) for acoustic in (None, 0.0, 1.0)} == {RULES.unlikely_ms}


@pytest.mark.parametrize("words", [None, "open", "finished"])
def test_digits_are_waited_for(words: Words | None) -> None:
    assert needed(words, 1.0, spelling=True) == RULES.spelling_ms


def test_who_pauses_longer_than_most_is_given_longer() -> None:
    slow, quick = Habit((900, 900)), Habit((300, 300, 300))
    assert needed("open", 0.5, habit=slow) > needed("open", 0.5) > needed("open", 0.5, habit=quick)
    assert needed("finished", habit=slow) == RULES.finished_ms


def test_one_pause_is_no_habit() -> None:
    assert NEW.paused(2000).stretch == 1.0


def test_a_habit_is_made_of_the_latest_pauses() -> None:
    habit = NEW
    for ms in [5000] * 3 + [400] * REMEMBERED:
        habit = habit.paused(ms)
    assert habit == Habit((400,) * REMEMBERED)


@given(EVIDENCE, HABITS)
def test_no_silence_is_waited_out_for_longer_than_the_ceiling(
    evidence: Evidence, habit: Habit
) -> None:
    assert 0 < silence_needed(evidence, habit, RULES) <= RULES.ceiling_ms


@given(EVIDENCE, HABITS, st.floats(0, 1), st.floats(0, 1))
def test_a_turn_that_sounds_more_finished_is_never_given_longer(
    evidence: Evidence, habit: Habit, one: float, other: float
) -> None:
    def with_sound(likely: float) -> int:
        judged = Evidence(
            silence_ms=evidence.silence_ms,
            acoustic=likely,
            words=evidence.words,
            spelling=evidence.spelling,
        )
        return silence_needed(judged, habit, RULES)

    assert with_sound(max(one, other)) <= with_sound(min(one, other))
