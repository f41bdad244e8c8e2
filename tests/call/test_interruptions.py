"""Two speak at once: what holds the agent's voice, what lets it go on, what takes the floor."""

from __future__ import annotations

import pytest

from consent.sealed import Consented
from tests.call.conftest import MakeScene
from tests.call.scene import Paces, Scene
from voice_agent.audio.frame import FRAME_BYTES, TELEPHONE_RATE, Utterance
from voice_agent.call.actions import (
    ClearAudio,
    Ending,
    Finish,
    Observe,
    SendAudio,
    Understand,
)
from voice_agent.call.session import CallSession
from voice_agent.live.observation import AgentHeard, AgentSaid
from voice_agent.speech.turns import ECHO_FRAMES

HOURS = "Wann haben Sie geöffnet?"
GREETING = [
    "Vielen Dank.",
    "Hier ist der KI-Assistent von Autowerkstatt Berger.",
    "Was kann ich für Sie tun?",
]


def answering(scene: Scene) -> Scene:
    """A call in which the agent has just begun to answer."""
    scene.accept()
    scene.listen()
    scene.say(HOURS)
    scene.wait(1.5)
    assert scene.asked(Understand)
    return scene


def sent_s(scene: Scene, since: float) -> float:
    """Seconds of audio that were sent after a time."""
    sent = sum(
        len(action.mulaw)
        for at, action in scene.actions
        if at >= since and isinstance(action, SendAudio)
    )
    return sent / TELEPHONE_RATE


def cleared(scene: Scene) -> list[float]:
    """When the agent's voice was stopped."""
    return [at for at, action in scene.actions if isinstance(action, ClearAudio)]


@pytest.mark.parametrize("words", [HOURS, "Stopp!", "Nein", "Moment"])
def test_the_agent_falls_silent_at_once_whatever_is_said(scene: Scene, words: str) -> None:
    answering(scene)
    began = scene.now
    scene.say(words, ms=300)
    (stopped,) = cleared(scene)
    assert stopped - began <= 0.101
    assert sent_s(scene, began) == 0.0


def test_a_cough_over_the_agent_only_makes_it_hesitate(scene: Scene) -> None:
    scene.accept()
    scene.wait(1.0)
    began = scene.now
    scene.cough(ms=300)
    scene.wait(0.6)
    assert len(cleared(scene)) == 1
    assert sent_s(scene, began) > 0
    scene.listen()
    assert scene.heard == GREETING
    assert scene.asked(Observe)[-1].observation == AgentHeard(complete=True)


def test_a_long_noise_without_words_gives_the_voice_back_too(scene: Scene) -> None:
    scene.accept()
    scene.wait(1.0)
    scene.cough(ms=1500)
    scene.wait(2)
    scene.listen()
    assert scene.heard == GREETING
    assert scene.asked(Understand) == []


def test_a_sentence_that_was_held_is_announced_once(scene: Scene) -> None:
    scene.accept()
    scene.wait(1.0)
    scene.cough(ms=300)
    scene.wait(2)
    scene.listen()
    seen = [each.observation for each in scene.asked(Observe)]
    assert [each.text for each in seen if isinstance(each, AgentSaid)] == GREETING


def test_the_agent_goes_on_where_it_stopped_and_not_from_the_beginning(scene: Scene) -> None:
    answering(scene)
    scene.wait(1.0)
    before = scene.asked(SendAudio)
    scene.cough(ms=200)
    scene.wait(0.5)
    again = scene.asked(SendAudio)[len(before) :]
    assert again
    assert len(again[0].mulaw) < len(before[-1].mulaw)


@pytest.mark.parametrize("word", ["Ja.", "Mhm", "Okay, gut.", "ach so"])
def test_a_listener_who_says_go_on_takes_no_turn(scene: Scene, word: str) -> None:
    answering(scene)
    scene.say(word, ms=240)
    scene.wait(2)
    scene.listen()
    assert len(scene.asked(Understand)) == 1
    assert "Sonntags ist geschlossen." in scene.heard


def test_a_listener_is_not_waited_for_until_their_turn_is_over(scene: Scene) -> None:
    """The words of the pause are enough: the agent hesitates for less than a second."""
    answering(scene)
    began = scene.now
    scene.say("Mhm", ms=240)
    scene.wait(0.14 + 0.3 + 0.04)
    assert sent_s(scene, began) > 0


