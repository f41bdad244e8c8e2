"""A caller whom the agent hands over: the queue, the telephone, or a callback by key."""

from __future__ import annotations

import pytest

from consent.gate import GateState
from tests.call.conftest import Booking, MakeScene
from tests.call.scene import Paces, Scene
from voice_agent.call.actions import (
    AskCallback,
    ClearAudio,
    Ending,
    Finish,
    PassOn,
    SendAudio,
    Transcribe,
    UseTool,
)
from voice_agent.call.control import ControlState
from voice_agent.call.events import (
    CallbackNoted,
    DutyChanged,
    OperatorCame,
    OperatorGaveBack,
    OperatorSaid,
    OperatorSpoke,
    QueueMoved,
)
from voice_agent.call.phase import Phase
from voice_agent.call.timers import Timer
from voice_agent.errors import IllegalEvent
from voice_agent.live.observation import FlowMoved, HandoverAsked, QueuePlace

HUMAN = "Ich möchte mit einem Menschen sprechen."
CONNECTING = ["Ich verbinde Sie jetzt mit einem Menschen.", "Einen Moment bitte."]
OFFER = "Für einen Rückruf drücken Sie die 1."
GO_ON = ["Im Moment ist leider niemand frei.", "Kann ich sonst etwas für Sie tun?"]
MUSIC = b"\x44" * 8000


def waiting(scene: Scene) -> Scene:
    """Two operators are on duty, and the caller wants one."""
    scene.accept()
    scene.post(DutyChanged(2))
    scene.listen()
    scene.press("0")
    assert scene.session.phase is Phase.WAITING
    return scene


def nobody_comes(scene: Scene) -> Scene:
    """The caller waits where nobody can be dialled, and then nobody is free."""
    waiting(scene)
    scene.wait(4)
    scene.post(DutyChanged(0))
    return scene


# -- the queue -------------------------------------------------------------------------------


def test_a_caller_who_is_handed_over_waits_in_the_stream_while_somebody_is_free(
    make_scene: MakeScene,
) -> None:
    scene = waiting(make_scene(music=MUSIC))
    scene.wait(5)
    assert scene.heard[3:6] == [*CONNECTING, OFFER]
    assert scene.asked(SendAudio)[-1].mulaw == MUSIC
    assert HandoverAsked("asked") in scene.seen
    assert scene.session.control.can_take
    assert scene.asked(Finish) == []


@pytest.mark.parametrize("words", [HUMAN, "Das ist doch alles Mist hier, so ein Scheiß!"])
def test_whatever_the_reason_operators_are_asked_first(scene: Scene, words: str) -> None:
    scene.accept()
    scene.post(DutyChanged(1))
    scene.listen()
    for _ in range(3):
        if scene.session.phase is Phase.CONVERSING:
            scene.ask(words)
    assert scene.session.phase is Phase.WAITING
    assert [each for each in scene.seen if isinstance(each, HandoverAsked)]


def test_c22_nobody_is_heard_who_waits(make_scene: MakeScene) -> None:
    """Rule C22: neither by the recogniser nor by operators."""
    scene = waiting(make_scene(music=MUSIC))
    looked_at, before = len(scene.vad.looked_at), len(scene.actions)
    scene.say("Hallo? Ist da wer?", ms=3000)
    assert scene.post(OperatorSpoke(b"\x33" * 160)) == []
    kinds = {type(action) for _, action in scene.actions[before:]}
    assert not kinds & {Transcribe, PassOn}
    assert len(scene.vad.looked_at) == looked_at


def test_the_place_is_said_when_it_is_known_when_it_is_better_and_now_and_then(
    make_scene: MakeScene,
) -> None:
    scene = waiting(make_scene(music=MUSIC))
    scene.wait(1)
    scene.post(QueueMoved(3))
    scene.wait(8)
    scene.post(QueueMoved(3))
    scene.post(QueueMoved(4))
    scene.wait(5)
    places = [each for each in scene.heard if each.startswith("Sie sind auf")]
    assert places == ["Sie sind auf Platz 3."]
    scene.post(QueueMoved(2))
    scene.wait(5)
    scene.wait(32)
    places = [each for each in scene.heard if each.startswith("Sie sind auf")]
    assert places == ["Sie sind auf Platz 3.", "Sie sind auf Platz 2.", "Sie sind auf Platz 2."]
    seen = [each.place for each in scene.seen if isinstance(each, QueuePlace)]
    assert seen == [3, 4, 2]


