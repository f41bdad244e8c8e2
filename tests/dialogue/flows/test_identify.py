"""Who calls is proved before anything about them is told, and once in a call (C23)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.dialogue.flows.caller import Caller, appointment
from voice_agent.dialogue.commands import (
    Affirm,
    Cancel,
    Correct,
    Deny,
    FillSlot,
    Impossible,
    StartFlow,
)
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Act, Flow
from voice_agent.dialogue.flow_engine import DEPTH
from voice_agent.dialogue.reply import Act as Acts
from voice_agent.dialogue.reply import HandOver, HandoverReason
from voice_agent.dialogue.slots.reading import Fault
from voice_agent.dialogue.tool import CATALOGUE

OIL = appointment("a1", "Ölwechsel", "2026-12-01T09:00")
ORDER = {"entry": "e1", "kind": "Auftrag", "reference": "A 4711"}
BOOK, MOVE, CANCEL, FIND, STATUS, MESSAGE = (
    StartFlow(name)
    for name in (
        "book_appointment",
        "move_appointment",
        "cancel_appointment",
        "find_appointment",
        "order_status",
        "leave_message",
    )
)
PHONE, OTHER_PHONE = FillSlot("phone", "+493023125101"), FillSlot("phone", "+493023125102")
PIN, WRONG, BIRTH = (FillSlot("secret", value) for value in ("482913", "482914", "1980-05-12"))


def stack(caller: Caller) -> list[str]:
    return [state.flow for state in caller.conversation.flows]


@pytest.mark.parametrize("flow", [MOVE, CANCEL, FIND, STATUS])
@pytest.mark.parametrize("secret", [PIN, BIRTH])
def test_c23_what_is_about_a_person_begins_with_who_they_are(
    caller: Caller, flow: StartFlow, secret: FillSlot
) -> None:
    assert caller.say(flow).keys == ["identify_phone"]
    assert caller.say(PHONE).keys == ["identify_secret"]
    request = caller.say(secret).request
    assert request.tool == "identity.verify"
    assert request.arguments == {"phone": PHONE.value, "secret": secret.value}
    caller.get("verified")
    assert caller.keys == ["identify_verified"]
    assert CATALOGUE[caller.request.tool].personal
    assert stack(caller) == [flow.name]


def test_c23_every_flow_with_a_personal_tool_begins_so(flows: Mapping[str, Flow]) -> None:
    for flow in flows.values():
        acts = [step.tool for step in flow.steps.values() if isinstance(step, Act)]
        if not flow.is_asked_for:
            # They begin a call that we made, with whoever has proved who they are.
            assert flow.name in {"identify", "remind", "remind_other"}
        elif any(CATALOGUE[tool].personal for tool in acts):
            assert flow.before == {"identify"}
            assert flow.steps[flow.first].id == "who"


def test_who_was_verified_is_not_asked_again_in_this_call(caller: Caller) -> None:
    caller.say(FIND).say(PHONE).say(PIN).get("verified").get("found", OIL)
    assert caller.keys == ["find_next", "anything_else"]
    assert caller.say(CANCEL).request.tool == "calendar.appointments"


def test_what_was_said_before_is_kept_meanwhile(caller: Caller) -> None:
    caller.say(CANCEL, FillSlot("date", "2026-12-01"), FillSlot("time", "09:00"))
    caller.say(PHONE).say(PIN).get("verified").get("found", OIL)
    assert caller.keys == ["cancel_confirm"]


def test_a_number_that_was_given_for_something_else_is_taken_and_can_be_corrected(
    caller: Caller,
) -> None:
    caller.say(MESSAGE, PHONE).say(FIND)
    assert caller.keys == ["identify_secret"]
    caller.say(Correct("phone", OTHER_PHONE.value))
    assert caller.keys == ["identify_secret"]
    assert caller.say(PIN).request.arguments["phone"] == OTHER_PHONE.value


# -- when it is not proved -------------------------------------------------------------------------


def test_c23_one_sentence_for_every_failure_two_attempts_and_a_person(caller: Caller) -> None:
    caller.say(FIND).say(PHONE).say(WRONG).get("failed")
    assert caller.keys == ["identify_failed", "identify_phone"]
    first = caller.reply.lines[0]
    caller.say(PHONE).say(BIRTH).get("locked")
    assert caller.keys == ["identify_failed", "connecting_human"]
    assert caller.reply.lines[0] == first
    assert caller.reply.then == HandOver(HandoverReason.FLOW)
    assert caller.conversation.done == frozenset()


def test_the_same_again_is_an_attempt_of_its_own(caller: Caller) -> None:
    first = caller.say(FIND).say(PHONE).say(WRONG).request
    again = caller.get("failed").say(PHONE).say(WRONG).request
    assert (again.arguments, again.number) == (first.arguments, first.number + 1)


@pytest.mark.parametrize("outcome", ["away", "denied", "no such outcome"])
def test_when_nobody_can_be_verified_a_person_is_offered_and_nothing_is_told(
    caller: Caller, outcome: str
) -> None:
    caller.say(FIND).say(PHONE).say(PIN).get(outcome)
    assert caller.conversation.question == Question.CONNECT
    assert (stack(caller), caller.conversation.done) == ([], frozenset())
    assert caller.say(Deny()).keys != ["identify_phone"]


def test_never_mind_ends_what_it_was_for_as_well(caller: Caller) -> None:
    assert caller.say(FIND).say(PHONE).say(Cancel()).keys == ["flow_cancelled", "anything_else"]
    assert caller.conversation.flows == ()
    assert caller.say(FIND).keys == ["identify_phone"]


def test_never_mind_goes_back_to_what_was_begun_before(caller: Caller) -> None:
    caller.say(BOOK).say(FIND).say(Cancel())
    assert caller.keys == ["flow_cancelled", "flow_resume", "book_service"]


def test_a_birth_date_that_cannot_be_is_no_attempt(caller: Caller) -> None:
    caller.say(FIND).say(PHONE).say(Impossible("secret", Fault.IMPOSSIBLE))
    assert caller.keys == ["flow_impossible", "identify_secret_again"]


def test_yes_is_no_proof(caller: Caller) -> None:
    caller.say(FIND).say(PHONE).say(Affirm())
    assert not isinstance(caller.reply.then, Acts)
    assert caller.conversation.done == frozenset()


def test_nobody_can_ask_for_the_proof_alone(caller: Caller) -> None:
    assert caller.say(StartFlow("identify")).keys == ["cannot_do"]
    assert caller.conversation.flows == ()


# -- several ---------------------------------------------------------------------------------------


def test_what_is_begun_in_between_comes_first_and_then_the_proof_goes_on(caller: Caller) -> None:
    caller.say(FIND).say(PHONE).say(MESSAGE).say(Cancel())
    assert caller.keys == ["flow_cancelled", "flow_resume", "identify_secret"]
    caller.say(PIN).get("verified")
    assert caller.request.tool == "calendar.appointments"


def test_two_that_need_the_proof_are_done_after_one(caller: Caller) -> None:
    caller.say(CANCEL).say(PHONE).say(FIND)
    assert (stack(caller), caller.keys) == (
        ["cancel_appointment", "find_appointment", "identify"],
        ["identify_secret"],
    )
    caller.say(PIN).get("verified").get("found", OIL)
    assert caller.keys == ["find_next", "flow_resume"]
    assert caller.request.flow == "cancel_appointment"


def test_the_deepest_stack_still_has_room_for_the_proof(caller: Caller) -> None:
    caller.say(BOOK).say(MESSAGE).say(StartFlow("complaint")).say(FIND)
    assert len(stack(caller)) == DEPTH + 1
    caller.say(PHONE).say(PIN).get("verified").get("none")
    assert len(stack(caller)) == DEPTH - 1


# -- contracts and orders --------------------------------------------------------------------------


@pytest.fixture
def known(doing: Engine) -> Caller:
    """Somebody who has proved who they are."""
    return Caller(doing, known=True)


def test_how_an_order_stands_is_told(known: Caller) -> None:
    known.say(STATUS).get("found", ORDER, {**ORDER, "entry": "e2", "reference": "A 4712"})
    assert known.keys == ["order_which"]
    assert "Auftrag A 4711 oder Auftrag A 4712" in known.text
    request = known.say(FillSlot("entry", "e2")).request
    assert (request.tool, request.arguments) == ("record.entry", {"entry": "e2"})
    known.get("told", kind="Auftrag", reference="A 4712", date="2026-11-20", status="in Arbeit")
    assert "Auftrag A 4712 vom Freitag, 20. November: in Arbeit." in known.text


def test_who_has_ordered_nothing_is_told_so(known: Caller) -> None:
    assert known.say(STATUS).get("none").keys == ["order_none", "anything_else"]


def test_another_persons_order_is_as_good_as_none(known: Caller) -> None:
    known.say(STATUS).get("found", ORDER).say(Affirm()).get("not_yours")
    assert known.keys == ["order_not_there", "connecting_human"]


# -- secrets ---------------------------------------------------------------------------------------


def test_a_secret_is_not_said_and_in_no_repr(caller: Caller) -> None:
    caller.say(FIND).say(PHONE).say(FillSlot("secret", "482913", ("482914",)))
    assert caller.request.arguments["secret"] == "482913"
    shown = [repr(caller.reply), repr(caller.request)]
    caller.get("failed")
    shown += [repr(caller.reply), caller.text]
    assert not any(secret in each for each in shown for secret in ("482913", "482914"))


@pytest.mark.parametrize(
    "said",
    [
        (FillSlot("secret", "482914"), FillSlot("secret", "482913")),
        (FillSlot("secret", "482913", ("482914",)),),
        (FillSlot("secret", "482913", sure=False),),
    ],
)
def test_nobody_is_asked_whether_a_secret_was_heard_right(
    caller: Caller, said: tuple[FillSlot, ...]
) -> None:
    caller.say(FIND).say(PHONE).say(*said)
    assert caller.request.arguments["secret"] == "482913"


def test_a_pin_is_typed(caller: Caller, doing: Engine) -> None:
    asked = doing.asked(caller.say(FIND).say(PHONE).conversation)
    assert asked is not None
    assert asked.is_typed
    caller.reply = doing.keyed(caller.conversation, asked, "482913")
    assert caller.request.arguments == {"phone": PHONE.value, "secret": "482913"}


def test_too_few_keys_are_no_attempt(caller: Caller, doing: Engine) -> None:
    asked = doing.asked(caller.say(FIND).say(PHONE).conversation)
    assert asked is not None
    caller.reply = doing.keyed(caller.conversation, asked, "482")
    assert caller.keys[-1] == "identify_secret_again"


def test_what_is_asked_for_is_told_as_a_secret(caller: Caller, doing: Engine) -> None:
    """So that whoever listens, logs, shows or asks a model knows to leave the answer alone."""
    asked = doing.asked(caller.say(FIND).say(PHONE).conversation)
    assert asked is not None
    assert (asked.slot, asked.kind, asked.options) == ("secret", "secret", ())