def test_a_go_on_at_the_very_end_is_no_turn_either(scene: Scene) -> None:
    """The agent may have finished by the time the word is known."""
    scene.accept()
    scene.wait(sum(len(sentence.split()) for sentence in GREETING[:2]) * 0.15)
    scene.say("mhm", ms=240)
    scene.wait(3)
    assert scene.asked(Understand) == []
    assert scene.heard == GREETING


def test_yes_over_the_end_of_a_question_answers_it(scene: Scene) -> None:
    scene.accept()
    scene.listen()
    scene.ask("Wie hoch ist der Mond?")
    scene.say("Und wie tief ist das Meer?")
    scene.wait(1.2)
    while not _announced(scene)[-1].endswith(("sprechen?", "verbinden?")):
        scene.wait(0.02)
    scene.wait(0.5)
    scene.say("Ja", ms=200)
    scene.wait(3)
    assert scene.asked(Understand)[-1].said.text == "Ja"


def _announced(scene: Scene) -> list[str]:
    seen = [each.observation for each in scene.asked(Observe)]
    return [each.text for each in seen if isinstance(each, AgentSaid)]


def test_no_to_a_question_that_was_not_heard_yet_does_not_answer_it(scene: Scene) -> None:
    """The offer of more help stands at the answer's end; a "no" in its middle is no goodbye."""
    answering(scene)
    scene.say("Nein", ms=300)
    scene.wait(2)
    scene.listen()
    assert scene.asked(Understand)[-1].said.asked is None
    assert scene.asked(Finish) == []


def test_a_short_word_that_means_something_takes_the_floor(scene: Scene) -> None:
    answering(scene)
    scene.say("Auf Wiederhören", ms=300)
    scene.wait(4)
    assert len(cleared(scene)) == 1
    assert "Sonntags ist geschlossen." not in scene.heard
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


@pytest.mark.parametrize("ms", [300, 1500])
def test_words_that_mean_nothing_are_asked_about(scene: Scene, ms: int) -> None:
    answering(scene)
    scene.say("Blumen Kohl und Paprika", ms=ms)
    scene.wait(2)
    scene.listen()
    assert any("verstanden" in text for text in scene.heard)


def test_who_has_said_a_word_that_means_something_is_not_talked_over(scene: Scene) -> None:
    """However long it takes until their turn is over."""
    scene.paces.sounds_finished = 0.0
    answering(scene)
    began = scene.now
    scene.say("Nein und", ms=300)
    scene.wait(1.2)
    assert sent_s(scene, began) == 0.0


def test_a_recogniser_that_is_slow_does_not_make_a_cough_a_pause(make_scene: MakeScene) -> None:
    scene = make_scene(Paces(recognition=3.0))
    scene.accept()
    scene.wait(1.0)
    began = scene.now
    scene.cough(ms=200)
    scene.wait(0.9)
    assert sent_s(scene, began) > 0


def test_who_goes_on_after_a_go_on_holds_the_agent_again(scene: Scene) -> None:
    answering(scene)
    scene.say("Ja", ms=240)
    scene.wait(0.56)
    assert len(cleared(scene)) == 1
    scene.say("aber wann haben Sie geöffnet?", ms=600)
    assert len(cleared(scene)) == 2
    scene.wait(2)
    assert scene.asked(Understand)[-1].said.text.endswith("aber wann haben Sie geöffnet?")


def test_words_that_come_after_the_agent_went_on_still_take_the_floor(
    make_scene: MakeScene,
) -> None:
    scene = make_scene(Paces())
    answering(scene)
    scene.paces.recognition = 1.5
    scene.say("Auf Wiederhören", ms=300)
    scene.wait(8)
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


def test_what_was_cut_off_is_not_in_the_history(scene: Scene) -> None:
    answering(scene)
    scene.say("Kann ich bei Ihnen parken?", ms=600)
    scene.wait(1.5)
    scene.listen()
    assert [text for who, text in scene.history if who == "agent"] == scene.heard
    assert "Sonntags ist geschlossen." not in scene.heard


def test_a_cough_while_an_interruption_is_thought_about_does_not_bring_the_old_answer_back(
    scene: Scene,
) -> None:
    answering(scene)
    scene.paces.understanding = 2.5
    scene.say("Kann ich bei Ihnen parken?", ms=800)
    while len(scene.asked(Understand)) == 1:
        scene.wait(0.02)
    began = scene.now
    scene.cough(ms=200)
    scene.wait(1.2)
    assert sent_s(scene, began) == 0.0
    scene.wait(3)
    scene.listen()
    assert "Sonntags ist geschlossen." not in scene.heard


