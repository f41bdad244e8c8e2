from __future__ import annotations

import pytest

from tests.call.conftest import MakeScene
from tests.call.scene import Pace, Paces, Scene
from voice_agent.call.actions import (
    ClearAudio,
    DropTake,
    Ending,
    Finish,
    Hurry,
    JudgeEndOfTurn,
    SendAudio,
    Synthesise,
    Transcribe,
    Understand,
)
from voice_agent.call.events import (
    MarkReached,
    SpeechReady,
    Take,
    TranscriptFailed,
    TranscriptReady,
    Understood,
)
from voice_agent.call.phase import Phase
from voice_agent.dialogue.commands import Goodbye
from voice_agent.speech.ports import Transcript

HOURS = "Wann haben Sie geöffnet?"
PARKING = "Kann ich bei Ihnen parken?"
FILLER = "Einen Moment, ich sehe nach."
GREETING = [
    "Vielen Dank.",
    "Hier ist der KI-Assistent von Autowerkstatt Berger.",
    "Was kann ich für Sie tun?",
]


def answered(scene: Scene) -> str:
    """Everything the caller has heard since the greeting."""
    return " ".join(scene.heard[3:])


def listening(scene: Scene) -> Scene:
    """A call whose greeting has been heard."""
    scene.accept()
    scene.listen()
    return scene


def test_a_question_is_answered(scene: Scene) -> None:
    listening(scene).ask(HOURS)
    assert "Montag bis Freitag" in answered(scene)
    assert scene.said_by_caller == [HOURS]


def test_recognition_starts_in_the_pause_and_not_at_the_end_of_the_turn(scene: Scene) -> None:
    """The words are there when the turn ends, so the caller does not wait for them."""
    listening(scene).ask(HOURS)
    (timed,) = scene.timings
    assert timed.seconds < 0.7 + scene.paces.recognition + 0.05  # type: ignore[operator]  # a float here
    assert timed.recognition_seconds == scene.paces.recognition
    assert timed.turn == 1


def test_the_recogniser_is_told_how_the_open_question_is_answered(scene: Scene) -> None:
    """Before there is a question, anything may be said, and nothing is expected."""
    listening(scene).ask(HOURS)
    scene.ask("Ja.")
    before, after = (action.expected for action in scene.asked(Transcribe))
    assert before == ()
    assert "Ja" in after


def test_complete_words_end_the_turn_as_soon_as_they_are_there(scene: Scene) -> None:
    listening(scene)
    spoke = scene.now
    scene.say(HOURS)
    scene.wait(2)
    asked = next(at for at, action in scene.actions if isinstance(action, Understand))
    pause = scene.terms.turns.pause_ms / 1000
    assert asked - spoke - 0.6 == pytest.approx(pause + 0.3, abs=0.03)


def test_words_that_lack_something_keep_the_turn_open_however_finished_it_sounds(
    scene: Scene,
) -> None:
    listening(scene)
    scene.say("Ich möchte einen Termin und")
    scene.wait(1.3)
    assert scene.asked(Understand) == []
    scene.wait(0.2)
    assert len(scene.asked(Understand)) == 1


@pytest.mark.parametrize(("likely", "silence"), [(1.0, 0.46), (0.0, 0.86)])
def test_where_the_words_cannot_tell_the_sound_decides(
    scene: Scene, likely: float, silence: float
) -> None:
    scene.paces.sounds_finished = likely
    listening(scene)
    scene.say("Mein Name ist Sabine Fischer")
    scene.wait(silence - 0.04)
    assert scene.asked(Understand) == []
    scene.wait(0.06)
    assert len(scene.asked(Understand)) == 1


@pytest.mark.parametrize("judgement", ["never", "fails"])
def test_without_a_judge_silence_and_words_decide(make_scene: MakeScene, judgement: Pace) -> None:
    scene = listening(make_scene(Paces(judgement=judgement)))
    scene.say("Mein Name ist Sabine Fischer")
    scene.wait(0.72)
    assert len(scene.asked(Understand)) == 1


def test_who_goes_on_costs_the_engines_no_more_than_they_have_begun(scene: Scene) -> None:
    listening(scene)
    scene.say("Wann haben Sie")
    scene.wait(0.2)
    scene.say("geöffnet?")
    takes = [action.take for action in scene.asked(Transcribe)]
    assert takes == [action.take for action in scene.asked(JudgeEndOfTurn)]
    assert scene.asked(DropTake) == [DropTake(takes[0])]


