from __future__ import annotations

import re

import pytest

from consent.gate import GateState
from consent.purpose import Purpose
from tests.call.conftest import MakeScene
from tests.call.scene import CALL, PHASES, Paces, Scene, bring, receipt
from tests.call.texts import KNOWLEDGE, ROOT
from voice_agent.audio.frame import Frame
from voice_agent.call.actions import (
    Action,
    Ending,
    Finish,
    Observe,
    SendAudio,
    SendMark,
    Synthesise,
    Transcribe,
)
from voice_agent.call.events import (
    CallerGone,
    CallStarted,
    ConsentCommitted,
    ConsentFailed,
    Event,
    KeyPressed,
    LinkAnswered,
    LinkOutcome,
    MarkReached,
    MediaReceived,
    SpeechFailed,
    SpeechReady,
    Take,
    TimePassed,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
)
from voice_agent.call.phase import Phase
from voice_agent.call.session import CallSession
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.prompts import Prompts
from voice_agent.errors import IllegalEvent
from voice_agent.speech.ports import Transcript

SPEAKING = (SendAudio, SendMark, Synthesise)
WORDS = Transcript(text="Hallo", language="de", seconds=0.1, audio_seconds=1.0, window=30.0)
ANYTHING: tuple[Event, ...] = (
    CallStarted(receipt()),
    MediaReceived(Frame(b"\x01" * 160, 20)),
    KeyPressed("4"),
    MarkReached("0.1"),
    ConsentCommitted(receipt()),
    ConsentFailed(),
    TranscriptReady(Take(1, 1), WORDS),
    TranscriptFailed(Take(1, 1)),
    Understood(Take(1, 1), ()),
    UnderstandingFailed(Take(1, 1)),
    SpeechReady("0.1", b"\x55" * 800),
    SpeechFailed("0.1"),
    LinkAnswered(LinkOutcome.SENT),
    CallerGone(),
    TimePassed(),
)


def names(event: object) -> str:
    return type(event).__name__ if isinstance(event, Event) else str(event)


@pytest.mark.parametrize(("language", "word"), [("de", "KI"), ("en", "AI")])
def test_c7_the_greeting_that_is_shipped_says_first_that_this_is_an_ai(
    make_scene: MakeScene, language: str, word: str
) -> None:
    """Rule C7: in the first five seconds of the conversation."""
    scene = make_scene(language=language)
    scene.engine = Engine(Prompts.load(ROOT / "prompts", about={"company": "Berger"}), KNOWLEDGE)
    scene.session = CallSession(scene.terms, scene.vad, scene.engine, scene.script)
    scene.accept()
    scene.wait(5)
    assert word in re.findall(r"[A-Z]+", " ".join(scene.heard))


def test_a_call_begins_in_the_language_it_was_accepted_in(make_scene: MakeScene) -> None:
    scene = make_scene(language="en")
    scene.accept()
    assert {speech.language for speech in scene.asked(Synthesise)} == {"en"}
    assert scene.session.language == "en"


@pytest.mark.parametrize("event", ANYTHING, ids=names)
@pytest.mark.parametrize("phase", [Phase.CREATED, *PHASES, Phase.ENDED], ids=str)
def test_every_event_in_every_phase_is_answered_or_illegal(
    make_scene: MakeScene, phase: Phase, event: Event
) -> None:
    """Nothing else is raised, a call that goes on has a deadline, one that ended says nothing."""
    scene = make_scene()
    if phase is Phase.ENDED:
        scene.accept()
        scene.hang_up()
    elif phase is not Phase.CREATED:
        bring(scene, phase)
    try:
        actions = scene.post(event)
    except IllegalEvent:
        actions = []
    after = scene.session.phase
    assert (scene.session.deadline() is None) is (after in {Phase.CREATED, Phase.ENDED})
    if phase is Phase.ENDED:
        assert actions == []


