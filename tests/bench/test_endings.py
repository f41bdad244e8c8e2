from __future__ import annotations

import pytest

from tests.bench.endings import Pause, best, best_within, count, quickest_with, score, silence


def pause(length_ms: int | None, late_ms: int | None = None) -> Pause:
    return Pause("de", False, 0.9, 150.0, "Wann haben Sie geöffnet?", 400.0, length_ms, late_ms)


PAUSES = [pause(300), pause(600), pause(900), pause(None, 10), pause(None, 30)]


@pytest.mark.parametrize(("ms", "cut"), [(200, 1.0), (300, 2 / 3), (599, 2 / 3), (900, 0.0)])
def test_a_pause_longer_than_the_silence_that_ends_a_turn_is_a_false_cut_off(
    ms: int, cut: float
) -> None:
    assert score(silence(ms), PAUSES).cut == pytest.approx(cut)


def test_dead_air_counts_from_the_last_sound_of_the_recording() -> None:
    assert score(silence(300), PAUSES).dead_ms == [310, 330]


def test_an_answer_needs_the_words_as_well() -> None:
    assert score(silence(300), PAUSES).answer_ms == [410.0, 430.0]


def test_the_best_within_a_dead_air_cuts_off_least() -> None:
    ways = [(f"silence {ms} ms", silence(ms)) for ms in (200, 500, 700, 1000)]
    assert best_within(ways, 720.0, PAUSES).startswith("| silence 700 ms, the best of its kind")


def test_the_quickest_with_so_many_cut_offs_waits_least() -> None:
    row = quickest_with("silence", [silence(ms) for ms in (200, 700, 800)], 0.4, PAUSES)
    assert row.startswith("| silence, at most 40% cut off | 33 % | 720 |")


def test_a_kind_that_cannot_be_so_careful_says_so() -> None:
    assert "not reached" in quickest_with("silence", [silence(200)], 0.1, PAUSES)


def test_turns_and_pauses_are_counted() -> None:
    assert count(PAUSES) == "2 turns, 3 pauses inside"


def test_only_points_that_no_other_beats_are_drawn() -> None:
    points = [(10.0, 500.0), (20.0, 600.0), (20.0, 400.0), (30.0, 400.0), (5.0, 900.0)]
    assert best(points) == ((5.0, 900.0), (10.0, 500.0), (20.0, 400.0))