def test_words_that_are_late_go_before_those_nobody_waits_for(make_scene: MakeScene) -> None:
    scene = listening(make_scene(Paces(recognition=1.5)))
    scene.say(HOURS)
    scene.wait(0.84)
    assert scene.asked(Hurry) == []
    scene.wait(0.04)
    assert scene.asked(Hurry) == [Hurry(Take(1, 1))]
    scene.wait(1.5)
    assert len(scene.asked(Hurry)) == 1


def test_a_caller_who_pauses_long_is_waited_for_longer(scene: Scene) -> None:
    scene.paces.sounds_finished = 0.5
    listening(scene)
    for words in ("Mein Name ist", "äh", "Sabine und"):
        scene.say(words)
        scene.wait(0.85)
    scene.say("Fischer")
    scene.wait(0.85)
    assert scene.asked(Understand) == []
    scene.wait(0.3)
    assert len(scene.asked(Understand)) == 1


def test_a_pause_within_a_sentence_is_no_end(scene: Scene) -> None:
    listening(scene)
    scene.say("Wann haben Sie")
    scene.wait(0.5)
    scene.say("geöffnet?")
    scene.wait(2)
    assert scene.said_by_caller == [HOURS]
    assert [action.said.text for action in scene.asked(Understand)] == [HOURS]


def test_the_words_of_a_pause_that_was_none_are_stale(make_scene: MakeScene) -> None:
    """The answer to the first pause comes after the caller has gone on, and is not used."""
    scene = listening(make_scene(Paces(recognition=0.45)))
    scene.say("Wann haben Sie")
    scene.wait(0.3)
    scene.say("geöffnet?")
    scene.wait(3)
    assert scene.said_by_caller == [HOURS]


@pytest.mark.parametrize("recognition", [0.0, 0.3, 1.0, 1.5, 2.5, 4.0])
def test_two_turns_in_a_row_are_answered_together(
    make_scene: MakeScene, recognition: float
) -> None:
    """Whoever goes on while the agent thinks loses nothing, however slow the recogniser is."""
    scene = listening(make_scene(Paces(recognition=recognition, understanding=1.2)))
    scene.say(HOURS)
    scene.wait(1.0)
    scene.say(PARKING)
    scene.wait(12)
    scene.listen()
    assert scene.said_by_caller == [HOURS, PARKING]
    assert scene.asked(Understand)[-1].said.text == f"{HOURS} {PARKING}"
    assert "Montag bis Freitag" in answered(scene)
    assert "Kundenparkplätze" in answered(scene)
    assert [each for each in scene.history if each[0] == "caller"] == [
        ("caller", f"{HOURS} {PARKING}")
    ]


def test_words_are_kept_in_the_order_they_were_said(scene: Scene) -> None:
    """Two recognitions run at once, and the second is done first."""
    scene.paces.recognition = "never"
    listening(scene)
    scene.say(HOURS)
    scene.wait(1.0)
    scene.say(PARKING)
    scene.wait(1.0)
    first, second = (action.take for action in scene.asked(Transcribe))

    def words(text: str) -> Transcript:
        return Transcript(text=text, language="de", seconds=1, audio_seconds=1, window=30)

    scene.post(TranscriptReady(second, words(PARKING)))
    assert scene.asked(Understand) == []
    scene.post(TranscriptReady(first, words(HOURS)))
    assert [action.said.text for action in scene.asked(Understand)] == [f"{HOURS} {PARKING}"]


def test_a_cough_while_the_agent_thinks_does_not_cost_the_answer(make_scene: MakeScene) -> None:
    scene = listening(make_scene(Paces(understanding=1.0)))
    scene.say(HOURS)
    scene.wait(1.0)
    scene.cough()
    scene.wait(4)
    scene.listen()
    assert "Montag bis Freitag" in answered(scene)
    assert answered(scene).count("Montag bis Freitag") == 1


def test_speech_over_the_agent_stops_it(scene: Scene) -> None:
    scene.accept()
    scene.wait(0.4)
    scene.say(HOURS, ms=420)
    assert len(scene.asked(ClearAudio)) == 1
    scene.wait(1.5)
    scene.listen()
    assert "Montag bis Freitag" in " ".join(scene.heard)
    assert "Was kann ich für Sie tun?" not in scene.heard


def test_what_was_not_heard_is_not_in_the_history(scene: Scene) -> None:
    scene.accept()
    scene.wait(0.6)
    scene.say(HOURS)
    scene.wait(1.5)
    scene.listen()
    assert [text for who, text in scene.history if who == "agent"] == scene.heard
    assert scene.heard[0] == "Vielen Dank."
    assert "Hier ist der KI-Assistent von Autowerkstatt Berger." not in scene.heard