@pytest.mark.parametrize("phase", [Phase.CREATED, *PHASES], ids=str)
def test_a_caller_may_hang_up_in_every_phase(make_scene: MakeScene, phase: Phase) -> None:
    scene = make_scene()
    if phase is not Phase.CREATED:
        bring(scene, phase)
    before = len(scene.asked(Finish))
    scene.hang_up()
    language = scene.session.language
    assert scene.asked(Finish)[before:] == [Finish(Ending.CALLER_LEFT, language)]
    assert scene.session.phase is Phase.ENDED
    assert scene.session.deadline() is None


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_nothing_follows_the_end(make_scene: MakeScene, phase: Phase) -> None:
    """Answers that were on their way, keys, voice: all come to nothing."""
    scene = make_scene()
    bring(scene, phase)
    scene.hang_up()
    end = len(scene.actions)
    assert isinstance(scene.actions[-1][1], Finish)
    scene.say("Hallo")
    scene.press("*")
    scene.hang_up()
    scene.wait(30)
    assert len(scene.actions) == end
    assert scene.session.consent in {GateState.EXPIRED, GateState.WITHDRAWN}


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_every_call_ends_by_itself_if_nothing_happens_any_more(
    make_scene: MakeScene, phase: Phase
) -> None:
    """Every engine is dead, no mark returns, the line is silent: there is always a deadline."""
    scene = make_scene()
    bring(scene, phase)
    dead = scene.paces
    dead.recognition = dead.understanding = dead.synthesis = dead.ledger = dead.marks = "never"
    scene.line_dies(300)
    assert len(scene.asked(Finish)) == 1
    assert isinstance(scene.actions[-1][1], Finish)


def test_a_call_is_ended_at_its_limit_however_busy_it_is(make_scene: MakeScene) -> None:
    scene = make_scene(limit_s=60.0)
    scene.accept()
    while scene.now < 158:
        scene.ask("Wann haben Sie geöffnet?")
    scene.say("Wann haben Sie geöffnet?", ms=4000)
    scene.listen()
    assert "Ich muss das Gespräch jetzt leider beenden." in scene.heard
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


def test_a_call_is_ended_at_its_limit_while_the_notice_is_repeated(make_scene: MakeScene) -> None:
    scene = make_scene(limit_s=20.0)
    scene.start()
    while scene.session.phase is Phase.NOTICE:
        scene.press("#")
        scene.wait(1)
    assert scene.now <= 121.5


@pytest.mark.parametrize(
    "event",
    [
        CallStarted(),
        CallStarted(receipt()),
        KeyPressed(""),
        KeyPressed("12"),
        KeyPressed("A"),
        KeyPressed("١"),
        ConsentCommitted(receipt("CA2")),
        ConsentCommitted(receipt(CALL, Purpose.RECORDING)),
    ],
    ids=repr,
)
def test_an_event_that_cannot_happen_changes_nothing(scene: Scene, event: Event) -> None:
    scene.accept()
    scene.wait(0.5)
    deadline, phase = scene.session.deadline(), scene.session.phase
    with pytest.raises(IllegalEvent):
        scene.session.receive(event, scene.now + 5)
    assert (scene.session.deadline(), scene.session.phase) == (deadline, phase)


@pytest.mark.parametrize(
    "wrong",
    [receipt("CA2"), receipt(CALL, Purpose.RECORDING), receipt("CA2", *Purpose)],
    ids=["another call", "another purpose", "another call, all purposes"],
)
def test_c11_a_receipt_of_another_call_or_purpose_opens_nothing(
    scene: Scene, wrong: object
) -> None:
    """Rule C11: consent is for this call and this purpose."""
    with pytest.raises(IllegalEvent):
        scene.post(CallStarted(wrong))  # type: ignore[arg-type]  # parametrised as objects
    assert scene.session.phase is Phase.CREATED
    assert scene.session.consent is GateState.CLOSED


def test_nobody_can_answer_a_question_the_ledger_was_not_asked(scene: Scene) -> None:
    scene.start()
    for event in (ConsentCommitted(receipt()), ConsentFailed()):
        with pytest.raises(IllegalEvent):
            scene.post(event)
    assert scene.session.consent is GateState.CLOSED


def test_a_clock_that_goes_back_is_taken_as_standing_still(scene: Scene) -> None:
    scene.accept()
    scene.wait(1)
    deadline = scene.session.deadline()
    scene.session.receive(TimePassed(), 0.0)
    assert scene.session.deadline() == deadline


def test_a_caller_who_only_listens_is_asked_twice_and_then_let_go(scene: Scene) -> None:
    scene.accept()
    scene.wait(60)
    assert scene.heard[3:5] == ["Sind Sie noch da?", "Ich höre Sie leider nicht."]
    assert scene.heard[-1] == "Auf Wiederhören."
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


