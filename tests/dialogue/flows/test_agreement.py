"""Whether somebody wants to be reminded is asked once their appointment is booked."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.dialogue.flows.caller import Caller, free
from voice_agent.dialogue.commands import Affirm, Deny, FillSlot, StartFlow
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.tool import CATALOGUE

NINE, TWO = "2026-12-01T09:00", "2026-12-01T14:00"


@pytest.fixture
def caller(prompts: Prompts, knowledge: Knowledge, flows: Mapping[str, Flow]) -> Caller:
    """Somebody whose appointment is being booked, where people are reminded."""
    tools = frozenset(name for name in CATALOGUE if not name.startswith("confirmation."))
    caller = Caller(Engine(prompts, knowledge, flows=Flows(flows, prompts, tools)))
    caller.say(
        StartFlow("book_appointment"),
        FillSlot("service", "Inspektion"),
        FillSlot("date", "2026-12-01"),
        FillSlot("name", "Fischer"),
        FillSlot("phone", "0301234567"),
    )
    caller.get("free", *free(NINE, TWO)).say(FillSlot("time", "14:00")).say(Affirm())
    assert caller.request.tool == "calendar.book"
    return caller


def asked(caller: Caller) -> Caller:
    caller.get("booked", date="2026-12-01", time="14:00")
    assert caller.request.tool == "reminder.check"
    assert caller.request.arguments == {"phone": "0301234567"}
    caller.get("possible")
    assert caller.keys[-1] == "remind_wanted"
    assert caller.conversation.question == Question.CONFIRM
    return caller


def test_a_clear_yes_is_written_down(caller: Caller) -> None:
    asked(caller).say(Affirm())
    assert caller.request.tool == "reminder.agree"
    assert caller.request.arguments == {}
    assert caller.get("agreed").keys == ["remind_agreed", "anything_else"]
    assert caller.conversation.flows == ()


def test_a_no_is_no_and_nobody_is_asked_again(caller: Caller) -> None:
    assert asked(caller).say(Deny()).keys == ["anything_else"]
    assert caller.conversation.flows == ()


def test_silence_or_something_else_is_no_yes(caller: Caller) -> None:
    asked(caller).say()
    assert caller.keys[-1].startswith("remind_wanted")


def test_who_gets_a_pin_with_it_is_asked_too(caller: Caller) -> None:
    caller.get("booked_with_pin", date="2026-12-01", time="14:00", pin="123456").get("possible")
    assert caller.keys[-1] == "remind_wanted"


@pytest.mark.parametrize("outcome", ["impossible", "away", "denied"])
def test_where_nobody_can_be_reminded_nothing_is_asked(caller: Caller, outcome: str) -> None:
    caller.get("booked", date="2026-12-01", time="14:00").get(outcome)
    assert caller.keys[-1] == "anything_else"
    assert "remind_wanted" not in caller.keys


@pytest.mark.parametrize("outcome", ["impossible", "away", "denied", "no such outcome"])
def test_what_was_not_written_down_is_not_promised(caller: Caller, outcome: str) -> None:
    asked(caller).say(Affirm())
    assert caller.get(outcome).keys == ["remind_not", "anything_else"]


def test_where_nobody_is_reminded_appointments_are_still_made(doing: Engine) -> None:
    assert Caller(doing).say(StartFlow("book_appointment")).keys == ["book_service"]


def test_after_the_text_message_it_is_asked_as_well(reminding: Engine) -> None:
    caller = Caller(reminding)
    caller.say(
        StartFlow("book_appointment"),
        FillSlot("service", "Inspektion"),
        FillSlot("date", "2026-12-01"),
        FillSlot("name", "Fischer"),
        FillSlot("phone", "0301234567"),
    )
    caller.get("free", *free(NINE, TWO)).say(FillSlot("time", "14:00")).say(Affirm())
    caller.get("booked", date="2026-12-01", time="14:00").get("possible").say(Deny())
    assert caller.request.tool == "reminder.check"
    caller.get("possible")
    assert caller.keys[-1] == "remind_wanted"
