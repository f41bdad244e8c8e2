from __future__ import annotations

from typing import Final

import pytest
from hypothesis import event as drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.call.conftest import MakeScene
from tests.call.scene import Scene
from tests.call.test_any_order import AnyOrder
from voice_agent.call.actions import (
    Action,
    ClearAudio,
    Ending,
    Finish,
    Observe,
    SendAudio,
    SendMark,
)
from voice_agent.call.events import (
    EndOfTurnJudged,
    Event,
    MarkReached,
    SpeechFailed,
    SpeechReady,
    Take,
    TimePassed,
    TranscriptFailed,
    TranscriptReady,
    Understood,
)
from voice_agent.call.phase import Phase
from voice_agent.call.turn_clock import TurnClock
from voice_agent.dialogue.commands import AskKnowledge
from voice_agent.live.observation import AnswerHeard, Observation, Stage, TurnTimed
from voice_agent.speech.ports import Transcript

HOURS: Final = "Wann haben Sie geöffnet?"
TAKE: Final = Take(3, 1)
AUDIO: Final[list[Action]] = [SendAudio(b"\x55" * 8000), SendMark("0.1")]


def words(seconds: float = 0.4) -> Transcript:
    return Transcript(text="ja", language="de", seconds=seconds, audio_seconds=1.0, window=30.0)


def asked(take: Take = TAKE) -> TurnClock:
    """A turn that ended at 12.5 seconds of a stream that began at 10."""
    clock = TurnClock()
    clock.start(10.0)
    clock.paused(take, 140, 12.64)
    clock.follow(EndOfTurnJudged(take, 0.9), [], 12.7)
    clock.follow(TranscriptReady(take, words()), [], 12.9)
    clock.ended(take, 420, 12.92)
    return clock


def replied() -> TurnClock:
    clock = asked()
    clock.replied(12.95)
    return clock


def speech(clock: TurnClock, now: float, seconds: float = 0.2) -> list[Observation]:
    return seen(clock.follow(SpeechReady("0.1", b"", seconds), AUDIO, now))


def seen(actions: list[Action]) -> list[Observation]:
    return [action.observation for action in actions if isinstance(action, Observe)]


def test_an_answer_is_timed_from_the_callers_last_sound() -> None:
    expected = TurnTimed(
        turn=3,
        speech_end_ms=2500,
        seconds=1.25,
        recognition_seconds=0.4,
        synthesis_seconds=0.2,
        pause_ms=140,
        judged_ms=200,
        transcript_ms=400,
        decided_ms=420,
        reply_ms=450,
    )
    assert speech(replied(), 13.75) == [expected]
    assert expected.moments == {
        Stage.PAUSE: 140,
        Stage.JUDGED: 200,
        Stage.TRANSCRIPT: 400,
        Stage.DECIDED: 420,
        Stage.REPLY: 450,
        Stage.SENT: 1250,
    }


def test_an_answer_began_to_be_heard_its_own_length_before_its_mark_came_back() -> None:
    clock = replied()
    speech(clock, 13.75)
    assert seen(clock.follow(MarkReached("0.1"), [], 14.85)) == [AnswerHeard(3, 1350)]
    assert clock.follow(MarkReached("0.1"), [], 14.9) == []


def test_all_the_audio_before_the_first_mark_is_its_length() -> None:
    clock = replied()
    clock.follow(TimePassed(), [SendAudio(b"\x55" * 4000)], 13.75)
    clock.follow(TimePassed(), AUDIO, 13.76)
    clock.follow(TimePassed(), [SendAudio(b"\x55" * 8000), SendMark("0.2")], 13.77)
    assert clock.follow(MarkReached("0.2"), [], 15.0) == []
    assert seen(clock.follow(MarkReached("0.1"), [], 15.5)) == [AnswerHeard(3, 1500)]


