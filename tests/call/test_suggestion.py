"""What an operator suggests counts as the caller's words, but for what only the caller can say."""

from __future__ import annotations

import pytest

from tests.call.conftest import Booking
from tests.call.scene import Paces, Scene
from voice_agent.call.actions import Understand, UseTool
from voice_agent.call.events import OperatorSaid, OperatorSuggested, Understood
from voice_agent.call.phase import Phase
from voice_agent.dialogue.commands import Affirm, WithdrawConsent
from voice_agent.live.observation import AgentSaid, UnderstoodSeen

HOURS = "Wann haben Sie geöffnet?"
PARKING = "Kann ich bei Ihnen parken?"
CLOSED = "Sonntags ist geschlossen."
YARD = "Im Hof stehen 6 kostenlose Kundenparkplätze."


def conversing(scene: Scene) -> Scene:
    scene.accept()
    scene.listen()
    return scene


def test_a_suggestion_is_answered_as_if_the_caller_had_said_it(scene: Scene) -> None:
    conversing(scene).post(OperatorSuggested(HOURS))
    scene.listen()
    assert CLOSED in scene.heard
    assert scene.said_by_caller == []
    assert ("caller", HOURS) not in scene.history
    assert UnderstoodSeen(["AskKnowledge opening_hours"]) in scene.seen


def test_whatever_the_caller_is_saying_is_answered_first(scene: Scene) -> None:
    conversing(scene).say(PARKING, ms=300)
    scene.post(OperatorSuggested(HOURS))
    scene.say(PARKING, ms=300)
    scene.wait(2)
    scene.listen()
    assert scene.heard.index(YARD) < scene.heard.index(CLOSED)


def test_a_caller_who_begins_to_speak_meanwhile_is_answered_first(scene: Scene) -> None:
    conversing(scene)
    scene.paces.understanding = 1.0
    scene.post(OperatorSuggested(HOURS))
    scene.say(PARKING)
    scene.wait(3)
    scene.listen()
    assert scene.heard.index(YARD) < scene.heard.index(CLOSED)


@pytest.mark.parametrize("pace", ["never", "fails"])
def test_a_suggestion_that_is_not_understood_is_dropped_in_silence(
    scene: Scene, pace: object
) -> None:
    conversing(scene)
    scene.paces.understanding = pace  # type: ignore[assignment]  # a pace
    scene.post(OperatorSuggested(HOURS))
    heard = list(scene.heard)
    scene.wait(7.5)
    assert scene.heard == heard
    scene.paces.understanding = 0.01
    scene.wait(1)
    scene.ask(HOURS)
    assert CLOSED in scene.heard


def test_c25_a_suggestion_is_no_yes_to_a_confirmation(booking: Booking) -> None:
    """Rule C25."""
    scene = booking(Paces())
    scene.post(OperatorSuggested("Ja, das stimmt."))
    scene.listen()
    assert [use.request.tool for use in scene.asked(UseTool)] == ["calendar.free"]
    scene.ask("Ja, das stimmt.")
    assert [use.request.tool for use in scene.asked(UseTool)][-1] == "calendar.book"


def test_c25_another_value_that_is_suggested_is_confirmed_by_the_caller(booking: Booking) -> None:
    """Rule C25."""
    scene = booking(Paces())
    scene.post(OperatorSuggested("Mein Name ist Schneider, ja."))
    scene.listen()
    assert any("Schneider" in each for each in scene.heard)
    assert [use.request.tool for use in scene.asked(UseTool)] == ["calendar.free"]


def test_c16_a_suggestion_withdraws_nothing(scene: Scene) -> None:
    conversing(scene).post(OperatorSuggested(HOURS))
    take = scene.asked(Understand)[-1].take
    scene.post(Understood(take, (WithdrawConsent(), Affirm())))
    scene.listen()
    assert scene.session.phase is Phase.CONVERSING


def test_a_sentence_for_the_agent_is_said_after_what_is_being_said(scene: Scene) -> None:
    scene.accept()
    scene.wait(0.5)
    scene.post(OperatorSaid("Wir haben heute Betriebsfest."))
    scene.listen()
    assert scene.heard[-1] == "Wir haben heute Betriebsfest."
    assert scene.heard[-2] == "Was kann ich für Sie tun?"
    assert AgentSaid("Wir haben heute Betriebsfest.") in scene.seen