def test_marks_that_return_after_a_clear_are_not_hearing(scene: Scene) -> None:
    """The carrier sends every pending mark back when its buffer is emptied."""
    scene.accept()
    scene.wait(0.3)
    scene.say(HOURS)
    scene.wait(1.5)
    assert scene.asked(ClearAudio)
    assert any(isinstance(event, MarkReached) for _, event in scene.events)
    assert "Was kann ich für Sie tun?" not in [text for _, text in scene.history]


def test_a_caller_who_speaks_as_soon_as_the_greeting_starts_is_heard(scene: Scene) -> None:
    scene.accept()
    scene.say(HOURS, ms=800)
    scene.wait(1.5)
    scene.listen()
    assert "Montag bis Freitag" in " ".join(scene.heard)


def test_an_answer_that_is_long_in_coming_is_announced_once(make_scene: MakeScene) -> None:
    scene = listening(make_scene(Paces(understanding=4.0)))
    scene.say(HOURS)
    scene.wait(1.0)
    assert FILLER not in scene.heard
    scene.wait(6)
    scene.listen()
    assert scene.heard.count(FILLER) == 1
    assert "Montag bis Freitag" in " ".join(scene.heard)
    assert scene.heard.index(FILLER) == len(GREETING)
    (timed,) = scene.timings
    assert timed.seconds > 4.0  # what is timed is the answer


def test_an_answer_that_comes_soon_is_not_announced(make_scene: MakeScene) -> None:
    scene = listening(make_scene(Paces(understanding=0.6)))
    scene.ask(HOURS)
    assert FILLER not in scene.heard
    assert "Montag bis Freitag" in " ".join(scene.heard)


def test_every_answer_that_is_long_in_coming_has_an_announcement_of_its_own(
    make_scene: MakeScene,
) -> None:
    scene = listening(make_scene(Paces(understanding=2.0)))
    for question in (HOURS, PARKING):
        scene.say(question)
        scene.wait(4)
        scene.listen()
    assert scene.heard.count(FILLER) == 2


def test_nothing_is_announced_over_a_caller_who_goes_on(make_scene: MakeScene) -> None:
    scene = listening(make_scene(Paces(understanding=4.0, synthesis=0.0)))
    scene.say(HOURS)
    while not scene.asked(Understand):
        scene.wait(0.02)
    scene.wait(0.3)
    sent = len(scene.asked(SendAudio))
    scene.say("am Samstag zum Beispiel", ms=1500)
    assert len(scene.asked(SendAudio)) == sent


def test_an_announcement_that_is_not_spoken_when_the_answer_is_there_is_left_out(
    make_scene: MakeScene,
) -> None:
    scene = listening(make_scene(Paces(understanding=0.9)))
    scene.paces.synthesis = 0.5
    scene.ask(HOURS)
    scene.wait(4)
    scene.listen()
    assert FILLER not in scene.heard
    assert "Montag bis Freitag" in " ".join(scene.heard)


@pytest.mark.parametrize("recognition", ["fails", "never"])
def test_a_recogniser_that_does_not_answer_is_apologised_for_and_then_a_human_comes(
    make_scene: MakeScene, recognition: Pace
) -> None:
    scene = listening(make_scene(Paces(recognition=recognition)))
    scene.say(HOURS)
    scene.wait(9)
    scene.listen()
    assert "Bitte sagen Sie es noch einmal." in scene.heard
    scene.say(HOURS)
    scene.wait(16)
    assert "Ich verbinde Sie mit einem Menschen." in scene.heard
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize("understanding", ["fails", "never"])
def test_an_understander_that_does_not_answer_is_apologised_for(
    make_scene: MakeScene, understanding: Pace
) -> None:
    scene = listening(make_scene(Paces(understanding=understanding)))
    scene.say(HOURS)
    scene.wait(9)
    scene.listen()
    assert "Bitte sagen Sie es noch einmal." in scene.heard
    scene.paces.understanding = 0.01
    scene.ask(HOURS)
    assert "Montag bis Freitag" in answered(scene)


def test_an_answer_of_the_recogniser_after_the_apology_is_too_late(make_scene: MakeScene) -> None:
    scene = listening(make_scene(Paces(recognition=9.5)))
    scene.say(HOURS)
    scene.wait(12)
    assert scene.said_by_caller == []
    assert scene.asked(Understand) == []


