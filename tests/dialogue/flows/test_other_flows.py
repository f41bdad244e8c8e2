from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.dialogue.flows.caller import Caller, appointment, free
from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Cancel,
    Deny,
    FillSlot,
    StartFlow,
)
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.flow_engine import DEPTH, Flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import HandOver, HandoverReason
from voice_agent.dialogue.tool import CATALOGUE

OIL = appointment("a1", "Ölwechsel", "2026-12-01T09:00")
TYRES = appointment("a2", "Reifenwechsel", "2026-12-03T14:00")
BOOK, MOVE, CANCEL, FIND, CALL, MESSAGE, COMPLAINT = (
    StartFlow(name)
    for name in (
        "book_appointment",
        "move_appointment",
        "cancel_appointment",
        "find_appointment",
        "request_callback",
        "leave_message",
        "complaint",
    )
)
NAME, PHONE = FillSlot("name", "Fischer"), FillSlot("phone", "0301234567")


@pytest.fixture
def caller(doing: Engine) -> Caller:
    """Somebody who has proved who they are in this call."""
    return Caller(doing, known=True)


def test_an_appointment_is_moved(caller: Caller) -> None:
    assert caller.say(MOVE).request.tool == "calendar.appointments"
    assert caller.get("found", OIL, TYRES).keys == ["move_which"]
    assert "Ölwechsel am Dienstag, 1. Dezember um 9:00 Uhr oder Reifenwechsel" in caller.text
    assert caller.say(FillSlot("appointment", "a2")).keys == ["move_date"]
    caller.say(FillSlot("date", "2026-12-07"))
    assert caller.request.arguments == {"appointment": "a2", "date": "2026-12-07"}
    caller.get("free", *free("2026-12-07T10:00")).say(Affirm())
    assert caller.keys == ["move_tell", "move_confirm"]
    assert "Reifenwechsel am Donnerstag, 3. Dezember" in caller.text
    caller.say(Affirm())
    assert caller.request.arguments == {"appointment": "a2", "start": "2026-12-07T10:00"}
    assert caller.get("moved", date="2026-12-07", time="10:00").keys[0] == "move_moved"


def test_the_new_day_can_be_corrected_and_the_appointment_stays_the_same(caller: Caller) -> None:
    caller.say(MOVE, FillSlot("date", "2026-12-07")).get("found", OIL).say(Affirm())
    caller.get("free", *free("2026-12-07T10:00")).say(Affirm())
    caller.say(Deny(), FillSlot("date", "2026-12-08"))
    assert caller.request.arguments == {"appointment": "a1", "date": "2026-12-08", "time": "10:00"}
    caller.get("free", *free("2026-12-08T10:00")).say(Affirm())
    assert caller.request.arguments == {"appointment": "a1", "start": "2026-12-08T10:00"}


def test_an_appointment_is_cancelled_after_a_yes(caller: Caller) -> None:
    caller.say(CANCEL).get("found", OIL)
    assert caller.keys == ["cancel_which_one"]
    assert caller.say(Affirm()).keys == ["cancel_confirm"]
    caller.say(Affirm())
    assert (caller.request.tool, caller.request.arguments) == (
        "calendar.cancel",
        {"appointment": "a1"},
    )
    assert caller.get("cancelled").keys == ["cancel_cancelled", "anything_else"]


def test_which_appointment_is_meant_can_be_said_at_once(caller: Caller) -> None:
    caller.say(CANCEL, FillSlot("date", "2026-12-03"), FillSlot("time", "14:00"))
    assert caller.get("found", OIL, TYRES).keys == ["cancel_confirm"]
    assert "Reifenwechsel" in caller.text


def test_of_several_appointments_those_are_named_that_fit(caller: Caller) -> None:
    caller.say(CANCEL, FillSlot("date", "2026-12-02/2026-12-05")).get("found", OIL, TYRES)
    assert caller.keys == ["cancel_which_one"]
    assert "Reifenwechsel" in caller.text


def test_an_appointment_that_is_not_to_be_cancelled_stays(caller: Caller) -> None:
    caller.say(CANCEL).get("found", OIL).say(Affirm()).say(Deny())
    assert caller.keys == ["cancel_kept", "anything_else"]


@pytest.mark.parametrize("flow", [MOVE, CANCEL, FIND])
def test_who_has_no_appointment_is_told_so(caller: Caller, flow: StartFlow) -> None:
    assert caller.say(flow).get("none").keys == ["find_none", "anything_else"]


def test_another_persons_appointment_is_as_good_as_none(caller: Caller) -> None:
    caller.say(CANCEL).get("found", OIL).say(Affirm()).say(Affirm()).get("not_yours")
    assert caller.keys == ["find_not_there", "connecting_human"]
    assert caller.reply.then == HandOver(HandoverReason.FLOW)


def test_the_next_appointment_is_told(caller: Caller) -> None:
    assert caller.say(FIND).get("found", OIL, TYRES).keys == ["find_next", "anything_else"]
    assert "Ölwechsel am Dienstag, 1. Dezember um 9:00 Uhr" in caller.text


