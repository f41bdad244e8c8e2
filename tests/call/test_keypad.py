from __future__ import annotations

import pytest

from tests.call.conftest import MakeScene
from tests.call.scene import Paces, Scene
from voice_agent.call.actions import ClearAudio, Finish, SendLink, Synthesise, Understand
from voice_agent.call.events import LinkAnswered, LinkOutcome, TranscriptReady
from voice_agent.call.phase import Phase
from voice_agent.speech.ports import Transcript

HOURS = "Wann haben Sie geöffnet?"
GREETING = [
    "Vielen Dank.",
    "Hier ist der KI-Assistent von Autowerkstatt Berger.",
    "Was kann ich für Sie tun?",
]


def conversing(scene: Scene) -> Scene:
    scene.accept()
    scene.listen()
    return scene


@pytest.mark.parametrize("key", "0123456789#*")
def test_c8_every_key_interrupts_the_agent(scene: Scene, key: str) -> None:
    """Rule C8."""
    scene.accept()
    scene.wait(1)
    scene.press(key)
    assert len(scene.asked(ClearAudio)) == 1


def test_key_hash_repeats_what_was_said_last(scene: Scene) -> None:
    conversing(scene).ask(HOURS)
    answer = scene.heard[3:]
    scene.press("#")
    scene.listen()
    assert scene.heard[3:] == answer * 2


def test_key_hash_over_the_greeting_says_it_again_from_its_start(scene: Scene) -> None:
    scene.accept()
    scene.wait(1.5)
    scene.press("#")
    scene.listen()
    assert scene.heard[-3:] == GREETING


def test_key_2_sends_the_link_and_the_call_goes_on(scene: Scene) -> None:
    conversing(scene).press("2")
    assert scene.asked(SendLink) == [SendLink("de")]
    scene.listen()
    assert scene.heard[-1] == "Die SMS ist unterwegs."
    scene.ask(HOURS)
    assert "Sonntags ist geschlossen." in scene.heard


@pytest.mark.parametrize("words", ["Schicken Sie mir das per SMS.", "Per SMS bitte."])
def test_c21_the_link_can_be_asked_for_in_words(scene: Scene, words: str) -> None:
    conversing(scene).ask(words)
    assert scene.asked(SendLink) == [SendLink("de")]
    scene.wait(5)
    scene.listen()
    assert "Die SMS ist unterwegs." in scene.heard
    scene.ask(HOURS)
    assert "Sonntags ist geschlossen." in scene.heard


def test_c21_a_link_that_is_lost_later_is_told_in_the_conversation(scene: Scene) -> None:
    conversing(scene).press("2")
    scene.listen()
    scene.post(LinkAnswered(LinkOutcome.UNREACHABLE))
    scene.listen()
    assert scene.heard[-1] == "An diese Nummer kann ich keine SMS senden."


@pytest.mark.parametrize("moment", [0.5, 5.0])
def test_key_2_whose_answer_never_comes_does_not_leave_the_caller_in_silence(
    make_scene: MakeScene, moment: float
) -> None:
    """Neither over the greeting, which it interrupts, nor after it."""
    scene = make_scene(Paces(link="never"))
    scene.accept()
    scene.wait(moment)
    scene.press("2")
    scene.wait(10)
    assert "Sind Sie noch da?" in scene.heard


def test_the_answer_about_the_link_waits_for_the_caller_to_finish(make_scene: MakeScene) -> None:
    scene = conversing(make_scene(Paces(link="never")))
    scene.press("2")
    scene.say(HOURS)
    spoken = len(scene.asked(Synthesise))
    scene.post(LinkAnswered(LinkOutcome.SENT))
    assert len(scene.asked(Synthesise)) == spoken
    scene.wait(2)
    scene.listen()
    assert scene.heard[3] == "Die SMS ist unterwegs."
    assert "Sonntags ist geschlossen." in scene.heard


def test_the_answer_about_the_link_is_told_after_a_cough_too(make_scene: MakeScene) -> None:
    scene = conversing(make_scene(Paces(link="never")))
    scene.press("2")
    scene.cough()
    scene.post(LinkAnswered(LinkOutcome.FAILED))
    scene.wait(2)
    scene.listen()
    assert "Die SMS konnte ich leider nicht senden." in scene.heard


def test_c7_the_answer_about_the_link_does_not_cost_the_greeting(make_scene: MakeScene) -> None:
    """Rule C7: key 2, then key 1, then the link's answer in the middle of the greeting."""
    scene = make_scene(Paces(link=1.0, ledger=0.02))
    scene.start()
    scene.press("2")
    scene.press("1")
    scene.listen()
    assert scene.heard[-4:] == [*GREETING, "Die SMS ist unterwegs."]


