"""An operator takes a call over, talks, and gives it back."""

from __future__ import annotations

import pytest

from consent.gate import GateState
from consent.sealed import ConsentWithdrawn
from tests.call.conftest import Booking, MakeScene
from tests.call.scene import PHASES, Pace, Paces, Scene, bring, receipt
from voice_agent.audio.tones import key_tones
from voice_agent.call.actions import (
    Action,
    ClearAudio,
    Ending,
    Finish,
    JudgeEndOfTurn,
    PassOn,
    RecordWithdrawal,
    SendAudio,
    Synthesise,
    Transcribe,
    Understand,
    UseTool,
)
from voice_agent.call.control import ControlState, ControlView
from voice_agent.call.events import (
    ConsentCommitted,
    DutyChanged,
    Event,
    LinkAnswered,
    LinkOutcome,
    MarkReached,
    OperatorCame,
    OperatorEnded,
    OperatorGaveBack,
    OperatorHeld,
    OperatorKeyed,
    OperatorLeft,
    OperatorSaid,
    OperatorSpoke,
    OperatorTransferred,
    SpeechReady,
    TranscriptReady,
    WithdrawnElsewhere,
)
from voice_agent.call.phase import Phase
from voice_agent.errors import IllegalEvent
from voice_agent.live.observation import AgentSaid, ControlChanged, HandoverAsked, KeyPressedSeen
from voice_agent.speech.ports import Transcript

HOURS = "Wann haben Sie geöffnet?"
CAME = OperatorCame("berg", "Anna Berg")
ANNOUNCED = ["Einen Moment,", "ab jetzt spricht Anna Berg mit Ihnen, ein Mensch."]
VOICE = b"\x33" * 160
AGAIN = "Hier ist wieder der KI-Assistent von Autowerkstatt Berger."
MUSIC = b"\x44" * 8000


def conversing(scene: Scene) -> Scene:
    scene.accept()
    scene.listen()
    return scene


def talking(scene: Scene) -> Scene:
    conversing(scene).post(CAME)
    scene.listen()
    assert scene.session.control.state is ControlState.TALKING
    return scene


def controls(scene: Scene) -> list[tuple[str, str]]:
    seen = scene.seen
    return [(each.control, each.holder) for each in seen if isinstance(each, ControlChanged)]


def after(actions: list[Action], kind: type[Action]) -> list[Action]:
    return [action for action in actions if isinstance(action, kind)]


# -- taking over -----------------------------------------------------------------------------


@pytest.mark.parametrize("marks", [0.0, 0.4])
def test_c22_the_caller_hears_the_announcement_before_the_operator_hears_the_caller(
    make_scene: MakeScene, marks: Pace
) -> None:
    """Rule C22."""
    scene = conversing(make_scene(Paces(marks=marks)))
    scene.post(CAME)
    while scene.session.control.state is ControlState.ANNOUNCING:
        assert scene.passed_on == []
        assert scene.post(OperatorSpoke(VOICE)) == []
        scene.say("Hallo?", ms=20)
    sent = [(at, action) for at, action in scene.actions if isinstance(action, SendAudio)]
    at, audio = sent[-1]
    assert scene.now >= at + len(audio.mulaw) / 8000
    assert scene.heard[-2:] == ANNOUNCED
    scene.passed_on.clear()
    scene.say("Guten Tag", ms=40)
    assert len(scene.passed_on) == 2
    assert scene.post(OperatorSpoke(VOICE)) == [SendAudio(VOICE)]


@pytest.mark.parametrize("came", [CAME, OperatorCame("berg", "")], ids=["named", "unnamed"])
def test_c22_nobody_takes_over_a_caller_of_whom_no_mark_says_that_they_were_told(
    scene: Scene, came: OperatorCame
) -> None:
    """Rule C22: the line may be slower than the clock. It is said twice, then the agent goes on."""
    conversing(scene)
    scene.paces.marks = "never"
    scene.post(came)
    scene.say("Mein Geburtstag ist der erste Mai", ms=6000)
    scene.wait(9)
    assert scene.passed_on == []
    assert [state for state, _ in controls(scene)] == ["announcing", "agent"]
    said = [each.text for each in scene.asked(Synthesise)]
    assert said.count("Ab jetzt spricht ein Mensch mit Ihnen.") == 2 - (came is CAME)
    assert "Die Verbindung zu dem Menschen ist abgebrochen." in said
    assert scene.session.phase is Phase.CONVERSING