def test_a_callback_is_requested(caller: Caller) -> None:
    caller.say(CALL, NAME, PHONE, FillSlot("time", "08:00/12:00"))
    assert caller.say(FillSlot("date", "/")).keys == ["callback_reason"]
    assert caller.say(FillSlot("text", "Die Rechnung")).keys == [
        "callback_tell",
        "callback_confirm",
    ]
    assert "jeder Tag, 8:00 Uhr bis 12:00 Uhr. Es geht um: Die Rechnung." in caller.text
    assert caller.say(Affirm()).request.tool == "callback.request"
    assert caller.get("requested").keys == ["callback_requested", "anything_else"]


def test_a_callback_too_far_ahead_is_asked_for_on_another_day(caller: Caller) -> None:
    caller.say(CALL, NAME, PHONE, FillSlot("date", "2027-02-01"), FillSlot("time", "10:00"))
    caller.say(FillSlot("text", "Die Rechnung")).say(Affirm()).get("too_far")
    assert caller.keys == ["callback_too_far", "callback_date"]
    assert caller.say(FillSlot("date", "2026-12-03")).keys == ["callback_tell", "callback_confirm"]
    caller.say(Affirm())
    assert caller.request.arguments["date"] == "2026-12-03"
    assert caller.get("requested").keys == ["callback_requested", "anything_else"]


def test_a_message_is_read_back_and_left(caller: Caller) -> None:
    caller.say(MESSAGE).say(FillSlot("text", "Der Schlüssel liegt {hier} <b>im</b> Kasten."))
    assert caller.keys == ["message_recipient"]
    caller.say(FillSlot("text", "Für Frau Keller")).say(NAME, PHONE)
    assert "Für wen: Für Frau Keller. Der Schlüssel liegt hier b im /b Kasten." in caller.text
    assert caller.say(Affirm()).request.tool == "message.leave"
    assert caller.request.arguments["recipient"] == "Für Frau Keller"


def complain(caller: Caller, reply: str) -> Caller:
    """Say everything a complaint needs but a number."""
    caller.say(COMPLAINT).say(FillSlot("text", "Zu laut"))
    assert caller.keys == ["complaint_category"]
    caller.say(FillSlot("category", "Rechnung"))
    assert caller.keys == ["complaint_wish"]
    return caller.say(FillSlot("wish", "Geld zurück")).say(NAME, FillSlot("reply", reply))


@pytest.mark.parametrize("reply", ["request_callback", "none"])
def test_a_complaint_is_filed_with_a_number_only_if_an_answer_is_wanted(
    caller: Caller, reply: str
) -> None:
    complain(caller, reply)
    if reply == "request_callback":
        assert caller.keys == ["flow_phone"]
        caller.say(PHONE)
    assert "Rechnung: Zu laut. Ihr Wunsch: Geld zurück." in caller.text
    caller.say(Affirm())
    said = caller.request.arguments
    assert (said["category"], said["wish"]) == ("invoice", "money_back")
    assert ("phone" in said) is (reply == "request_callback")
    caller.get("filed", reference="B 12")
    assert "Nummer B 12" in caller.text


@pytest.mark.parametrize(
    ("answer", "keys"),
    [(Affirm(), ["connecting_human"]), (Deny(), ["anything_else"])],
)
def test_who_wants_no_callback_is_offered_a_person_once_the_complaint_is_filed(
    caller: Caller, answer: Affirm | Deny, keys: list[str]
) -> None:
    complain(caller, "none").say(Affirm()).get("filed", reference="B 12")
    assert caller.keys == ["complaint_filed", "complaint_person"]
    assert caller.say(answer).keys == keys


# -- several ---------------------------------------------------------------------------------------


def test_something_else_is_done_in_between_and_then_the_first_thing(caller: Caller) -> None:
    caller.say(BOOK).say(CALL).say(NAME, PHONE, FillSlot("date", "2026-12-01"))
    caller.say(FillSlot("time", "10:00"), FillSlot("reason", "Reifen")).say(Affirm())
    caller.get("requested")
    assert caller.keys == ["callback_requested", "flow_resume", "book_service"]
    # Who is calling was said already; when they want to be rung is not when they want to come.
    caller.say(FillSlot("service", "inspection"))
    assert caller.keys == ["book_date"]


def test_who_is_calling_is_not_asked_twice(caller: Caller) -> None:
    caller.say(BOOK, NAME, PHONE).say(CALL)
    assert caller.keys == ["callback_date"]


def test_two_things_at_once_are_done_in_the_order_they_were_said(caller: Caller) -> None:
    caller.say(FIND, MESSAGE)
    assert caller.request.tool == "calendar.appointments"
    assert caller.get("none").keys == ["find_none", "flow_resume", "message_text"]


def test_the_same_thing_is_not_begun_twice(caller: Caller) -> None:
    caller.say(BOOK).say(BOOK, FillSlot("service", "inspection"))
    assert [state.flow for state in caller.conversation.flows] == ["book_appointment"]
    assert caller.keys == ["book_date"]