def test_who_was_told_that_nobody_is_free_is_told_no_place(make_scene: MakeScene) -> None:
    scene = nobody_comes(make_scene(can_hand_over=False))
    scene.post(QueueMoved(2))
    scene.wait(1)
    scene.post(QueueMoved(1))
    assert Timer.PLACE not in scene.session._timers
    scene.wait(3)
    assert scene.heard[-2:] == ["Niemand ist frei.", OFFER]


def test_whose_callback_is_being_noted_is_told_no_place(make_scene: MakeScene) -> None:
    scene = waiting(make_scene(Paces(callback="never"), commit_s=60.0))
    scene.press("1")
    before = len(scene.heard)
    scene.post(QueueMoved(2))
    scene.post(QueueMoved(1))
    scene.wait(50)
    assert scene.heard[before:] == []


def test_a_typed_sentence_is_said_to_who_waits(make_scene: MakeScene) -> None:
    scene = waiting(make_scene(music=MUSIC))
    scene.wait(8)
    assert ClearAudio() in scene.post(OperatorSaid("Noch zwei Minuten."))
    scene.wait(2)
    assert "Noch zwei Minuten." in scene.heard
    assert scene.asked(SendAudio)[-1].mulaw == MUSIC


def test_the_place_interrupts_the_music_and_nothing_else(make_scene: MakeScene) -> None:
    scene = waiting(make_scene(music=MUSIC))
    assert ClearAudio() not in scene.post(QueueMoved(1))
    scene.wait(8)
    assert [*CONNECTING, OFFER, "Sie sind auf Platz 1."] == scene.heard[3:7]
    scene.post(QueueMoved(3))
    assert ClearAudio() in scene.post(QueueMoved(2))


@pytest.mark.parametrize(
    "wrong",
    [DutyChanged(-1), DutyChanged(2, on_duty=1), DutyChanged(0, on_duty=-1), QueueMoved(0)],
    ids=repr,
)
def test_counts_that_count_nothing_are_illegal(
    scene: Scene, wrong: DutyChanged | QueueMoved
) -> None:
    waiting(scene)
    with pytest.raises(IllegalEvent):
        scene.post(wrong)


def test_an_operator_takes_over_a_caller_who_waits(make_scene: MakeScene) -> None:
    scene = waiting(make_scene(music=MUSIC))
    scene.post(QueueMoved(1))
    scene.wait(9)
    scene.post(OperatorCame("berg", "Anna Berg"))
    assert QueuePlace(0) in scene.seen
    scene.wait(5)
    assert scene.session.control.state is ControlState.TALKING
    scene.post(OperatorGaveBack(""))
    scene.listen()
    assert scene.session.phase is Phase.CONVERSING


def test_the_answer_that_somebody_is_waited_for_is_timed_like_any_other(scene: Scene) -> None:
    scene.accept()
    scene.post(DutyChanged(1))
    scene.listen()
    scene.say(HUMAN)
    scene.wait(3)
    assert scene.session.phase is Phase.WAITING
    assert [timed.turn for timed in scene.timings] == [1]


def test_flows_and_slots_outlast_the_queue(booking: Booking) -> None:
    scene = booking(Paces())
    scene.post(DutyChanged(1))
    scene.say(HUMAN)
    scene.wait(4)
    assert scene.session.phase is Phase.WAITING
    scene.post(OperatorCame("berg", "Anna Berg"))
    scene.listen()
    scene.post(OperatorGaveBack(""))
    scene.listen()
    scene.ask("Ja, das stimmt.")
    assert [use.request.tool for use in scene.asked(UseTool)] == [
        "calendar.free",
        "calendar.book",
    ]


def test_who_waits_keeps_their_place_while_anybody_is_on_duty(make_scene: MakeScene) -> None:
    """The only operator takes somebody else: nobody is free, but somebody is there."""
    scene = make_scene(queue_s=60.0)
    scene.accept()
    scene.post(DutyChanged(free=1, on_duty=1))
    scene.listen()
    scene.press("0")
    scene.post(DutyChanged(free=0, on_duty=1))
    scene.wait(50)
    assert scene.session.control.can_take
    assert scene.asked(Finish) == []
    scene.post(DutyChanged(free=0, on_duty=0))
    assert scene.session.phase is Phase.HANDING_OVER


def test_an_operator_who_is_there_and_not_free_is_waited_for_until_patience_ends(
    scene: Scene,
) -> None:
    scene.accept()
    scene.post(DutyChanged(free=0, on_duty=1))
    scene.listen()
    scene.press("0")
    scene.wait(80)
    assert scene.session.phase is Phase.WAITING
    scene.wait(12)
    assert scene.session.phase is not Phase.WAITING