def test_c22_said_again_the_announcement_counts_once_its_mark_is_back(scene: Scene) -> None:
    """Rule C22."""
    conversing(scene)
    scene.paces.marks = "never"
    scene.post(CAME)
    while scene.asked(Synthesise)[-1].text != "Ab jetzt spricht ein Mensch mit Ihnen.":
        assert scene.session.control.state is ControlState.ANNOUNCING
        scene.wait(0.02)
    scene.paces.marks = 0.4
    scene.listen()
    assert scene.heard[-1] == "Ab jetzt spricht ein Mensch mit Ihnen."
    assert scene.session.control.state is ControlState.TALKING


def test_the_announcement_names_the_operator_and_says_that_it_is_a_human(scene: Scene) -> None:
    before = len(conversing(scene).heard)
    actions = scene.post(CAME)
    assert all(each.personal for each in scene.asked(Synthesise)[-2:])
    assert "Synthesise" in [type(each).__name__ for each in actions]
    scene.listen()
    assert scene.heard[before:] == ANNOUNCED
    assert controls(scene) == [("announcing", "berg"), ("talking", "berg")]


def test_c22_a_mark_that_comes_back_because_of_a_clear_is_no_hearing(scene: Scene) -> None:
    """Rule C22: the agent was cut off for the operator, and its marks come back at once."""
    scene.accept()
    scene.wait(0.5)
    scene.post(CAME)
    assert scene.asked(ClearAudio)
    for name in ("0.1", "0.2", "0.3", "1.99"):
        scene.post(MarkReached(name))
    assert scene.session.control.state is ControlState.ANNOUNCING


def test_c22_while_a_human_speaks_nothing_is_recognised(scene: Scene) -> None:
    """Rule C22."""
    talking(scene)
    looked_at, before = len(scene.vad.looked_at), len(scene.actions)
    scene.say(HOURS)
    scene.wait(3)
    kinds = {type(action) for _, action in scene.actions[before:]}
    assert not kinds & {Transcribe, JudgeEndOfTurn, Understand}
    assert len(scene.vad.looked_at) == looked_at
    assert scene.said_by_caller == []


def test_what_was_said_just_before_is_not_answered(make_scene: MakeScene) -> None:
    scene = conversing(make_scene(Paces(recognition=1.0)))
    scene.say(HOURS)
    scene.wait(0.9)
    scene.post(CAME)
    scene.wait(3)
    assert scene.asked(Understand) == []
    assert scene.said_by_caller == []


@pytest.mark.parametrize("moment", [0.2, 0.9])
def test_c16_a_withdrawal_just_before_the_operator_came_counts(
    make_scene: MakeScene, moment: float
) -> None:
    """Rule C16: its words arrive when the human has been announced already."""
    scene = conversing(make_scene(Paces(recognition=1.5)))
    scene.say("Ich widerrufe")
    scene.wait(moment + 0.3)
    scene.post(CAME)
    scene.wait(2)
    assert scene.session.consent is GateState.WITHDRAWN
    assert scene.session.phase is Phase.WITHDRAWN
    assert controls(scene)[-1] == ("agent", "")


def test_a_second_operator_changes_nothing(scene: Scene) -> None:
    talking(scene)
    assert scene.post(OperatorCame("other", "Otto")) == []
    assert scene.session.control == ControlView(ControlState.TALKING, "berg", can_take=False)


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_c22_only_a_call_with_consent_can_be_taken_over(
    make_scene: MakeScene, phase: Phase
) -> None:
    """Rule C22."""
    scene = make_scene()
    bring(scene, phase)
    assert scene.session.control.can_take is (phase is Phase.CONVERSING)
    actions = scene.post(CAME)
    if phase is Phase.CONVERSING:
        assert scene.session.phase is Phase.OPERATED
    else:
        assert actions == []
        assert scene.session.phase is phase


def test_an_announcement_without_the_name_stands_in_for_one_that_cannot_be_spoken(
    scene: Scene,
) -> None:
    conversing(scene)
    scene.paces.synthesis = "fails"
    scene.post(CAME)
    scene.paces.synthesis = 0.1
    while scene.session.control.state is ControlState.ANNOUNCING and scene.now < 200:
        scene.wait(0.02)
    assert scene.heard[-1] == "Ab jetzt spricht ein Mensch mit Ihnen."
    assert scene.session.control.state is ControlState.TALKING


