"""A recording heard on a simulated clock gives the turns of a call."""

from __future__ import annotations

import pytest

from tests.runtime.engines import Loudness, OneSentence, Verdict
from voice_agent.commands.rehearsal import Moment, Rehearsal
from voice_agent.speech.endpointing import EndRules
from voice_agent.speech.turns import TurnRules

ENDS = EndRules()
BYTES_PER_MS = 8


def voice(ms: int) -> bytes:
    return b"\x01" * (ms * BYTES_PER_MS)


def silence(ms: int) -> bytes:
    return b"\xff" * (ms * BYTES_PER_MS)


def moments(
    sound: bytes,
    text: str = "Mein Name ist Sabine Fischer",
    *,
    judge: Verdict | None = None,
    question: str | None = None,
    answer_after: float | None = 0.1,
) -> list[Moment]:
    rehearsal = Rehearsal(
        recogniser=OneSentence(text),
        judge=judge,
        vad=Loudness(),
        turns=TurnRules(),
        ends=ENDS,
        language="de",
        question=question,
        answer_after=answer_after,
    )
    return list(rehearsal.hear(sound))


def kinds(found: list[Moment]) -> list[str]:
    return [moment.type for moment in found]


def test_a_sentence_is_told_from_its_first_sound_to_its_end() -> None:
    found = moments(silence(400) + voice(600) + silence(2000), judge=Verdict(0.75))
    assert kinds(found) == ["speech_started", "pause", "decision", "decision", "turn_ended"]
    started, pause, judged, heard, ended = found
    assert started.at == pytest.approx(0.48)
    assert (pause.at, pause.silence_ms, pause.needed_ms) == (1.14, 140, ENDS.unlikely_ms)
    assert (judged.at, judged.smart_turn, judged.words) == (1.24, 0.75, None)
    assert (heard.at, heard.words, heard.text) == (1.24, "open", "Mein Name ist Sabine Fischer")
    assert heard.needed_ms == (ENDS.likely_ms + ENDS.unlikely_ms) / 2
    assert ended.at == pytest.approx(1.0 + heard.needed_ms / 1000, abs=0.02)
    assert ended.silence_ms >= heard.needed_ms


def test_complete_words_end_the_turn_when_they_are_there() -> None:
    found = moments(
        voice(600) + silence(2000), "Haben Sie am Samstag auch offen?", answer_after=0.5
    )
    assert kinds(found) == ["speech_started", "pause", "decision", "turn_ended"]
    assert found[-1].at == found[-2].at == pytest.approx(0.74 + 0.5)


def test_what_was_said_of_a_pause_that_was_none_is_not_told() -> None:
    found = moments(voice(600) + silence(300) + voice(400) + silence(2000), answer_after=0.4)
    assert kinds(found) == [
        "speech_started",
        "pause",
        "resumed",
        "pause",
        "decision",
        "turn_ended",
    ]
    assert found[2].silence_ms == 300
    assert [moment.pause for moment in found] == [0, 1, 1, 2, 2, 2]


def test_a_recording_that_ends_in_mid_word_is_followed_by_silence() -> None:
    found = moments(voice(615))
    assert found[-1].type == "turn_ended"


def test_two_turns_are_two() -> None:
    found = moments((voice(600) + silence(1500)) * 2)
    assert [moment.turn for moment in found if moment.type == "turn_ended"] == [1, 2]


def test_a_question_for_a_number_makes_the_detector_patient() -> None:
    found = moments(voice(600) + silence(2000), "vier", question="phone_number")
    assert found[-1].spelling
    assert found[-1].needed_ms == ENDS.spelling_ms


def test_engines_take_as_long_as_they_say() -> None:
    """The recogniser of this test says: ten milliseconds."""
    found = moments(voice(600) + silence(2000), answer_after=None)
    decision = next(moment for moment in found if moment.type == "decision")
    assert decision.seconds == 0.01


def test_nothing_said_is_no_turn() -> None:
    assert moments(silence(3000)) == []
    assert moments(b"") == []