@pytest.mark.parametrize("why", ["patience", "duty"])
def test_a_caller_for_whom_nobody_comes_is_dialled_through(make_scene: MakeScene, why: str) -> None:
    scene = waiting(make_scene(music=MUSIC, queue_s=40.0))
    scene.wait(30)
    if why == "duty":
        scene.post(DutyChanged(0))
        assert scene.session.phase is Phase.HANDING_OVER
    scene.wait(15)
    assert scene.heard[-2:] == CONNECTING
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize("way", [{"can_hand_over": False}, {"office_open": False}], ids=str)
def test_where_nobody_can_be_dialled_a_callback_is_offered_and_then_the_agent_goes_on(
    make_scene: MakeScene, way: dict[str, bool]
) -> None:
    scene = nobody_comes(make_scene(music=MUSIC, **way))
    scene.wait(4)
    assert scene.heard[-2:] == ["Niemand ist frei.", OFFER]
    scene.wait(9)
    assert scene.session.phase is Phase.CONVERSING
    assert scene.heard[-2:] == GO_ON
    scene.ask("Wann haben Sie geöffnet?")
    assert "Sonntags ist geschlossen." in scene.heard


def test_waiting_has_an_end_of_its_own_and_not_the_calls(make_scene: MakeScene) -> None:
    scene = waiting(make_scene(limit_s=20.0, queue_s=100.0))
    scene.wait(90)
    assert scene.session.phase is Phase.WAITING


# -- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noted", "said"),
    [
        (0.05, "Ihr Rückruf ist notiert."),
        ("fails", "Den Rückruf konnte ich nicht notieren."),
        ("never", "Den Rückruf konnte ich nicht notieren."),
    ],
)
def test_key_1_leaves_a_callback_and_the_caller_is_told_whether_it_is_noted(
    make_scene: MakeScene, noted: float | str, said: str
) -> None:
    scene = waiting(make_scene(Paces(callback=noted), music=MUSIC))  # type: ignore[arg-type]
    scene.wait(8)
    scene.press("1")
    assert scene.asked(AskCallback) == [AskCallback("de")]
    scene.wait(7)
    assert said in scene.heard
    if noted == 0.05:
        assert scene.heard[-1] == "Auf Wiederhören."
        assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]
        return
    assert scene.session.phase is Phase.CONVERSING
    assert scene.seen.count(QueuePlace(0)) == 1
    scene.ask("Wann haben Sie geöffnet?")
    assert "Sonntags ist geschlossen." in scene.heard


def test_key_1_twice_asks_once(make_scene: MakeScene) -> None:
    scene = waiting(make_scene(Paces(callback=1.0)))
    scene.press("1")
    scene.press("1")
    scene.press("4")
    assert len(scene.asked(AskCallback)) == 1
    scene.listen()
    assert "Ihr Rückruf ist notiert." in scene.heard


def test_the_callback_can_be_had_when_nobody_is_free(make_scene: MakeScene) -> None:
    scene = nobody_comes(make_scene(can_hand_over=False))
    scene.wait(3)
    scene.press("1")
    scene.listen()
    assert "Ihr Rückruf ist notiert." in scene.heard


def test_key_0_does_not_wait_any_longer(make_scene: MakeScene) -> None:
    scene = waiting(make_scene(music=MUSIC))
    scene.wait(8)
    scene.press("0")
    assert scene.session.phase is Phase.HANDING_OVER
    scene.listen()
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize("key", "2345#")
def test_c8_any_other_key_interrupts_and_says_what_can_be_pressed(
    make_scene: MakeScene, key: str
) -> None:
    """Rule C8."""
    scene = waiting(make_scene(music=MUSIC))
    scene.wait(8)
    assert ClearAudio() in scene.press(key)
    scene.wait(3)
    assert [each for each in scene.heard if each][-1] == OFFER
    assert scene.session.phase is Phase.WAITING


def test_c16_star_withdraws_from_the_queue(make_scene: MakeScene) -> None:
    """Rule C16."""
    scene = waiting(make_scene(music=MUSIC))
    scene.wait(8)
    assert ClearAudio() in scene.press("*")
    assert scene.session.consent is GateState.WITHDRAWN
    scene.listen()
    assert scene.heard[-2:] == ["Ich höre nicht mehr zu.", "Für einen Menschen drücken Sie die 0."]
    assert not scene.session.control.can_take


