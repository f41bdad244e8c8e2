from __future__ import annotations

import pytest

from voice_agent.call.actions import Action, ClearAudio, Observe, SendAudio, SendMark, Synthesise
from voice_agent.call.mouth import Mouth
from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.line import Line
from voice_agent.live.observation import AgentHeard, AgentSaid, Observation

LINES = (Line("one", "Guten Tag. Wie geht es?", "de"), Line("two", "Bitte.", "de", personal=True))
SECOND = b"\x55" * 8000


def clips(actions: list[Action]) -> list[str]:
    return [action.clip for action in actions if isinstance(action, Synthesise)]


def seen(actions: list[Action]) -> list[Observation]:
    return [action.observation for action in actions if isinstance(action, Observe)]


def test_lines_are_spoken_sentence_by_sentence() -> None:
    spoken = Mouth(Timers(), 8.0, 2.0).say(LINES, 0.0, rate=0.8)
    assert [
        (each.text, each.rate, each.personal) for each in spoken if isinstance(each, Synthesise)
    ] == [
        ("Guten Tag.", 0.8, False),
        ("Wie geht es?", 0.8, False),
        ("Bitte.", 0.8, True),
    ]


def test_a_sentence_is_announced_when_it_begins_to_be_heard() -> None:
    mouth = Mouth(Timers(), 8.0, 2.0)
    first, second, third = clips(mouth.say(LINES, 0.0))
    assert seen(mouth.ready(first, SECOND, 0.1)) == [AgentSaid("Guten Tag.")]
    assert seen(mouth.ready(second, SECOND, 0.2)) == []
    assert seen(mouth.mark(first, 1.1)) == [AgentSaid("Wie geht es?")]
    assert seen(mouth.mark(second, 2.1)) == []
    assert seen(mouth.ready(third, SECOND, 2.2)) == [AgentSaid("Bitte.")]
    assert seen(mouth.mark(third, 3.2)) == [AgentHeard(complete=True)]


def test_what_is_cut_off_is_said_to_be_cut_off_once() -> None:
    mouth = Mouth(Timers(), 8.0, 2.0)
    first, *_ = clips(mouth.say(LINES, 0.0))
    mouth.ready(first, SECOND, 0.0)
    actions = mouth.hush(0.5)
    assert actions[0] == ClearAudio()
    assert seen(actions) == [AgentHeard(complete=False)]
    assert mouth.hush(0.6) == []
    assert mouth.heard_ms == 500
    assert mouth.take_heard() == []


def test_what_is_held_goes_on_and_is_announced_once() -> None:
    mouth = Mouth(Timers(), 8.0, 2.0)
    first, *_ = clips(mouth.say(LINES, 0.0))
    mouth.ready(first, SECOND, 0.0)
    held = mouth.hold(0.5)
    assert held == [ClearAudio(for_good=False)]
    assert mouth.is_held
    released = mouth.release(1.0)
    assert seen(released) == []
    (mark,) = [action.name for action in released if isinstance(action, SendMark)]
    mouth.mark(mark, 2.0)
    assert mouth.take_heard() == ["Guten Tag."]


def test_what_was_held_and_then_hushed_is_gone() -> None:
    mouth = Mouth(Timers(), 8.0, 2.0)
    first, *_ = clips(mouth.say(LINES, 0.0))
    mouth.ready(first, SECOND, 0.0)
    mouth.hold(0.5)
    assert seen(mouth.hush(0.7)) == [AgentHeard(complete=False)]
    assert not mouth.is_busy
    assert mouth.release(1.0) == []


@pytest.mark.parametrize(("held_at", "heard"), [(1.0, []), (1.2, []), (1.4, ["Guten Tag."])])
def test_a_sentence_was_heard_if_its_time_is_long_over_when_it_is_held(
    held_at: float, heard: list[str]
) -> None:
    """Its end may be on the way still: the clear would take it from the caller."""
    mouth = Mouth(Timers(), 8.0, 2.0)
    first, *_ = clips(mouth.say(LINES, 0.0))
    mouth.ready(first, SECOND, 0.0)
    mouth.hold(held_at)
    assert mouth.take_heard() == heard


def test_while_held_nothing_is_waited_for() -> None:
    timers = Timers()
    mouth = Mouth(timers, 8.0, 2.0)
    first, *_ = clips(mouth.say(LINES, 0.0))
    mouth.hold(0.2)
    assert timers.earliest is None
    assert mouth.ready(first, SECOND, 0.3) == []
    assert [action.mulaw for action in mouth.release(1.0) if isinstance(action, SendAudio)] == [
        SECOND
    ]
    assert Timer.MARK in timers


def test_what_nobody_else_must_hear_is_spoken_clause_by_clause() -> None:
    """The first is heard while the rest is being made; a written line is in the cache whole."""
    text = "Ihr Termin ist am Dienstag um neun Uhr dreißig, die Inspektion dauert zwei Stunden."
    spoken = {
        personal: [
            action.text
            for action in Mouth(Timers(), 8.0, 2.0).say((Line("a", text, "de", personal),), 0.0)
            if isinstance(action, Synthesise)
        ]
        for personal in (True, False)
    }
    assert spoken[False] == [text]
    assert len(spoken[True]) == 2
    assert " ".join(spoken[True]) == text


def test_while_anything_is_queued_there_is_a_deadline_and_afterwards_none() -> None:
    timers = Timers()
    mouth = Mouth(timers, 8.0, 2.0)
    (name,) = clips(mouth.say(LINES[1:], 10.0))
    assert timers.earliest == 18.0
    mouth.ready(name, SECOND, 12.0)
    assert Timer.SPEECH not in timers
    assert timers.earliest == 15.0
    mouth.mark(name, 13.0)
    assert timers.earliest is None


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_three_sentences_missing_in_a_row_are_a_lost_voice(missing: int) -> None:
    """Failed, not answered, or without a sound: it is the same to the caller."""
    mouth = Mouth(Timers(), 8.0, 2.0)
    first, _, third = clips(mouth.say(LINES, 0.0))
    mouth.failed(first, 0.1)
    if missing > 1:
        mouth.stalled(8.1)
    if missing > 2:
        mouth.ready(third, b"", 9.0)
    assert mouth.has_failed is (missing == 3)


def test_a_sentence_that_succeeds_makes_good_for_those_before() -> None:
    mouth = Mouth(Timers(), 8.0, 2.0)
    first, second, third = clips(mouth.say(LINES, 0.0))
    mouth.failed(first, 0.1)
    mouth.failed(first, 0.1)
    mouth.failed("9.9", 0.1)
    mouth.ready(second, SECOND, 0.2)
    mouth.failed(third, 0.3)
    assert not mouth.has_failed