def test_nothing_is_heard_before_it_is_sent_whatever_the_carrier_says() -> None:
    clock = replied()
    speech(clock, 13.75)
    assert seen(clock.follow(MarkReached("0.1"), [], 13.8)) == [AnswerHeard(3, 1250)]


def test_a_mark_that_comes_back_with_a_clear_is_not_hearing() -> None:
    clock = replied()
    speech(clock, 13.75)
    clock.follow(TimePassed(), [ClearAudio()], 14.0)
    assert clock.follow(MarkReached("0.1"), [], 14.85) == []


def test_nothing_is_told_after_the_end() -> None:
    end = Finish(Ending.CALLER_LEFT, "de")
    assert replied().follow(TimePassed(), [*AUDIO, end], 13.0) == []


def test_speech_from_the_cache_took_no_time() -> None:
    (timed,) = speech(replied(), 13.0, 0.0)
    assert isinstance(timed, TurnTimed)
    assert timed.synthesis_seconds is None


def test_an_answer_that_begins_with_its_second_sentence_is_timed_too() -> None:
    """The first could not be spoken: what waited behind it is sent because of that."""
    (timed,) = seen(replied().follow(SpeechFailed("0.1"), AUDIO, 13.0))
    assert isinstance(timed, TurnTimed)
    assert timed.synthesis_seconds is None


def test_only_the_first_sound_of_an_answer_is_timed() -> None:
    clock = replied()
    assert speech(clock, 13.0)
    assert speech(clock, 14.0) == []


def test_what_sends_no_audio_is_no_answer() -> None:
    assert replied().follow(SpeechReady("0.1", b""), [SendMark("0.1")], 13.0) == []


def test_audio_of_an_older_sentence_is_no_answer() -> None:
    assert speech(asked(), 13.0) == []


def test_a_turn_that_gets_no_answer_is_not_timed() -> None:
    clock = replied()
    clock.cancel()
    assert speech(clock, 13.0) == []


def test_a_turn_whose_answer_made_no_sound_does_not_get_the_next_ones_time() -> None:
    clock = replied()
    clock.replied(20.0)
    assert speech(clock, 20.2) == []


def test_what_was_made_of_a_pause_that_was_none_does_not_count() -> None:
    clock = asked()
    clock.paused(Take(4, 1), 140, 20.0)
    clock.follow(EndOfTurnJudged(Take(4, 1), 0.9), [], 20.1)
    clock.paused(Take(4, 2), 140, 21.14)
    clock.follow(TranscriptReady(Take(4, 1), words()), [], 21.2)
    clock.ended(Take(4, 2), 700, 21.7)
    clock.replied(21.7)
    (timed,) = speech(clock, 22.0)
    assert isinstance(timed, TurnTimed)
    assert (timed.turn, timed.speech_end_ms, timed.pause_ms) == (4, 11_000, 140)
    assert (timed.judged_ms, timed.transcript_ms, timed.recognition_seconds) == (None, None, None)


def test_an_engine_that_failed_has_no_moment() -> None:
    clock = TurnClock()
    clock.paused(TAKE, 140, 1.0)
    clock.follow(EndOfTurnJudged(TAKE, None), [], 1.1)
    clock.follow(TranscriptFailed(TAKE), [], 1.2)
    clock.ended(TAKE, 700, 1.56)
    clock.replied(1.56)
    (timed,) = speech(clock, 2.0)
    assert isinstance(timed, TurnTimed)
    assert (timed.judged_ms, timed.transcript_ms) == (None, None)


def test_words_may_come_after_the_turn_is_over() -> None:
    clock = TurnClock()
    clock.paused(TAKE, 140, 1.14)
    clock.ended(TAKE, 500, 1.5)
    clock.follow(TranscriptReady(TAKE, words()), [], 1.8)
    clock.replied(1.81)
    (timed,) = speech(clock, 2.0)
    assert isinstance(timed, TurnTimed)
    assert (timed.decided_ms, timed.transcript_ms, timed.reply_ms) == (500, 800, 810)