def test_a_caller_who_hangs_up_in_the_queue_is_gone(scene: Scene) -> None:
    waiting(scene).hang_up()
    assert scene.asked(Finish) == [Finish(Ending.CALLER_LEFT, "de")]


# -- nobody is on duty -----------------------------------------------------------------------


def test_without_operators_the_telephone_is_dialled_as_ever(scene: Scene) -> None:
    scene.accept()
    scene.listen()
    scene.press("0")
    scene.listen()
    assert scene.heard[3:] == CONNECTING
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]
    assert HandoverAsked("asked") in scene.seen


def without_anybody(make_scene: MakeScene, **terms: object) -> Scene:
    scene = make_scene(**({"can_hand_over": False} | terms))
    scene.accept()
    scene.listen()
    scene.press("0")
    scene.listen()
    assert scene.heard[3:] == [*GO_ON, OFFER]
    return scene


def test_outside_office_hours_nobody_is_dialled(make_scene: MakeScene) -> None:
    scene = without_anybody(make_scene, can_hand_over=True, office_open=False)
    assert scene.session.phase is Phase.CONVERSING


def test_the_callback_is_left_by_key_in_the_conversation(make_scene: MakeScene) -> None:
    scene = without_anybody(make_scene)
    scene.press("1")
    scene.listen()
    assert scene.asked(AskCallback) == [AskCallback("de")]
    assert scene.heard[-2:] == ["Ihr Rückruf ist notiert.", "Auf Wiederhören."]


def test_once_anything_else_was_said_key_1_means_yes_again(make_scene: MakeScene) -> None:
    scene = without_anybody(make_scene)
    scene.ask("Wann haben Sie geöffnet?")
    scene.press("1")
    scene.listen()
    assert scene.asked(AskCallback) == []


def test_in_the_conversation_a_caller_whose_number_is_withheld_is_offered_no_callback(
    make_scene: MakeScene,
) -> None:
    scene = make_scene(can_hand_over=False, can_call_back=False)
    scene.accept()
    scene.listen()
    scene.press("0")
    scene.listen()
    assert scene.heard[3:] == GO_ON
    scene.press("1")
    scene.listen()
    assert scene.asked(AskCallback) == []
    assert scene.session.phase is Phase.CONVERSING


@pytest.mark.parametrize(
    ("can_dial", "told"), [(True, "Diese Taste hat hier keine Bedeutung."), (False, CONNECTING[-1])]
)
def test_in_the_queue_a_caller_whose_number_is_withheld_is_offered_no_callback(
    make_scene: MakeScene, can_dial: bool, told: str
) -> None:
    scene = waiting(make_scene(can_hand_over=can_dial, can_call_back=False))
    scene.wait(6)
    assert scene.heard[3:] == CONNECTING
    scene.press("1")
    scene.wait(4)
    assert scene.heard[-1] == told
    assert scene.asked(AskCallback) == []
    assert scene.session.phase is Phase.WAITING


def test_for_a_caller_whose_number_is_withheld_the_agent_goes_on_when_nobody_comes(
    make_scene: MakeScene,
) -> None:
    scene = nobody_comes(make_scene(can_hand_over=False, can_call_back=False, music=MUSIC))
    assert scene.session.phase is Phase.CONVERSING
    scene.wait(6)
    assert scene.heard[-2:] == GO_ON
    assert OFFER not in scene.heard
    scene.ask("Wann haben Sie geöffnet?")
    assert "Sonntags ist geschlossen." in scene.heard


def test_an_answer_about_a_callback_nobody_asked_for_is_ignored(scene: Scene) -> None:
    waiting(scene)
    assert scene.post(CallbackNoted(True)) == []
    assert scene.session.phase is Phase.WAITING


def test_the_operator_sees_what_was_begun(booking: Booking) -> None:
    scene = booking(Paces())
    scene.post(DutyChanged(1))
    scene.say(HUMAN)
    scene.wait(3)
    assert scene.session.phase is Phase.WAITING
    moved = [each for each in scene.seen if isinstance(each, FlowMoved)][-1]
    assert moved.flow == "book_appointment"
    assert moved.slots["name"] == "Fischer"


def test_where_nobody_is_waited_for_the_tile_does_not_say_so(make_scene: MakeScene) -> None:
    scene = without_anybody(make_scene)
    handed = scene.seen.index(HandoverAsked("asked"))
    assert scene.seen[handed + 1] == QueuePlace(0)