def test_never_mind_goes_back_to_what_was_begun_before(caller: Caller) -> None:
    caller.say(BOOK).say(CALL).say(Cancel())
    assert caller.keys == ["flow_cancelled", "flow_resume", "book_service"]


def test_never_mind_and_something_else_begins_that(caller: Caller) -> None:
    caller.say(BOOK).say(Cancel(), MESSAGE)
    assert caller.keys == ["flow_cancelled", "message_text"]
    assert [state.flow for state in caller.conversation.flows] == ["leave_message"]


def test_no_more_is_begun_than_can_be_kept_in_mind(caller: Caller) -> None:
    caller.say(MESSAGE).say(BOOK).say(CALL).say(COMPLAINT).say(FIND)
    assert len(caller.conversation.flows) == DEPTH
    assert caller.conversation.flows[-1].flow == "complaint"


def test_something_new_waits_while_a_tool_is_at_work(caller: Caller) -> None:
    request = caller.say(FIND).request
    assert caller.say(MESSAGE).keys == ["one_moment"]
    caller.get("none", request=request)
    assert caller.keys == ["find_none", "flow_resume", "message_text"]


# -- what is offered -------------------------------------------------------------------------------


def test_a_flow_is_offered_when_all_its_tools_can_be_run(
    prompts: Prompts, knowledge: Knowledge, flows: Mapping[str, Flow]
) -> None:
    calendar = frozenset(tool for tool in CATALOGUE if tool.startswith("calendar."))
    some = Flows(flows, prompts, calendar - {"calendar.cancel"} | {"identity.verify"})
    offered = [name for name in flows if some.offers(name)]
    assert offered == ["book_appointment", "find_appointment", "move_appointment"]
    caller = Caller(Engine(prompts, knowledge, flows=some)).say(CANCEL)
    assert (caller.keys, caller.conversation.question) == (["cannot_do"], Question.CONNECT)
    assert caller.conversation.flows == ()
    nobody_known = Flows(flows, prompts, calendar)
    assert [name for name in flows if nobody_known.offers(name)] == ["book_appointment"]


def test_what_is_not_offered_is_not_done_in_the_middle_of_something_either(
    prompts: Prompts, knowledge: Knowledge, flows: Mapping[str, Flow]
) -> None:
    some = Flows(flows, prompts, frozenset({"message.leave"}))
    caller = Caller(Engine(prompts, knowledge, flows=some)).say(MESSAGE).say(CANCEL)
    assert (caller.keys, caller.conversation.question) == (["cannot_do"], Question.CONNECT)
    assert caller.say(Deny()).keys == ["message_text"]


def test_what_the_open_question_wants_is_told(caller: Caller, doing: Engine) -> None:
    assert doing.asked(caller.conversation) is None
    asked = doing.asked(caller.say(BOOK).conversation)
    assert asked is not None
    assert (asked.slot, asked.kind) == ("service", "choice")
    assert asked.options == ("Inspektion", "Hauptuntersuchung", "Ölwechsel", "Reifenwechsel")
    caller.say(FillSlot("service", "Ölwechsel"), FillSlot("date", "2026-12-01"), NAME, PHONE)
    asked = doing.asked(caller.get("free", *free("2026-12-01T09:00")).conversation)
    assert asked is not None
    assert asked.options == ("Dienstag, 1. Dezember um 9:00 Uhr",)
    asked = doing.asked(caller.say(Affirm()).conversation)
    assert asked is not None
    assert (asked.slot, asked.kind, asked.options) == ("confirm", "yes_no", ())
    asked = doing.asked(caller.say(AskKnowledge(None)).conversation)
    assert asked is not None
    assert (asked.slot, asked.kind) == ("connect", "yes_no")


def test_who_gives_a_number_nobody_rings_is_asked_for_another(caller: Caller) -> None:
    caller.say(CALL, NAME, PHONE).say(FillSlot("date", "2026-12-01"))
    caller.say(FillSlot("time", "10:00")).say(FillSlot("reason", "Die Rechnung")).say(Affirm())
    assert caller.get("bad_number").keys == ["flow_other_number", "flow_phone"]
    caller.say(FillSlot("phone", "0307654321"))
    assert caller.conversation.question == Question.CONFIRM
    caller.say(Affirm())
    assert caller.request.arguments["phone"] == "0307654321"
    assert caller.get("requested").keys[0] == "callback_requested"


def test_a_flow_that_does_not_say_what_follows_a_bad_number_offers_a_person(caller: Caller) -> None:
    caller.say(FIND).get("bad_number")
    assert (caller.keys, caller.conversation.question) == (["flow_bad_number"], Question.CONNECT)


def test_c18_it_is_known_which_slots_hold_a_callers_own_words(doing: Engine) -> None:
    assert doing.words == {"agreement", "complaint", "message", "reason", "recipient"}
    assert not doing.words & doing.secrets