def test_audio_that_comes_late_does_not_move_the_callers_last_sound() -> None:
    """The line hangs for a second after the pause: the caller was silent all the while."""
    clock = TurnClock()
    clock.paused(TAKE, 140, 1.14)
    clock.ended(TAKE, 500, 2.5)
    clock.replied(2.5)
    (timed,) = speech(clock, 3.0)
    assert isinstance(timed, TurnTimed)
    assert (timed.speech_end_ms, timed.pause_ms, timed.decided_ms) == (1000, 140, 1500)


# -- in a call -----------------------------------------------------------------------------------


def listening(scene: Scene) -> Scene:
    scene.accept()
    scene.listen()
    return scene


def test_every_moment_of_a_turn_is_told(scene: Scene) -> None:
    scene.paces.marks = 0.05
    listening(scene).ask(HOURS)
    (timed,), (heard,) = scene.timings, scene.answers_heard
    assert list(timed.moments) == [stage for stage in Stage if stage is not Stage.HEARD]
    assert timed.pause_ms == scene.terms.turns.pause_ms
    assert timed.judged_ms == pytest.approx(timed.pause_ms + 60, abs=20)
    assert timed.transcript_ms == pytest.approx(timed.pause_ms + 300, abs=20)
    assert timed.decided_ms == timed.transcript_ms  # complete words end the turn
    assert heard.turn == timed.turn
    assert heard.heard_ms == pytest.approx(timed.seconds * 1000 + 50, abs=2)


def test_a_judgement_that_comes_after_the_end_of_the_turn_is_told_as_such(
    make_scene: MakeScene,
) -> None:
    scene = make_scene()
    scene.paces.judgement = 0.35
    listening(scene).ask(HOURS)
    (timed,) = scene.timings
    assert timed.judged_ms is not None
    assert timed.decided_ms is not None
    assert timed.judged_ms > timed.decided_ms


def test_the_pause_in_the_middle_of_a_sentence_is_not_the_end_of_it(scene: Scene) -> None:
    listening(scene)
    scene.say("Wann haben Sie")
    scene.wait(0.3)
    scene.say("geöffnet?")
    spoken = scene.now
    scene.wait(3)
    (timed,) = scene.timings
    assert timed.speech_end_ms == pytest.approx((spoken - 100.0) * 1000, abs=20)
    assert timed.pause_ms == scene.terms.turns.pause_ms


def test_an_answer_that_is_cut_short_at_once_is_not_told_as_heard(scene: Scene) -> None:
    listening(scene).say(HOURS)
    scene.wait(0.7)
    scene.say(HOURS, ms=900)
    scene.wait(0.3)
    assert [timed.turn for timed in scene.timings] == [1]
    assert scene.answers_heard == []


def test_a_key_cancels_what_was_being_timed(scene: Scene) -> None:
    listening(scene).say(HOURS)
    scene.wait(0.46)
    assert scene.timings == []
    scene.press("#")
    scene.wait(3)
    scene.listen()
    assert scene.timings == []
    assert scene.answers_heard == []
    assert scene.session.phase is Phase.CONVERSING


# -- in any order --------------------------------------------------------------------------------


def in_order(observations: list[Observation]) -> None:
    """What must hold of all the times that are told in a call."""
    timed: TurnTimed | None = None
    for observation in observations:
        if isinstance(observation, TurnTimed):
            timed = observation
            moments = timed.moments
            due = [moments[stage] for stage in ORDER]
            assert [0, *due] == sorted([0, *due])
            assert all(ms >= moments[Stage.PAUSE] for ms in moments.values())
        elif isinstance(observation, AnswerHeard):
            assert timed is not None
            assert observation.turn == timed.turn
            assert observation.heard_ms >= timed.moments[Stage.SENT]