def test_c22_nobody_takes_over_a_caller_who_cannot_be_told(scene: Scene) -> None:
    """Rule C22: without a voice there is no announcement."""
    conversing(scene)
    scene.paces.synthesis = "fails"
    scene.post(CAME)
    scene.wait(3)
    assert "talking" not in [state for state, _ in controls(scene)]
    assert scene.asked(PassOn) == []
    assert scene.session.phase is not Phase.OPERATED


def test_an_operator_without_a_name_is_a_human(scene: Scene) -> None:
    conversing(scene).post(OperatorCame("berg", " "))
    scene.listen()
    assert scene.heard[-1] == "Ab jetzt spricht ein Mensch mit Ihnen."


# -- talking ---------------------------------------------------------------------------------


def test_a_typed_sentence_is_spoken_and_shown(scene: Scene) -> None:
    talking(scene)
    scene.post(OperatorSaid("Ihr Wagen ist fertig."))
    assert scene.asked(Synthesise)[-1].personal
    scene.listen()
    assert scene.heard[-1] == "Ihr Wagen ist fertig."
    assert AgentSaid("Ihr Wagen ist fertig.") in scene.seen


def test_what_is_typed_during_the_announcement_is_spoken_after_it(scene: Scene) -> None:
    conversing(scene).post(CAME)
    sentences = [f"Das ist Satz {number}." for number in range(6)]
    for each in sentences:
        assert scene.post(OperatorSaid(each)) == []
    scene.listen()
    assert scene.heard[-7:] == [*ANNOUNCED, *sentences[:5]]


@pytest.mark.parametrize("way", [OperatorGaveBack(""), OperatorLeft()], ids=["back", "lost"])
def test_what_was_typed_for_a_takeover_that_came_to_nothing_is_dropped(
    scene: Scene, way: Event
) -> None:
    conversing(scene).post(CAME)
    scene.post(OperatorSaid("Ihr Wagen ist fertig."))
    scene.post(way)
    scene.listen()
    scene.post(CAME)
    scene.listen()
    assert scene.session.control.state is ControlState.TALKING
    assert "Ihr Wagen ist fertig." not in scene.heard


def test_tones_are_heard_in_the_call(scene: Scene) -> None:
    talking(scene)
    assert scene.post(OperatorKeyed("12#")) == [SendAudio(key_tones("12#"))]


@pytest.mark.parametrize("keys", ["a", "1 2", "+49", "12x"])
def test_keys_that_no_telephone_has_are_illegal(scene: Scene, keys: str) -> None:
    talking(scene)
    with pytest.raises(IllegalEvent):
        scene.post(OperatorKeyed(keys))


def test_keys_of_the_caller_are_hidden_and_do_nothing(scene: Scene) -> None:
    talking(scene)
    actions = scene.press("4")
    assert KeyPressedSeen("4") not in scene.seen
    assert len(actions) == 1
    assert scene.session.control.state is ControlState.TALKING


def test_on_hold_music_plays_and_neither_hears_the_other(make_scene: MakeScene) -> None:
    scene = talking(make_scene(music=MUSIC))
    scene.post(OperatorHeld(True))
    heard = len(scene.passed_on)
    scene.say("Sind Sie da?", ms=2500)
    assert [each.mulaw for each in scene.asked(SendAudio)[-3:]] == [MUSIC] * 3
    assert scene.post(OperatorSpoke(VOICE)) == []
    assert len(scene.passed_on) == heard
    actions = scene.post(OperatorHeld(False))
    assert after(actions, ClearAudio)
    scene.say("Ja", ms=20)
    assert len(scene.passed_on) == heard + 1
    assert controls(scene)[-2:] == [("holding", "berg"), ("talking", "berg")]
    assert "" not in [text for _, text in scene.history]
    assert AgentSaid("") not in scene.seen


def test_without_music_hold_is_silent(scene: Scene) -> None:
    talking(scene).post(OperatorHeld(True))
    before = len(scene.asked(SendAudio))
    scene.wait(3)
    assert len(scene.asked(SendAudio)) == before


def test_a_call_that_a_human_holds_is_not_cut_by_the_limit(make_scene: MakeScene) -> None:
    scene = talking(make_scene(limit_s=20.0))
    scene.wait(70)
    assert scene.session.control.state is ControlState.TALKING
    scene.post(OperatorGaveBack(""))
    scene.wait(1)
    assert scene.session.phase is Phase.CONVERSING
    for _ in range(4):
        scene.ask(HOURS)
    scene.wait(20)
    assert scene.asked(Finish)


