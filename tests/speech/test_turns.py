from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import Consented, ConsentWithdrawn
from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, Frame
from voice_agent.speech.turns import (
    PauseBegan,
    SpeechResumed,
    SpeechStarted,
    TurnDetector,
    TurnEnded,
    TurnEvent,
    TurnRules,
)


class LoudVad:
    """Calls a frame speech if its first byte is even; a real one looks more closely."""

    def is_speech(self, frame: Consented[Frame]) -> bool:
        return frame.reveal().mulaw[0] % 2 == 0


class Line:
    """A telephone line into a detector; frames are numbered by their bytes."""

    def __init__(self, rules: TurnRules | None = None) -> None:
        self.rules = rules or TurnRules(pause_ms=200)
        self.gate = ConsentGate("CA1")
        self.gate.open(Receipt("record", "CA1", frozenset({Purpose.CONVERSATION})))
        self.detector = TurnDetector(self.rules, LoudVad())
        self.given: list[bytes] = []

    def feed(self, pattern: Iterable[bool]) -> list[TurnEvent]:
        events: list[TurnEvent] = []
        for voiced in pattern:
            count = len(self.given)
            number = bytes([not voiced]) + count.to_bytes(4, "big")
            mulaw = number.ljust(FRAME_BYTES, b"\x01")
            self.given.append(mulaw)
            frame = self.gate.admit(Frame(mulaw, count * FRAME_MS))
            assert frame is not None
            events += self.detector.hear(frame)
        return events

    def speech(self, ms: int) -> list[TurnEvent]:
        return self.feed([True] * (ms // FRAME_MS))

    def silence(self, ms: int) -> list[TurnEvent]:
        return self.feed([False] * (ms // FRAME_MS))


def kinds(events: list[TurnEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_sentence_is_a_turn() -> None:
    line = Line()
    assert kinds(line.silence(1000)) == []
    assert line.speech(600) == [SpeechStarted(1)]
    assert kinds(line.silence(180)) == []
    (pause,) = line.silence(20)
    assert isinstance(pause, PauseBegan)
    assert (pause.turn, pause.number, pause.speech_ms) == (1, 1, 600)
    states = [(line.detector.in_turn, line.detector.speech_ms)]
    assert line.silence(500) == [TurnEnded(1, 1, 700)]
    states.append((line.detector.in_turn, line.detector.speech_ms))
    assert states == [(True, 600), (False, 0)]


def test_a_click_is_no_turn() -> None:
    line = Line()
    assert line.speech(60) == []
    assert line.silence(1000) == []


def test_speech_with_short_breaks_begins_a_turn_all_the_same() -> None:
    line = Line()
    assert kinds(line.feed([True, True, False] * 4)) == ["SpeechStarted"]


def test_the_first_sound_is_whole() -> None:
    """The turn begins 340 ms before the speech that began it."""
    line = Line()
    line.silence(1000)
    line.speech(600)
    pause = next(event for event in line.silence(200) if isinstance(event, PauseBegan))
    utterance = pause.utterance.reveal()
    assert utterance.mulaw == b"".join(line.given[33:90])
    assert utterance.speech_ms == 600


def test_going_on_after_a_pause_is_the_same_turn() -> None:
    line = Line()
    line.speech(600)
    line.silence(300)
    assert line.speech(400) == [SpeechResumed(1, 300)]
    events = line.silence(700)
    assert kinds(events) == ["PauseBegan", "TurnEnded"]
    assert events[-1] == TurnEnded(1, 2, 700)


@pytest.mark.parametrize(("needed", "more"), [(300, 0), (220, 0), (320, 20), (1500, 1200)])
def test_a_pause_ends_the_turn_when_it_is_as_long_as_somebody_says(needed: int, more: int) -> None:
    """At once if it has been that long already."""
    line = Line()
    line.speech(600)
    line.silence(300)
    line.detector.wait_for(needed)
    events = line.detector.settle() + line.silence(more)
    assert events == [TurnEnded(1, 1, 300 + more)]
    assert line.detector.settle() == []


def test_what_was_said_of_one_pause_does_not_hold_for_the_next() -> None:
    line = Line()
    line.speech(600)
    line.silence(300)
    line.detector.wait_for(5000)
    line.speech(400)
    assert line.silence(700)[-1] == TurnEnded(1, 2, 700)


@pytest.mark.parametrize("silence", [0, 100])
def test_a_turn_is_never_ended_before_its_pause_was_told(silence: int) -> None:
    line = Line()
    line.speech(600)
    line.silence(silence)
    line.detector.wait_for(0)
    assert line.detector.settle() == []


def test_a_click_in_a_pause_does_not_end_it() -> None:
    line = Line()
    line.speech(600)
    line.silence(300)
    assert line.speech(20) == []
    assert kinds(line.silence(380)) == ["TurnEnded"]


def test_a_turn_is_ended_at_its_longest_and_the_next_begins_at_once() -> None:
    line = Line(TurnRules(max_turn_ms=2000))
    events = line.speech(5000)
    assert kinds(events)[:4] == ["SpeechStarted", "PauseBegan", "TurnEnded", "SpeechStarted"]
    ended = events[2]
    assert isinstance(ended, TurnEnded)
    assert ended.forced
    pauses = [event for event in events if isinstance(event, PauseBegan)]
    heard = b"".join(pause.utterance.reveal().mulaw for pause in pauses)
    assert heard == b"".join(line.given)[: len(heard)]
    assert all(pause.utterance.reveal().duration_ms <= 2000 for pause in pauses)


def test_what_is_forgotten_is_in_no_later_utterance() -> None:
    line = Line()
    line.speech(600)
    line.detector.forget()
    assert not line.detector.in_turn
    before = len(line.given)
    line.speech(600)
    pause = line.silence(200)[-1]
    assert isinstance(pause, PauseBegan)
    assert pause.turn == 2
    assert pause.utterance.reveal().mulaw == b"".join(line.given[before:])


def test_after_a_withdrawal_nothing_is_heard_and_nothing_readable() -> None:
    line = Line()
    line.speech(600)
    pause = line.silence(200)[-1]
    assert isinstance(pause, PauseBegan)
    frame = line.gate.admit(Frame(b"\x00" * FRAME_BYTES, 0))
    assert frame is not None
    line.gate.withdraw()
    with pytest.raises(ConsentWithdrawn):
        line.detector.hear(frame)
    with pytest.raises(ConsentWithdrawn):
        pause.utterance.reveal()


RULES = st.builds(
    TurnRules,
    start_ms=st.integers(20, 400),
    confirm_ms=st.integers(20, 200),
    pause_ms=st.integers(60, 600),
    end_ms=st.integers(200, 1200),
    pre_roll_ms=st.integers(0, 600),
    max_turn_ms=st.integers(2000, 4000),
)
PATTERNS = st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=20).map(
    lambda runs: [voiced for voiced, length in runs for _ in range(length)]
)


@given(RULES, PATTERNS)
def test_turns_follow_one_another_in_order(rules: TurnRules, pattern: list[bool]) -> None:
    """Started, then pauses and resumptions in turn, then ended by the last pause; numbers grow."""
    state, turn, number = "idle", 0, 0
    for event in Line(rules).feed(pattern):
        match event:
            case SpeechStarted():
                assert state == "idle"
                assert event.turn == turn + 1
                state, turn, number = "speaking", event.turn, 0
            case PauseBegan():
                assert state == "speaking"
                assert (event.turn, event.number) == (turn, number + 1)
                state, number = "paused", event.number
            case SpeechResumed():
                assert state == "paused"
                assert event.turn == turn
                state = "speaking"
            case TurnEnded():
                assert state == "paused"
                assert (event.turn, event.number) == (turn, number)
                state = "idle"


@given(RULES, PATTERNS)
def test_an_utterance_is_exactly_frames_that_were_given(
    rules: TurnRules, pattern: list[bool]
) -> None:
    """In order, without a gap, up to the present one; none of them in two turns."""
    line, after = Line(rules), 0
    for voiced in pattern:
        for event in line.feed([voiced]):
            if isinstance(event, PauseBegan):
                utterance = event.utterance.reveal()
                count = len(utterance.mulaw) // FRAME_BYTES
                assert utterance.mulaw == b"".join(line.given[-count:])
                assert len(line.given) - count >= after
                assert 0 < event.speech_ms <= utterance.duration_ms
            if isinstance(event, TurnEnded):
                after = len(line.given)


@given(RULES, PATTERNS)
def test_every_turn_ends_in_silence(rules: TurnRules, pattern: list[bool]) -> None:
    line = Line(rules)
    line.feed(pattern)
    line.silence(max(rules.end_ms, rules.pause_ms) + FRAME_MS * 3)
    assert not line.detector.in_turn
