"""What is urgent is said at once, whatever else is going on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.flows.caller import Caller
from tests.dialogue.flows.conftest import ROOT
from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Command,
    Deny,
    FillSlot,
    HumanPlease,
    StartFlow,
    WithdrawConsent,
)
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import Act, HandOver, HandoverReason, Listen, Withdraw
from voice_agent.dialogue.tool import CATALOGUE

EMERGENCY = """---
id: emergency
urgent: true
de:
  title: Notfall
  examples: Das ist ein Notfall
  keywords: [Notfall, Brustschmerzen, keine Luft]
en:
  title: Emergency
  examples: This is an emergency
  keywords: [emergency, chest pain]
---

## de

Bei einem Notfall wählen Sie 112.

## en

In an emergency, dial 112.
"""
FIRST = ["knowledge.emergency", "urgent_offer"]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    directory = tmp_path_factory.mktemp("knowledge")
    (directory / "emergency.md").write_text(EMERGENCY, encoding="utf-8")
    return Knowledge.load(directory)


@pytest.fixture(scope="module")
def doing(prompts: Prompts, knowledge: Knowledge) -> Engine:
    flows = load_flows(ROOT / "config" / "flows", prompts)
    return Engine(prompts, knowledge, flows=Flows(flows, prompts, frozenset(CATALOGUE)))


class Alarmed(Caller):
    """A caller whose words are looked at by the engine as a call has it."""

    def speak(self, text: str, *understood: Command) -> Alarmed:
        self.say(*self.engine.proposals(self.conversation, understood, text))
        return self


@pytest.fixture
def caller(doing: Engine) -> Alarmed:
    return Alarmed(doing)


@pytest.mark.parametrize(
    "text",
    [
        "Ich habe Brustschmerzen!",
        "ich hab so brust schmerzen",
        "Mein Mann bekommt keine Luft mehr",
        "Notfallnummer?",
        "My husband has a chest pain",
        "I have chestpains",
    ],
)
def test_the_words_are_found_however_they_were_written(knowledge: Knowledge, text: str) -> None:
    assert knowledge.urgent(text) == "emergency"


@pytest.mark.parametrize("text", ["Ich habe Rückenschmerzen", "frische Luft", "", "I emerge"])
def test_other_words_are_not(knowledge: Knowledge, text: str) -> None:
    assert knowledge.urgent(text) is None


def test_what_is_not_marked_is_never_urgent(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(EMERGENCY.replace("urgent: true\n", ""), encoding="utf-8")
    knowledge = Knowledge.load(tmp_path)
    assert knowledge.urgent("Notfall") is None
    assert not knowledge.is_urgent("emergency")


def test_it_comes_first_and_a_person_is_offered(caller: Alarmed) -> None:
    assert caller.speak("Ich habe Brustschmerzen").keys == FIRST
    assert caller.text.startswith("Bei einem Notfall wählen Sie 112.")
    assert caller.conversation.question == Question.CONNECT
    assert caller.reply.then == Listen()
    assert caller.reply.asks == caller.reply.lines[-1]
    assert caller.say(Affirm()).reply.then == HandOver(HandoverReason.OFFER_ACCEPTED)


def test_nothing_else_that_was_understood_counts_beside_it(caller: Alarmed) -> None:
    text = "Ich brauche einen Termin, ich habe Brustschmerzen"
    assert caller.speak(text, StartFlow("book_appointment")).keys == FIRST
    assert caller.conversation.flows == ()


def test_whoever_asks_for_a_person_in_an_emergency_hears_it_and_is_connected(
    caller: Alarmed,
) -> None:
    caller.speak("Ein Notfall, einen Menschen bitte", HumanPlease())
    assert caller.keys == ["knowledge.emergency", "connecting_human"]
    assert caller.reply.then == HandOver(HandoverReason.ASKED)


def test_a_withdrawal_comes_before_it(caller: Alarmed) -> None:
    caller.speak("Ich widerrufe, Notfall", WithdrawConsent())
    assert caller.reply.then == Withdraw()


def test_it_interrupts_a_flow_that_goes_on_afterwards(caller: Alarmed) -> None:
    caller.say(StartFlow("book_appointment"))
    keys = caller.speak("Notfall", FillSlot("service", "inspection")).keys
    assert keys == FIRST
    assert caller.say(Deny()).keys == ["book_service"]
    assert caller.say(FillSlot("service", "inspection")).keys == ["book_date"]


def test_it_interrupts_what_is_said_in_a_message(caller: Alarmed) -> None:
    caller.say(StartFlow("leave_message"))
    assert caller.speak("Sagen Sie ihr, ich habe Brustschmerzen").keys == FIRST
    assert caller.conversation.flows[-1].slots == {}


def test_a_yes_beside_it_confirms_nothing(caller: Alarmed) -> None:
    caller.say(StartFlow("request_callback"), FillSlot("name", "Fischer"))
    caller.say(FillSlot("phone", "+491723456789"), FillSlot("date", "2026-12-01"))
    caller.say(FillSlot("time", "10:00")).say(FillSlot("reason", "Reifen"))
    assert caller.conversation.question == Question.CONFIRM
    caller.speak("Ja, und es ist ein Notfall", Affirm())
    assert caller.keys == FIRST
    assert not isinstance(caller.reply.then, Act)


def test_no_it_is_no_emergency_is_not_answered_with_the_same_again(caller: Alarmed) -> None:
    caller.speak("Notfall")
    # The rules find it by its meaning as well.
    again = (Deny(), AskKnowledge("emergency"))
    assert caller.speak("Nein, es ist kein Notfall", *again).keys == ["what_else"]
    assert caller.speak("Nein, Brustschmerzen", Deny()).keys == FIRST


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_is_said_in_the_language_that_is_spoken(doing: Engine, language: str) -> None:
    told = {"de": "wählen Sie 112", "en": "dial 112"}
    for text in ("Notfall", "chest pain"):
        assert told[language] in Alarmed(doing, language).speak(text).text


def test_found_by_its_meaning_it_offers_a_person_too(caller: Alarmed) -> None:

    assert caller.say(AskKnowledge("emergency")).keys == FIRST
