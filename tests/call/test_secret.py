"""A birth date that is said is heard by what checks it, and shown to nobody (C23)."""

from __future__ import annotations

from tests.call import texts
from tests.call.scene import CALL, Scene
from voice_agent.call.actions import Understand, UseTool
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.tool import CATALOGUE, ToolAnswer
from voice_agent.live.observation import HIDDEN_WORDS
from voice_agent.script import CallScript

BORN = "zwölfter Mai neunzehnhundertachtzig"


def cancelling(*, heard_out: bool = True, number: bool = True) -> Scene:
    """A caller who was asked for their PIN or birth date, or is just being asked."""
    prompts = texts.prompts()
    loaded = load_flows(texts.ROOT / "config" / "flows", prompts)
    scene = Scene(
        engine=Engine(prompts, texts.KNOWLEDGE, flows=Flows(loaded, prompts, frozenset(CATALOGUE))),
        script=CallScript(texts.NOTICE, prompts),
        understander=texts.understander(),
        terms=CallTerms(call_id=CALL, language="de"),
        desk=lambda request: ToolAnswer(
            request, "verified" if request.tool == "identity.verify" else "none"
        ),
    )
    scene.accept()
    scene.listen()
    scene.ask("Ich möchte meinen Termin absagen.")
    if not number:
        return scene
    scene.say("0172 3456789")
    scene.wait(1.4)
    if heard_out:
        scene.listen()
    return scene


def test_c23_what_is_said_for_a_secret_is_shown_to_nobody_and_not_remembered() -> None:
    scene = cancelling()
    scene.ask(BORN)
    assert scene.asked(UseTool)[0].request.arguments["secret"] == "1980-05-12"
    assert BORN in [asked.said.text for asked in scene.asked(Understand)]
    assert HIDDEN_WORDS in scene.said_by_caller
    assert BORN not in scene.said_by_caller
    assert BORN not in [text for _, text in scene.history]
    assert "1980" not in repr([action for _, action in scene.actions])


def test_c23_a_secret_that_is_said_into_its_question_is_marked_as_one() -> None:
    """It does not answer a question that was not put yet, and is not for a model all the same."""
    scene = cancelling(heard_out=False)
    scene.ask("vier acht zwei neun eins drei")
    said = scene.asked(Understand)[-1].said
    assert said.asked is None
    assert said.secret
    assert scene.said_by_caller[-1] == HIDDEN_WORDS
    scene.ask("Wann haben Sie geöffnet?")
    assert scene.asked(Understand)[-1].said.secret  # the question for it has been put again
    scene.ask(BORN)
    scene.ask("Wann haben Sie geöffnet?")
    assert not scene.asked(Understand)[-1].said.secret


def test_c23_a_secret_that_is_said_before_it_is_asked_for_is_shown_to_nobody() -> None:
    scene = cancelling(number=False)
    scene.ask("0172 3456789, geboren am " + BORN)
    assert scene.said_by_caller[-1] == HIDDEN_WORDS
    assert BORN not in repr(scene.history)


def test_what_is_said_afterwards_is_shown_again() -> None:
    scene = cancelling()
    scene.ask(BORN)
    scene.ask("Wann haben Sie geöffnet?")
    assert scene.said_by_caller[-1] == "Wann haben Sie geöffnet?"
    assert ("caller", "Wann haben Sie geöffnet?") in scene.history