@pytest.mark.parametrize("marks", [0.0, 0.4, "never"])
def test_goodbye_hangs_up_after_the_last_word_was_heard(
    make_scene: MakeScene, marks: float
) -> None:
    """Heard, not sent: the mark decides, or where none comes, the clock."""
    scene = make_scene(Paces(marks=marks))
    scene.accept()
    scene.listen()
    scene.wait(3)
    scene.say("Auf Wiederhören")
    scene.wait(8)
    audio = [(at, action) for at, action in scene.actions if isinstance(action, SendAudio)]
    finished = next(at for at, action in scene.actions if isinstance(action, Finish))
    sent, last = audio[-1]
    assert finished >= sent + len(last.mulaw) / 8000


def test_the_synthesiser_failing_three_times_hands_over_without_words(
    make_scene: MakeScene,
) -> None:
    scene = make_scene(Paces(synthesis="fails"))
    scene.accept()
    scene.wait(0.1)
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize("phase", PHASES, ids=str)
@pytest.mark.parametrize("synthesis", ["fails", "never"])
def test_a_lost_voice_ends_the_call_once_in_every_phase(
    make_scene: MakeScene, phase: Phase, synthesis: Paces
) -> None:
    """Also when the last of the missing sentences was the goodbye's last."""
    scene = make_scene()
    bring(scene, phase)
    scene.paces.synthesis = synthesis  # type: ignore[assignment]  # parametrised as strings
    scene.press("0" if phase is not Phase.HANDING_OVER else "*")
    scene.wait(60)
    assert len(scene.asked(Finish)) == 1


def test_one_sentence_that_cannot_be_spoken_is_left_out(scene: Scene) -> None:
    scene.accept()
    first, *_ = scene.asked(Synthesise)
    scene.post(SpeechFailed(first.clip))
    scene.listen()
    assert first.text not in scene.heard
    assert scene.heard


def test_speech_without_a_sound_counts_as_a_sentence_that_failed(scene: Scene) -> None:
    scene.accept()
    for speech in scene.asked(Synthesise):
        scene.post(SpeechReady(speech.clip, b""))
    assert scene.asked(SendAudio) == []
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


def test_audio_is_never_sent_after_the_finish_in_the_same_breath(make_scene: MakeScene) -> None:
    """Whatever ends a call, Finish is the last action of the event that ended it."""
    for phase in PHASES:
        scene = make_scene()
        bring(scene, phase)
        for event in ANYTHING:
            try:
                actions: list[Action] = scene.post(event)
            except IllegalEvent:
                continue
            finishes = [index for index, each in enumerate(actions) if isinstance(each, Finish)]
            assert finishes in ([], [len(actions) - 1])


def test_c2_media_without_consent_is_neither_looked_at_nor_kept(make_scene: MakeScene) -> None:
    """Rule C2: what was said before the key does not surface after it."""
    scene = make_scene(Paces(ledger=0.5))
    scene.start()
    scene.say("vor der Zustimmung", ms=2000)
    assert scene.vad.looked_at == []
    assert scene.session._gate.dropped == 100
    scene.press("1")
    scene.say("noch nicht geschrieben", ms=400)
    assert scene.vad.looked_at == []
    scene.listen()
    scene.ask("Wann haben Sie geöffnet?")
    assert scene.said_by_caller == ["Wann haben Sie geöffnet?"]


def test_c11_audio_that_was_queued_for_recognition_is_unreadable_after_the_end(
    scene: Scene,
) -> None:
    """Rule C11: consent is valid for one call, and the call is over."""
    scene.accept()
    scene.say("Hallo")
    scene.wait(0.4)
    (transcribe,) = scene.asked(Transcribe)
    assert transcribe.utterance.is_readable
    scene.hang_up()
    assert not transcribe.utterance.is_readable


def test_observations_tell_every_phase_in_order(scene: Scene) -> None:
    scene.start()
    scene.press("1")
    scene.listen()
    scene.press("*")
    scene.listen()
    scene.press("0")
    scene.listen()
    seen = [each.observation.to_dict() for each in scene.asked(Observe)]
    assert [each["phase"] for each in seen if each["type"] == "phase"] == [
        "notice",
        "committing",
        "conversing",
        "withdrawn",
        "handing_over",
        "ended",
    ]
    assert seen[-1] == {"type": "ended", "reason": "handed_over"}