# -- the ways out ----------------------------------------------------------------------------


def test_c7_the_agent_says_again_that_it_is_one(scene: Scene) -> None:
    """Rule C7: given back, it is the first thing said, then what was agreed."""
    talking(scene)
    before = len(scene.heard)
    scene.post(OperatorGaveBack("Rückruf morgen um 9 Uhr."))
    scene.listen()
    assert scene.heard[before] == AGAIN
    assert " ".join(scene.heard[before + 1 :]).startswith(
        "Vereinbart ist: Rückruf morgen um 9 Uhr."
    )
    assert ("agent", "Vereinbart ist: Rückruf morgen um 9 Uhr.") in scene.history
    assert controls(scene)[-1] == ("agent", "")
    scene.ask(HOURS)
    assert "Sonntags ist geschlossen." in scene.heard


def test_given_back_the_agent_goes_on_where_it_was(booking: Booking) -> None:
    scene = booking(Paces())
    scene.post(CAME)
    scene.listen()
    scene.say("Ich überlege noch.", ms=1000)
    before = len(scene.heard)
    scene.post(OperatorGaveBack(""))
    scene.listen()
    assert scene.heard[before] == AGAIN
    assert any("Fischer" in each for each in scene.heard[before:])
    scene.ask("Ja, das stimmt.")
    assert [use.request.tool for use in scene.asked(UseTool)][-1] == "calendar.book"


def test_what_is_being_done_when_the_operator_comes_is_told_after_them(booking: Booking) -> None:
    scene = booking(Paces())
    scene.paces.tool = 3.0
    scene.say("Ja, das stimmt.")
    scene.wait(1.2)
    assert [use.request.tool for use in scene.asked(UseTool)][-1] == "calendar.book"
    scene.post(CAME)
    scene.wait(8)
    assert "Ihr Termin ist eingetragen," not in scene.heard
    scene.post(OperatorGaveBack(""))
    scene.listen()
    told = scene.heard.index("Ihr Termin ist eingetragen,")
    assert scene.heard.index(AGAIN) < told


def test_given_back_during_the_announcement_the_agent_goes_on(scene: Scene) -> None:
    conversing(scene).post(CAME)
    scene.wait(0.3)
    scene.post(OperatorGaveBack(""))
    scene.listen()
    assert scene.session.phase is Phase.CONVERSING
    assert "talking" not in [state for state, _ in controls(scene)]


def test_c7_when_the_operators_network_is_gone_the_caller_is_told_and_the_agent_goes_on(
    scene: Scene,
) -> None:
    """Rule C7."""
    talking(scene)
    before = len(scene.heard)
    scene.post(OperatorLeft())
    scene.listen()
    assert scene.heard[before : before + 2] == [
        AGAIN,
        "Die Verbindung zu dem Menschen ist abgebrochen.",
    ]
    assert scene.session.phase is Phase.CONVERSING


def test_when_the_operators_network_is_gone_another_who_is_free_is_waited_for(
    scene: Scene,
) -> None:
    talking(scene).post(DutyChanged(1))
    scene.post(OperatorLeft())
    scene.wait(6)
    assert scene.session.phase is Phase.WAITING
    assert HandoverAsked("technical") in scene.seen
    assert "Die Verbindung zu dem Menschen ist abgebrochen." in scene.heard
    scene.post(OperatorCame("other", "Otto"))
    scene.wait(5)
    assert scene.session.control.holder == "other"


@pytest.mark.parametrize("moment", [0.0, 0.5, 5.0])
@pytest.mark.parametrize("way", ["key", "link"])
def test_c16_a_withdrawal_cuts_the_operator_off_at_once(
    scene: Scene, moment: float, way: str
) -> None:
    """Rule C16, and C22: in the announcement and after it."""
    conversing(scene).post(CAME)
    scene.wait(moment)
    scene.post(OperatorSpoke(VOICE * 20))
    before = len(scene.actions)
    cleared = scene.press("*") if way == "key" else scene.post(WithdrawnElsewhere())
    assert after(cleared, ClearAudio) or moment == 0.0
    assert scene.session.control == ControlView(ControlState.AGENT, "", can_take=False)
    assert scene.post(OperatorSpoke(VOICE)) == []
    scene.say("Hört mich wer?", ms=500)
    scene.listen()
    kinds = [type(action) for _, action in scene.actions[before:]]
    assert PassOn not in kinds
    assert kinds.count(RecordWithdrawal) == (way == "key")
    assert controls(scene)[-1] == ("agent", "")
    assert scene.heard[-1] == "Für einen Menschen drücken Sie die 0."