@pytest.mark.parametrize("after", [0.02, 0.1, 0.3])
def test_yes_over_a_question_answers_it_however_late_the_marks_are(
    make_scene: MakeScene, after: float
) -> None:
    scene = make_scene(Paces(synthesis=0.0))
    scene.accept()
    scene.listen()
    scene.wait(1)
    scene.paces.marks = 0.4
    scene.say("Wie hoch ist der Mond?")
    scene.wait(1.0)
    first = [at for at, action in scene.actions if isinstance(action, SendAudio)][-2]
    scene.wait(first + 5 * 0.15 + after - scene.now)
    scene.say("Ja", ms=300)
    scene.wait(4)
    assert scene.asked(Understand)[-1].said.text == "Ja"


def test_yes_answers_a_question_with_something_else_said_behind_it(make_scene: MakeScene) -> None:
    scene = make_scene(Paces(link=1.5))
    scene.accept()
    scene.listen()
    scene.press("2")
    scene.wait(0.1)
    scene.say("Wie hoch ist der Mond?")
    scene.wait(1.2)
    while not _announced(scene)[-1].endswith(("sprechen?", "verbinden?")):
        scene.wait(0.02)
    scene.wait(0.5)
    scene.say("Ja", ms=200)
    scene.wait(3)
    assert scene.asked(Understand)[-1].said.text == "Ja"


def test_a_question_that_a_key_cut_off_before_it_was_heard_is_not_open(scene: Scene) -> None:
    answering(scene)
    scene.press("2")
    scene.wait(0.6)
    scene.listen()
    scene.say("Nein", ms=300)
    scene.wait(3)
    assert scene.asked(Understand)[-1].said.asked is None
    assert scene.asked(Finish) == []


@pytest.mark.parametrize("before", [0.14, 0.08, 0.02])
def test_a_sentence_whose_end_was_cleared_on_its_way_is_not_in_the_history(
    make_scene: MakeScene, before: float
) -> None:
    scene = make_scene(Paces(marks=0.25))
    scene.accept()
    scene.wait(0.1 + sum(len(text.split()) for text in GREETING) * 0.15 - before)
    scene.cough(ms=200)
    scene.wait(2)
    assert [text for who, text in scene.history if who == "agent"] == scene.heard


def test_a_recogniser_that_fails_on_a_cough_does_not_cost_the_answer(scene: Scene) -> None:
    answering(scene)
    scene.paces.recognition = "fails"
    scene.cough(ms=200)
    scene.wait(3)
    scene.listen()
    assert "Sonntags ist geschlossen." in scene.heard


class EverythingEchoes:
    """An ``EchoJudge`` for a caller whose telephone sends back whatever it plays."""

    def is_echo(self, heard: Consented[Utterance], played: bytes) -> bool:
        """See the port."""
        assert len(heard.reveal().mulaw) == ECHO_FRAMES * FRAME_BYTES
        return set(played) != {0xFF}


def test_the_agents_own_voice_does_not_hold_it(scene: Scene) -> None:
    scene.session = CallSession(
        scene.terms, scene.vad, scene.engine, scene.script, EverythingEchoes()
    )
    scene.accept()
    scene.wait(1.0)
    scene.cough(ms=1500)
    scene.listen()
    assert cleared(scene) == []
    assert scene.heard == GREETING
    scene.wait(2)
    scene.say(HOURS)  # nothing is played any more: this is no echo
    scene.wait(1.5)
    assert scene.asked(Understand)


def test_who_asks_over_the_agent_is_told_that_the_answer_is_being_looked_for(
    scene: Scene,
) -> None:
    answering(scene)
    scene.paces.understanding = 4.0
    scene.say("Kann ich bei Ihnen parken?", ms=800)
    scene.wait(6)
    scene.listen()
    assert "Einen Moment, ich sehe nach." in scene.heard
    assert "Sonntags ist geschlossen." not in scene.heard


def test_what_became_of_the_text_message_is_said_though_a_key_ended_the_turn(
    make_scene: MakeScene,
) -> None:
    scene = make_scene(Paces(link=0.5))
    scene.accept()
    scene.listen()
    scene.press("2")
    scene.wait(0.1)
    scene.say("Wann haben", ms=600)
    scene.press("9")
    scene.wait(5)
    scene.listen()
    assert any("SMS ist unterwegs" in text for text in _announced(scene))


def test_after_a_withdrawal_nothing_of_the_answers_is_kept_as_a_source_of_echoes(
    scene: Scene,
) -> None:
    answering(scene)
    assert set(scene.session._mouth.played(scene.now)) != {0xFF}
    scene.press("*")
    assert scene.session._mouth.played(scene.now) == b""