def test_key_3_reads_the_notice_and_the_call_goes_on(scene: Scene) -> None:
    conversing(scene).press("3")
    scene.listen(300)
    assert len(scene.heard) > 10
    assert scene.session.phase is Phase.CONVERSING
    scene.ask(HOURS)
    assert "Sonntags ist geschlossen." in scene.heard


def test_key_3_can_be_interrupted_by_voice(scene: Scene) -> None:
    conversing(scene).press("3")
    scene.wait(2)
    scene.ask(HOURS)
    assert scene.heard[-2:] == ["Sonntags ist geschlossen.", "Haben Sie noch eine Frage?"]


def test_key_5_switches_the_language(scene: Scene) -> None:
    conversing(scene).press("5")
    scene.listen()
    assert scene.session.language == "en"
    assert scene.heard[-1] == "What can I do for you?"
    scene.ask("When are you open?")
    assert {speech.language for speech in scene.asked(Synthesise)[-3:]} == {"en"}


def test_key_1_is_a_yes(scene: Scene) -> None:
    """Also to "shall I connect you": for callers who are not understood."""
    conversing(scene).ask("Haben Sie auch Reifen für Traktoren im Angebot?")
    scene.press("1")
    scene.listen()
    assert scene.session.phase in {Phase.CONVERSING, Phase.ENDED}
    assert scene.asked(Understand)


@pytest.mark.parametrize("key", "46789")
def test_a_key_without_meaning_says_so(scene: Scene, key: str) -> None:
    conversing(scene).press(key)
    scene.listen()
    assert scene.heard[3] == "Diese Taste hat hier keine Bedeutung."


@pytest.mark.parametrize("key", "1235#4")
@pytest.mark.parametrize("recognition", [0.3, 1.0, "never"])
def test_a_key_overtakes_words_that_were_spoken_before_it(
    make_scene: MakeScene, key: str, recognition: Paces
) -> None:
    """The key's answer is heard whole; what was said before it is not answered after it."""
    scene = conversing(make_scene(Paces(recognition=recognition)))  # type: ignore[arg-type]  # parametrised
    scene.say(HOURS)
    scene.wait(0.4)
    scene.press(key)
    cleared = len(scene.asked(ClearAudio))
    scene.listen(300)
    assert scene.asked(Understand) == []
    assert len(scene.asked(ClearAudio)) == cleared
    scene.paces.recognition = 0.3
    scene.ask("Where can I park?" if key == "5" else "Kann ich bei Ihnen parken?")
    assert scene.asked(Understand)


def test_words_whose_recognition_never_ends_do_not_silence_the_call_after_a_key(
    make_scene: MakeScene,
) -> None:
    scene = conversing(make_scene(Paces(recognition="never")))
    scene.say(HOURS)
    scene.wait(0.9)
    scene.press("#")
    scene.listen()
    scene.wait(9)
    assert "Sind Sie noch da?" in scene.heard


def test_late_words_from_before_a_key_are_not_answered(make_scene: MakeScene) -> None:
    scene = conversing(make_scene(Paces(recognition="never")))
    scene.say(HOURS)
    scene.wait(0.9)
    scene.press("#")
    take = scene.actions[[type(a).__name__ for _, a in scene.actions].index("Transcribe")][1]
    words = Transcript(text=HOURS, language="de", seconds=1, audio_seconds=1, window=30)
    assert scene.post(TranscriptReady(take.take, words)) == []  # type: ignore[union-attr]  # a Transcribe


def test_key_0_where_there_is_no_human_says_so_and_goes_on(make_scene: MakeScene) -> None:
    scene = conversing(make_scene(can_hand_over=False))
    scene.press("0")
    scene.listen()
    assert scene.heard[3:] == [
        "Im Moment ist leider niemand frei.",
        "Kann ich sonst etwas für Sie tun?",
        "Für einen Rückruf drücken Sie die 1.",
    ]
    scene.ask(HOURS)
    assert "Sonntags ist geschlossen." in scene.heard


def test_keys_pressed_in_a_row_end_in_one_answer(scene: Scene) -> None:
    conversing(scene)
    for key in "5#5#3":
        scene.press(key)
    scene.press("#")
    scene.listen(120)
    assert scene.session.phase is Phase.CONVERSING
    assert scene.asked(Finish) == []