def test_c16_what_is_on_its_way_to_the_operator_becomes_unreadable(scene: Scene) -> None:
    """Rule C16."""
    talking(scene).say("Guten Tag", ms=20)
    passed = scene.asked(PassOn)[-1]
    scene.press("*")
    with pytest.raises(ConsentWithdrawn):
        passed.frame.reveal()


def test_a_caller_who_hangs_up_ends_it(scene: Scene) -> None:
    talking(scene).hang_up()
    assert scene.asked(Finish) == [Finish(Ending.CALLER_LEFT, "de")]
    assert scene.session.control.state is ControlState.AGENT


@pytest.mark.parametrize("number", [None, "+4930901820"])
def test_a_transfer_is_announced_and_names_the_number(scene: Scene, number: str | None) -> None:
    talking(scene).post(OperatorTransferred(number))
    scene.listen()
    assert scene.heard[-1] == "Ich verbinde Sie weiter."
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de", number)]


def test_a_transfer_to_a_number_the_company_has_not_changes_nothing(
    make_scene: MakeScene,
) -> None:
    scene = talking(make_scene(can_hand_over=False))
    assert scene.post(OperatorTransferred(None)) == []
    assert scene.session.control.state is ControlState.TALKING


def test_the_number_is_in_no_repr() -> None:
    assert "4930" not in repr(Finish(Ending.HANDED_OVER, "de", "+4930901820"))
    assert "4930" not in repr(OperatorTransferred("+4930901820"))


@pytest.mark.parametrize("begin", [conversing, talking])
def test_an_operator_ends_a_call_with_a_goodbye(scene: Scene, begin: object) -> None:
    assert callable(begin)
    begin(scene)
    scene.post(OperatorEnded())
    scene.listen()
    assert scene.heard[-1] == "Auf Wiederhören."
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


@pytest.mark.parametrize("phase", [Phase.NOTICE, Phase.COMMITTING], ids=str)
def test_a_call_whose_notice_plays_is_ended_with_a_goodbye(
    make_scene: MakeScene, phase: Phase
) -> None:
    scene = make_scene()
    bring(scene, phase)
    scene.post(OperatorEnded())
    assert scene.session.phase is Phase.CLOSING
    assert scene.post(ConsentCommitted(receipt())) == []
    scene.listen()
    assert scene.heard[-1] == "Auf Wiederhören."
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]
    assert scene.vad.looked_at == []
    assert scene.session.consent is not GateState.OPEN


LATE: list[Event] = [
    OperatorSpoke(VOICE),
    OperatorHeld(True),
    OperatorKeyed("1"),
    OperatorGaveBack("x"),
    OperatorLeft(),
]


@pytest.mark.parametrize("event", LATE, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_what_an_operator_does_who_holds_no_call_is_ignored(
    make_scene: MakeScene, event: Event, phase: Phase
) -> None:
    scene = make_scene()
    bring(scene, phase)
    assert scene.post(event) == []
    assert scene.session.phase is phase


def test_late_engines_change_nothing_while_a_human_speaks(scene: Scene) -> None:
    conversing(scene).say(HOURS)
    scene.wait(0.25)
    take = scene.asked(Transcribe)[-1].take
    old = scene.asked(Synthesise)[-1].clip
    scene.post(CAME)
    scene.listen()
    words = Transcript(text=HOURS, language="de", seconds=1, audio_seconds=1, window=30)
    assert scene.post(TranscriptReady(take, words)) == []
    assert scene.post(SpeechReady(old, b"\x55" * 800)) == []


def test_c7_what_could_not_be_said_before_the_operator_came_is_said_after_who_speaks(
    make_scene: MakeScene,
) -> None:
    """Rule C7."""
    scene = conversing(make_scene(Paces(link="never")))
    scene.say(HOURS)
    scene.post(LinkAnswered(LinkOutcome.SENT))
    scene.post(CAME)
    scene.listen()
    before = len(scene.heard)
    scene.post(OperatorGaveBack(""))
    scene.listen()
    assert scene.heard[before : before + 2] == [AGAIN, "Die SMS ist unterwegs."]
