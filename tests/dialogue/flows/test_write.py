"""A text written out of what was said, for a tool that takes no more than a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.flows.caller import Caller
from tests.dialogue.flows.conftest import ROOT
from voice_agent.dialogue.commands import Affirm, Correct, FillSlot, StartFlow, SwitchLanguage
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import read_flow
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.tool import CATALOGUE
from voice_agent.errors import ConfigurationError

RESERVE = """\
name: reserve
examples: {de: Ein Zimmer bitte, en: A room please}
slots:
  nights: {kind: number, least: 1, most: 30}
  name: {kind: name}
  message: {kind: text}
steps:
  - {id: nights, collect: nights, ask: ask_nights}
  - {id: name, collect: name, ask: flow_name}
  - {id: write, write: message, text: reservation}
  - {id: sure, confirm: [message, nights, name], tell: tell, ask: right}
  - {id: leave, act: message.leave, with: [message, name], on: {left: left}}
  - {id: left, say: message_left}
"""
SENTENCES = {
    "de": """\
ask_nights: Wie viele Nächte?
reservation: "Reservierung, Nächte: {nights}, Name: {name}."
tell: "{nights} Nächte für {name}."
right: Ist das richtig?
""",
    "en": """\
ask_nights: How many nights?
reservation: "Reservation, nights: {nights}, name: {name}."
tell: "{nights} nights for {name}."
right: Is that right?
""",
}
PLACE = Path("flows/reserve.yaml")


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    """What is shipped, and the sentences of the reservation."""
    own = tmp_path_factory.mktemp("own")
    for language, text in SENTENCES.items():
        (own / language).mkdir()
        (own / language / "reserve.yaml").write_text(text, encoding="utf-8")
    return Prompts.load(ROOT / "prompts", about={"company": "Berger"}, own=own)


@pytest.fixture
def guest(sentences: Prompts) -> Caller:
    """Somebody who has said everything and is asked whether it is right."""
    flows = {"reserve": read_flow(RESERVE, PLACE, sentences)}
    offered = Flows(flows, sentences, frozenset(CATALOGUE))
    caller = Caller(Engine(sentences, Knowledge(()), flows=offered))
    caller.say(StartFlow("reserve"), FillSlot("nights", "3"), FillSlot("name", "Lang"))
    assert caller.keys == ["tell", "right"]
    return caller


def test_the_tool_gets_the_text_the_caller_has_said_yes_to_the_values_of(guest: Caller) -> None:
    guest.say(Affirm())
    assert guest.request.arguments == {
        "message": "Reservierung, Nächte: 3, Name: Lang.",
        "name": "Lang",
    }
    assert guest.request.confirmed == {"message", "name"}
    assert guest.get("left").keys == ["message_left", "anything_else"]


def test_a_corrected_value_is_written_anew_and_confirmed_anew(guest: Caller) -> None:
    assert guest.say(Correct("nights", "4")).keys == ["tell", "right"]
    assert guest.conversation.question == Question.CONFIRM
    assert guest.say(Affirm()).request.arguments["message"].startswith("Reservierung, Nächte: 4")


def test_it_is_written_in_the_companys_first_language_whatever_is_spoken(guest: Caller) -> None:
    assert guest.say(SwitchLanguage("en")).text == "3 nights for Lang. Is that right?"
    guest.say(Affirm())
    assert guest.request.arguments["message"] == "Reservierung, Nächte: 3, Name: Lang."


def test_a_text_that_is_written_after_the_confirmation_is_refused(sentences: Prompts) -> None:
    write, sure = RESERVE.splitlines()[9:11]
    text = RESERVE.replace(f"{write}\n{sure}", f"{sure}\n{write}")
    with pytest.raises(ConfigurationError, match="message may not have been confirmed by then"):
        read_flow(text, PLACE, sentences)


def test_a_text_can_hold_only_what_is_known_by_then(sentences: Prompts) -> None:
    text = RESERVE.replace("text: reservation", "text: book_booked")
    with pytest.raises(ConfigurationError, match=r"steps\.2\.text: the prompt book_booked wants"):
        read_flow(text, PLACE, sentences)