def test_a_failure_does_not_interrupt_a_caller_who_goes_on(make_scene: MakeScene) -> None:
    scene = listening(make_scene(Paces(recognition="never")))
    scene.say("nicht verstanden")
    scene.wait(1.0)
    scene.paces.recognition = 0.3
    scene.say(HOURS)
    scene.post(TranscriptFailed(scene.asked(Transcribe)[0].take))
    assert scene.asked(Synthesise)[3:] == []
    scene.wait(2)
    scene.listen()
    assert "Montag bis Freitag" in answered(scene)


def test_an_answer_about_an_older_turn_is_ignored(scene: Scene) -> None:
    listening(scene).ask(HOURS)
    before = len(scene.actions)
    scene.post(Understood(Take(1, 1), (Goodbye(),)))
    scene.post(Understood(Take(9, 9), (Goodbye(),)))
    scene.post(TranscriptReady(Take(1, 1), _words("Auf Wiederhören")))
    scene.post(TranscriptReady(Take(7, 1), _words("Auf Wiederhören")))
    assert len(scene.actions) == before


def _words(text: str) -> Transcript:
    return Transcript(text=text, language="de", seconds=1, audio_seconds=1, window=30)


def test_a_sentence_of_an_interrupted_answer_is_never_sent(make_scene: MakeScene) -> None:
    """The synthesiser answers after the caller has interrupted: nobody hears that any more."""
    scene = listening(make_scene())
    scene.paces.synthesis = 3.0
    scene.say(HOURS)
    scene.wait(1.5)
    old = {speech.clip for speech in scene.asked(Synthesise)[3:]}
    assert old
    scene.paces.synthesis = 0.1
    scene.say(PARKING)
    sent = len(scene.asked(SendAudio))
    for clip in old:
        scene.post(SpeechReady(clip, b"\x55" * 800))
    assert len(scene.asked(SendAudio)) == sent


def test_a_turn_of_silence_only_is_no_turn(scene: Scene) -> None:
    listening(scene)
    scene.cough()
    scene.wait(2)
    assert scene.asked(Understand) == []
    assert scene.timings == []
    scene.wait(8)
    assert "Sind Sie noch da?" in scene.heard


def test_a_caller_who_never_stops_is_answered_after_the_longest_turn(
    make_scene: MakeScene,
) -> None:
    scene = listening(make_scene())
    scene.say(HOURS, ms=29_000)
    assert scene.said_by_caller == [HOURS]
    scene.wait(2)
    scene.listen()
    assert all(each.utterance.reveal().duration_ms <= 28_000 for each in scene.asked(Transcribe))


def test_a_line_that_goes_dead_in_mid_sentence_still_ends_the_turn(scene: Scene) -> None:
    listening(scene)
    scene.say(HOURS)
    scene.line_dies(3)
    assert scene.said_by_caller == [HOURS]


def test_a_moment_asked_for_is_granted(scene: Scene) -> None:
    listening(scene).ask("Einen Moment bitte")
    heard = len(scene.heard)
    scene.wait(40)
    assert len(scene.heard) == heard
    scene.ask(HOURS)
    assert "Montag bis Freitag" in answered(scene)


def test_not_understood_twice_a_human_takes_over(scene: Scene) -> None:
    listening(scene).ask("Blubb fasel quark")
    assert scene.session.phase is Phase.CONVERSING
    scene.ask("Blubb fasel quark")
    assert "Ich verbinde Sie jetzt mit einem Menschen." in scene.heard
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


def test_the_time_of_an_answer_is_not_that_of_an_older_sentence(make_scene: MakeScene) -> None:
    """A sentence that was still being spoken when the caller said "mhm" is no answer to it."""
    scene = listening(make_scene())
    scene.paces.synthesis = 2.0
    scene.say(HOURS)
    scene.wait(1.2)
    scene.cough(ms=240)
    scene.wait(3)
    assert [timed.turn for timed in scene.timings] in ([], [1])


def test_the_time_of_a_handover_and_a_goodbye_is_measured_too(scene: Scene) -> None:
    listening(scene).ask("Ich möchte mit einem Menschen sprechen")
    assert [timed.turn for timed in scene.timings] == [1]


@pytest.mark.parametrize("phrase", ["Ich widerrufe.", "Hören Sie nicht mehr zu!"])
def test_words_before_a_withdrawal_do_not_hide_it(scene: Scene, phrase: str) -> None:
    listening(scene)
    scene.say(HOURS)
    scene.wait(0.8)
    scene.say(phrase)
    scene.wait(1.5)
    assert scene.session.phase is Phase.WITHDRAWN
