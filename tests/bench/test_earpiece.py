from __future__ import annotations

import numpy as np
import pytest

from tests.bench.earpiece import Earpiece
from voice_agent.audio import mulaw
from voice_agent.audio.frame import FRAME_BYTES, TELEPHONE_RATE

SECOND = TELEPHONE_RATE


def answer() -> bytes:
    noise = np.random.default_rng(1).integers(-8000, 8000, 2 * SECOND)
    return mulaw.encode(noise.astype(np.int16))


def ear() -> Earpiece:
    earpiece = Earpiece(10 * SECOND, lambda _: None)
    earpiece.expect(answer())
    return earpiece


def play(earpiece: Earpiece, begin: int, samples: int) -> list[tuple[str, int]]:
    frames = range(begin, begin + samples, FRAME_BYTES)
    return [mark for at in frames for mark in earpiece.play(at)]


def test_an_answer_played_through_is_finished_and_its_mark_comes_at_its_end() -> None:
    earpiece = ear()
    earpiece.send(answer()[: SECOND + 40])
    earpiece.send(answer()[SECOND + 40 :])
    earpiece.mark("end")
    assert play(earpiece, 0, 3 * SECOND) == [("end", 2 * SECOND)]
    found = earpiece.compare()
    assert (found.said_ms, found.lost_ms, found.twice_ms, found.finished) == (2000, 0, 0, True)


def test_a_clear_stops_it_after_the_frame_that_is_playing() -> None:
    earpiece = ear()
    earpiece.send(answer())
    earpiece.mark("far ahead")
    play(earpiece, 0, SECOND)
    assert earpiece.clear(SECOND - 10) == []
    assert earpiece.stops == [SECOND]
    assert not earpiece.compare().finished


def test_a_clear_sends_back_the_marks_that_were_about_to_be_heard() -> None:
    earpiece = ear()
    earpiece.send(answer()[: SECOND // 10])
    earpiece.mark("near")
    assert earpiece.clear(0) == ["near"]


def test_a_clear_of_an_empty_carrier_stops_nothing() -> None:
    earpiece = ear()
    earpiece.clear(0)
    assert earpiece.stops == []


@pytest.mark.parametrize(
    ("place", "twice", "lost"), [(SECOND * 3 // 4, 250, 0), (SECOND * 5 // 4, 0, 250)]
)
def test_what_goes_on_earlier_is_said_twice_and_what_goes_on_later_is_lost(
    place: int, twice: int, lost: int
) -> None:
    earpiece = ear()
    earpiece.send(answer())
    play(earpiece, 0, SECOND)
    earpiece.clear(SECOND - 1)
    earpiece.send(answer()[place:])
    play(earpiece, 2 * SECOND, 2 * SECOND)
    found = earpiece.compare()
    assert found.finished
    assert abs(found.twice_ms - twice) <= 10
    assert abs(found.lost_ms - lost) <= 10
    assert earpiece.starts == [2 * SECOND]


def test_what_is_no_part_of_the_answer_counts_for_nothing() -> None:
    earpiece = ear()
    earpiece.send(answer())
    play(earpiece, 0, 2 * SECOND)
    noise = np.random.default_rng(2).integers(-8000, 8000, SECOND)
    earpiece.send(mulaw.encode(noise.astype(np.int16)))
    play(earpiece, 3 * SECOND, SECOND)
    found = earpiece.compare()
    assert (found.lost_ms, found.twice_ms, found.finished) == (0, 0, True)