ORDER: Final = (Stage.PAUSE, Stage.DECIDED, Stage.REPLY, Stage.SENT)
TAKES: Final = st.sampled_from([Take(1, 1), Take(1, 2), Take(2, 1)])
NAMES: Final = st.sampled_from(["0.1", "0.2", "1.3"])
SILENCES: Final = st.integers(0, 150).map(lambda frames: frames * 20)
Step = tuple[object, ...]
STEP: Final[st.SearchStrategy[Step]] = st.one_of(
    st.tuples(st.just("paused"), TAKES, SILENCES),
    st.tuples(st.just("ended"), TAKES, SILENCES),
    st.tuples(st.just("judged"), TAKES),
    st.tuples(st.just("words"), TAKES),
    st.just(("replied",)),
    st.tuples(st.just("audio"), st.integers(1, 8000), NAMES),
    st.tuples(st.just("mark"), NAMES),
    st.just(("clear",)),
    st.just(("cancel",)),
)


@st.composite
def whole_turns(draw: st.DrawFn) -> list[Step]:
    """Often enough, a turn goes as it should; the engines answer when they like."""
    take, name = draw(TAKES), draw(NAMES)
    steps: list[Step] = [
        ("paused", take, draw(SILENCES)),
        ("ended", take, draw(SILENCES)),
        ("replied",),
        ("audio", draw(st.integers(1, 8000)), name),
        ("mark", name),
    ]
    for answer in ("judged", "words"):
        steps.insert(draw(st.integers(0, len(steps))), (answer, take))
    return steps


SCRIPTS: Final = st.lists(st.one_of(whole_turns(), STEP.map(lambda step: [step])), max_size=12).map(
    lambda parts: [step for part in parts for step in part]
)


@settings(max_examples=200)
@given(SCRIPTS, st.data())
def test_moments_are_in_order_whatever_the_order_of_events(
    steps: list[Step], data: st.DataObject
) -> None:
    clock = TurnClock()
    now = 1000.0
    clock.start(now)
    told: list[Observation] = []
    for step in steps:
        now += data.draw(st.floats(0, 3))
        match step:
            case ("paused", Take() as take, int() as silence):
                clock.paused(take, silence, now)
            case ("ended", Take() as take, int() as silence):
                clock.ended(take, silence, now)
            case ("judged", Take() as take):
                told += seen(clock.follow(EndOfTurnJudged(take, 0.5), [], now))
            case ("words", Take() as take):
                told += seen(clock.follow(TranscriptReady(take, words()), [], now))
            case ("replied",):
                clock.replied(now)
            case ("audio", int() as size, str() as name):
                audio: list[Action] = [SendAudio(b"\x55" * size), SendMark(name)]
                told += seen(clock.follow(SpeechReady("0.1", b"", 0.1), audio, now))
            case ("mark", str() as name):
                told += seen(clock.follow(MarkReached(name), [], now))
            case ("clear",):
                told += seen(clock.follow(TimePassed(), [ClearAudio()], now))
            case ("cancel",):
                clock.cancel()
    in_order(told)
    for each in told:
        drawn(type(each).__name__)


class TimesInAnyOrder(AnyOrder):
    """A call that anything happens to, and the times it tells."""

    @rule(words_first=st.booleans(), late=st.floats(0, 1))
    def question(self, words_first: bool, late: float) -> None:
        """Often enough, a caller asks and is answered."""
        self.utterance(30, 10)
        answers: list[Event] = [
            TranscriptReady(self.takes[-1], words()),
            EndOfTurnJudged(self.takes[-1], 0.9),
        ]
        for answer in answers if words_first else reversed(answers):
            self.happen(answer)
        self.utterance(0, 60)
        self.now += late
        self.happen(Understood(self.takes[-1], (AskKnowledge("opening_hours"),)))
        self.now += late
        self.spoken_and_heard()

    def teardown(self) -> None:
        """Look at everything that was told."""
        super().teardown()
        if hasattr(self, "actions"):
            in_order(seen(self.actions))
            for each in seen(self.actions):
                drawn(type(each).__name__)


TestTimesInAnyOrder = TimesInAnyOrder.TestCase
TestTimesInAnyOrder.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
