"""Withdrawal (C16), handover and goodbye."""

from __future__ import annotations

import pytest

from consent.gate import GateState
from consent.receipt import Means
from consent.sealed import ConsentWithdrawn
from tests.call.conftest import MakeScene
from tests.call.scene import Pace, Paces, Scene, bring
from voice_agent.call.actions import (
    Action,
    ClearAudio,
    Ending,
    Finish,
    RecordWithdrawal,
    SendAudio,
    SendMark,
    Synthesise,
    Transcribe,
    Understand,
)
from voice_agent.call.events import SpeechReady, WithdrawnElsewhere
from voice_agent.call.phase import Phase

HOURS = "Wann haben Sie geöffnet?"
OFFER = ["Ich höre nicht mehr zu.", "Für einen Menschen drücken Sie die 0."]
PHRASES = {"de": "Ich widerrufe meine Einwilligung.", "en": "I withdraw my consent."}


def kinds(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def speaking(scene: Scene) -> None:
    """The agent is in the middle of an answer."""
    scene.accept()
    scene.listen()
    scene.say(HOURS)
    scene.wait(1.5)


def thinking(scene: Scene) -> None:
    """The caller has spoken; recognition runs."""
    scene.accept()
    scene.listen()
    scene.say(HOURS)
    scene.wait(0.25)


def hearing(scene: Scene) -> None:
    """The caller is in the middle of a sentence."""
    scene.accept()
    scene.listen()
    scene.say(HOURS)


def greeting(scene: Scene) -> None:
    """The greeting has just begun."""
    scene.accept()


MOMENTS = (greeting, hearing, thinking, speaking)


@pytest.mark.parametrize("moment", MOMENTS)
def test_c16_a_withdrawal_in_the_portal_stops_everything_at_once(
    scene: Scene, moment: object
) -> None:
    """It is recorded already; the caller hears that nobody listens any more."""
    assert callable(moment)
    moment(scene)
    scene.post(WithdrawnElsewhere())
    assert scene.session.consent is GateState.WITHDRAWN
    scene.listen()
    assert scene.heard[-len(OFFER) :] == OFFER
    assert scene.asked(RecordWithdrawal) == []
    scene.press("*")  # and once more by key: it is withdrawn
    assert scene.asked(RecordWithdrawal) == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_star_stops_everything_at_once(scene: Scene, moment: object) -> None:
    """C16 asks for 500 ms; here it is the very same event."""
    assert callable(moment)
    moment(scene)
    before = len(scene.actions)
    actions = scene.press("*")
    assert scene.session.consent is GateState.WITHDRAWN
    assert RecordWithdrawal() in actions
    spoken = [action.text for action in actions if isinstance(action, Synthesise)]
    assert spoken == OFFER
    scene.say("Hören Sie mich noch?", ms=1000)
    scene.listen()
    after = [action for _, action in scene.actions[before:]]
    assert not {Transcribe, Understand} & {type(action) for action in after}
    assert scene.heard[-2:] == OFFER
    assert scene.asked(RecordWithdrawal) == [RecordWithdrawal()]


def test_star_clears_what_is_queued_before_anything_new_is_sent(scene: Scene) -> None:
    speaking(scene)
    actions = [action for action in scene.press("*") if kinds([action]) != ["Observe"]]
    assert kinds(actions)[:2] == ["ClearAudio", "RecordWithdrawal"]
    assert not any(isinstance(action, SendAudio | SendMark) for action in actions)


def test_speech_that_was_being_made_when_star_was_pressed_is_never_sent(scene: Scene) -> None:
    scene.paces.synthesis = 5.0
    scene.accept()
    old = [speech.clip for speech in scene.asked(Synthesise)]
    scene.press("*")
    for clip in old:
        assert scene.post(SpeechReady(clip, b"\x55" * 800)) == []
    assert scene.asked(SendAudio) == []


def test_after_star_no_frame_is_looked_at(scene: Scene) -> None:
    hearing(scene)
    scene.press("*")
    looked_at = len(scene.vad.looked_at)
    scene.say("Noch ein Satz", ms=1000)
    assert len(scene.vad.looked_at) == looked_at


def test_audio_already_queued_for_recognition_becomes_unreadable(scene: Scene) -> None:
    thinking(scene)
    (transcribe,) = scene.asked(Transcribe)
    scene.press("*")
    with pytest.raises(ConsentWithdrawn):
        transcribe.utterance.reveal()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("way", ["key", "phrase"])
def test_after_a_withdrawal_nothing_that_was_said_is_remembered(
    scene: Scene, moment: object, way: str
) -> None:
    assert callable(moment)
    moment(scene)
    scene.listen()
    assert scene.history
    if way == "key":
        scene.press("*")
    else:
        scene.say(PHRASES["de"])
        scene.wait(1.0)
    assert scene.session.phase is Phase.WITHDRAWN
    talk = scene.session._talk
    left = talk._unanswered
    assert (left.text, talk._asides, left.asked) == ("", (), None)
    assert talk.conversation.last == ()
    assert scene.history == []


def test_words_carried_to_the_next_turn_are_forgotten_when_it_is_a_withdrawal(
    make_scene: MakeScene,
) -> None:
    scene = make_scene(Paces(understanding=3.0))
    scene.accept()
    scene.listen()
    scene.say(HOURS)
    scene.wait(1.2)
    assert scene.session._talk._unanswered.text == HOURS
    scene.say(PHRASES["de"])
    scene.wait(1.2)
    assert scene.session.phase is Phase.WITHDRAWN
    assert scene.session._talk._unanswered.text == ""


def test_a_withdrawal_keeps_the_language(make_scene: MakeScene) -> None:
    scene = make_scene(language="en")
    scene.accept()
    scene.listen()
    scene.press("*")
    assert scene.session.language == "en"


def test_words_recognised_before_star_are_not_looked_at_after_it(scene: Scene) -> None:
    """The recogniser had finished, its answer was on its way."""
    thinking(scene)
    scene.paces.understanding = 0.0
    actions = scene.press("*") + scene.wait(2)
    assert scene.said_by_caller == []
    assert "Understand" not in kinds(actions)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("spoken", ["de", "en"])
def test_a_phrase_withdraws_before_anything_else_looks_at_it(
    make_scene: MakeScene, language: str, spoken: str
) -> None:
    """Nothing is understood, and no onlooker sees the words."""
    scene = make_scene(language=language)
    scene.accept()
    scene.listen()
    scene.say(PHRASES[spoken])
    scene.wait(1.0)
    assert scene.session.phase is Phase.WITHDRAWN
    assert scene.asked(Understand) == []
    assert scene.said_by_caller == []
    assert scene.asked(RecordWithdrawal) == [RecordWithdrawal(Means.PHRASE)]
    assert scene.session.language == language


@pytest.mark.parametrize("recognition", [0.0, 0.3, 0.45, 1.0, 3.0])
def test_a_phrase_withdraws_however_long_its_recognition_takes(
    make_scene: MakeScene, recognition: float
) -> None:
    scene = make_scene(Paces(recognition=recognition))
    scene.accept()
    scene.listen()
    scene.say(PHRASES["de"])
    scene.wait(4)
    assert scene.session.phase is Phase.WITHDRAWN


def test_a_phrase_counts_although_the_words_before_it_are_still_being_recognised(
    make_scene: MakeScene,
) -> None:
    scene = make_scene(Paces(recognition="never"))
    scene.accept()
    scene.listen()
    scene.say(HOURS)
    scene.wait(0.8)
    scene.paces.recognition = 0.3
    scene.say(PHRASES["de"])
    scene.wait(1)
    assert scene.session.phase is Phase.WITHDRAWN


@pytest.mark.parametrize("key", "135#")
@pytest.mark.parametrize("pause", [0.3, 0.9])
def test_a_phrase_counts_although_a_key_has_overtaken_it(
    make_scene: MakeScene, key: str, pause: float
) -> None:
    """What was said before the key gets no answer any more, but a withdrawal is no question."""
    scene = make_scene(Paces(recognition=1.0))
    scene.accept()
    scene.listen()
    scene.say(PHRASES["de"])
    scene.wait(pause)
    scene.press(key)
    scene.wait(1.5)
    assert scene.session.phase is Phase.WITHDRAWN


def test_a_phrase_in_a_long_piece_of_media_stops_the_rest_of_it(scene: Scene) -> None:
    """The frames after the phrase came in the same message: they are not looked at."""
    scene.paces.recognition = 0.0
    scene.accept()
    scene.listen()
    scene.say(PHRASES["de"])
    scene.wait(0.6)
    looked_at = len(scene.vad.looked_at)
    transcribed = len(scene.asked(Transcribe))
    scene.message([0xFF] * 10 + [0x77] * 40 + [0xFF] * 50)
    assert scene.session.phase is Phase.WITHDRAWN
    assert len(scene.vad.looked_at) < looked_at + 10
    assert len(scene.asked(Transcribe)) == transcribed


def test_after_a_withdrawal_key_0_reaches_the_human(scene: Scene) -> None:
    scene.accept()
    scene.press("*")
    scene.wait(1)
    scene.press("0")
    scene.listen()
    assert scene.heard[-1] == "Einen Moment bitte."
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize("key", "1235#*4")
def test_after_a_withdrawal_any_other_key_repeats_the_offer(scene: Scene, key: str) -> None:
    scene.accept()
    scene.press("*")
    scene.listen()
    scene.press(key)
    scene.listen()
    assert scene.heard[-4:] == OFFER * 2
    assert scene.session.phase is Phase.WITHDRAWN
    assert scene.asked(RecordWithdrawal) == [RecordWithdrawal()]


def test_after_a_withdrawal_silence_ends_the_call(scene: Scene) -> None:
    scene.accept()
    scene.press("*")
    scene.wait(15)
    assert scene.heard[-1] == "Auf Wiederhören."
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


def test_a_withdrawal_where_there_is_no_human_ends_with_goodbye(make_scene: MakeScene) -> None:
    scene = make_scene(can_hand_over=False)
    scene.accept()
    scene.press("*")
    scene.listen()
    assert scene.heard == ["Ich beende jetzt den Anruf.", "Auf Wiederhören."]
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


def test_star_while_the_ledger_writes_is_recorded(make_scene: MakeScene) -> None:
    """The acceptance may be durable by now: its withdrawal must be too."""
    scene = make_scene(Paces(ledger=1.0))
    scene.start()
    scene.press("1")
    scene.press("*")
    scene.wait(2)
    assert scene.asked(RecordWithdrawal) == [RecordWithdrawal()]
    assert scene.session.consent is GateState.WITHDRAWN
    assert scene.session.phase is Phase.WITHDRAWN


def test_star_after_0_while_the_ledger_writes_is_recorded(make_scene: MakeScene) -> None:
    scene = make_scene(Paces(ledger=1.0))
    scene.start()
    scene.press("1")
    scene.press("0")
    scene.press("*")
    scene.listen()
    assert scene.asked(RecordWithdrawal) == [RecordWithdrawal()]
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize("can_hand_over", [True, False])
def test_star_during_the_goodbye_is_recorded_and_a_human_offered(
    make_scene: MakeScene, can_hand_over: bool
) -> None:
    scene = make_scene(can_hand_over=can_hand_over)
    bring(scene, Phase.CLOSING)
    scene.wait(0.4)
    scene.press("*")
    assert len(scene.asked(ClearAudio)) == 1
    scene.listen()
    scene.wait(10)
    assert scene.asked(RecordWithdrawal) == [RecordWithdrawal()]
    assert (OFFER[1] in scene.heard) is can_hand_over
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


def test_star_during_the_handover_is_recorded_and_the_human_comes(scene: Scene) -> None:
    scene.accept()
    scene.press("0")
    scene.wait(0.5)
    scene.press("*")
    assert scene.session.consent is GateState.WITHDRAWN
    scene.listen()
    assert scene.asked(RecordWithdrawal) == [RecordWithdrawal()]
    assert scene.heard == ["Ich verbinde Sie jetzt mit einem Menschen.", "Einen Moment bitte."]
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize(
    "phase",
    [Phase.NOTICE, Phase.COMMITTING, Phase.CONVERSING, Phase.WITHDRAWN, Phase.CLOSING],
    ids=str,
)
def test_key_0_reaches_a_human_in_every_phase(make_scene: MakeScene, phase: Phase) -> None:
    scene = make_scene()
    bring(scene, phase)
    scene.press("0")
    assert scene.session.phase is Phase.HANDING_OVER
    scene.listen()
    assert scene.heard[-2:] == ["Ich verbinde Sie jetzt mit einem Menschen.", "Einen Moment bitte."]
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize("marks", [0.0, 0.5, "never"])
def test_a_handover_is_announced_and_heard_before_it_happens(
    make_scene: MakeScene, marks: Pace
) -> None:
    scene = make_scene(Paces(marks=marks))
    scene.accept()
    scene.press("0")
    scene.wait(10)
    sent = [(at, action) for at, action in scene.actions if isinstance(action, SendAudio)]
    finished = next(at for at, action in scene.actions if isinstance(action, Finish))
    at, audio = sent[-1]
    assert finished >= at + len(audio.mulaw) / 8000


def test_during_the_goodbye_and_the_handover_nobody_listens(make_scene: MakeScene) -> None:
    for phase in (Phase.CLOSING, Phase.HANDING_OVER):
        scene = make_scene()
        bring(scene, phase)
        looked_at = len(scene.vad.looked_at)
        scene.say("Hallo?", ms=500)
        assert len(scene.vad.looked_at) == looked_at
        assert scene.session.phase is phase


@pytest.mark.parametrize("key", "12345#6")
def test_other_keys_do_not_stop_the_last_words(make_scene: MakeScene, key: str) -> None:
    for phase in (Phase.CLOSING, Phase.HANDING_OVER):
        scene = make_scene()
        bring(scene, phase)
        scene.press(key)
        scene.listen()
        assert len(scene.asked(Finish)) == 1
