from __future__ import annotations

from typing import Final

from voice_agent.call.actions import Action, Observe, SendAudio, SendMark
from voice_agent.call.turn_clock import TurnClock
from voice_agent.live.observation import TurnTimed

AUDIO: Final[list[Action]] = [SendAudio(b"\x55"), SendMark("0.1")]


def clock(*, replied: bool = True) -> TurnClock:
    clock = TurnClock()
    clock.start(10.0)
    clock.ended(3, 12.5)
    clock.recognised(0.4)
    if replied:
        clock.replied()
    return clock


def test_an_answer_is_timed_from_the_callers_last_sound() -> None:
    expected = TurnTimed(
        turn=3, speech_end_ms=2500, seconds=1.25, recognition_seconds=0.4, synthesis_seconds=0.2
    )
    assert clock().answered(AUDIO, 0.2, 13.75) == [Observe(expected)]


def test_speech_from_the_cache_took_no_time() -> None:
    (observed,) = clock().answered(AUDIO, 0.0, 13.0)
    assert isinstance(observed, Observe)
    assert isinstance(observed.observation, TurnTimed)
    assert observed.observation.synthesis_seconds is None


def test_only_the_first_sound_of_an_answer_is_timed() -> None:
    timed = clock()
    assert timed.answered(AUDIO, 0.2, 13.0)
    assert timed.answered(AUDIO, 0.2, 14.0) == []


def test_what_sends_no_audio_is_no_answer() -> None:
    assert clock().answered([SendMark("0.1")], 0.2, 13.0) == []


def test_audio_of_an_older_sentence_is_no_answer() -> None:
    assert clock(replied=False).answered(AUDIO, 0.2, 13.0) == []


def test_a_turn_that_gets_no_answer_is_not_timed() -> None:
    cancelled = clock()
    cancelled.cancel()
    assert cancelled.answered(AUDIO, 0.2, 13.0) == []


def test_a_new_turn_begins_without_the_last_ones_recognition() -> None:
    timed = clock()
    timed.ended(4, 20.0)
    timed.replied()
    (observed,) = timed.answered(AUDIO, 0.2, 21.0)
    assert isinstance(observed, Observe)
    assert isinstance(observed.observation, TurnTimed)
    assert observed.observation.turn == 4
    assert observed.observation.recognition_seconds is None
