"""Doubt is asked about, never guessed away."""

from __future__ import annotations

import pytest

from tests.dialogue.flows.caller import Caller, free
from voice_agent.dialogue.commands import Affirm, Correct, Deny, FillSlot, StartFlow
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_outcome import Asked
from voice_agent.dialogue.reply import HandOver, HandoverReason

BOOK = StartFlow("book_appointment")
SERVICE = FillSlot("service", "inspection")
TUESDAY = FillSlot("date", "2026-12-01")
OFFER = free("2026-12-01T09:00", "2026-12-02T10:00", "2026-12-03T11:00")


def slots(caller: Caller) -> dict[str, str]:
    return dict(caller.conversation.flows[-1].slots)


def asked(caller: Caller) -> Asked:
    found = caller.engine.asked(caller.conversation)
    assert found is not None
    return found


def offered(caller: Caller, *more: FillSlot) -> Caller:
    """Somebody who is offered three days."""
    caller.say(BOOK, SERVICE, FillSlot("date", "2026-12-01/2026-12-04"), *more)
    return caller.get("free", *OFFER)


# -- a value that may have been misheard -----------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "question"),
    [("de", "Habe ich richtig verstanden, Meier?"), ("en", "Did I get that right, Meier?")],
)
def test_what_may_have_been_misheard_is_put_back(
    doing: Engine, language: str, question: str
) -> None:
    caller = Caller(doing, language).say(StartFlow("request_callback"))
    caller.say(FillSlot("name", "Meier", sure=False))
    assert (caller.text, slots(caller)) == (question, {})
    assert caller.say(Affirm()).keys == ["flow_phone"]
    assert slots(caller) == {"name": "Meier"}


def test_a_no_to_it_puts_the_question_again(caller: Caller) -> None:
    caller.say(StartFlow("request_callback")).say(FillSlot("name", "Meier", sure=False))
    assert caller.say(Deny()).keys == ["flow_name_again"]
    assert caller.say(FillSlot("name", "Mayer")).keys == ["flow_phone"]
    assert slots(caller) == {"name": "Mayer"}


def test_another_value_beside_the_no_is_taken(caller: Caller) -> None:
    caller.say(StartFlow("request_callback")).say(FillSlot("name", "Meier", sure=False))
    assert caller.say(Deny(), FillSlot("name", "Mayer")).keys == ["flow_phone"]
    assert slots(caller) == {"name": "Mayer"}


def test_what_is_heard_twice_is_right(caller: Caller) -> None:
    unsure = FillSlot("name", "Meier", sure=False)
    assert caller.say(StartFlow("request_callback")).say(unsure).say(unsure).keys == ["flow_phone"]


def test_a_person_comes_when_it_is_never_right(caller: Caller) -> None:
    caller.say(StartFlow("request_callback"))
    for name in ("Meier", "Maier", "Mayer", "Meyr"):
        caller.say(FillSlot("name", name, sure=False)).say(Deny())
        if isinstance(caller.reply.then, HandOver):
            break
    assert caller.reply.then == HandOver(HandoverReason.NOT_UNDERSTOOD)


# -- contradictions --------------------------------------------------------------------------------


def test_two_values_for_one_slot_are_asked_about(caller: Caller) -> None:
    caller.say(BOOK, SERVICE).say(TUESDAY, FillSlot("date", "2026-12-02"))
    assert caller.keys == ["flow_which"]
    assert "date" not in slots(caller)


def test_a_correction_is_no_contradiction(caller: Caller) -> None:
    caller.say(BOOK, SERVICE).say(TUESDAY, Correct("date", "2026-12-02"))
    assert caller.request.arguments["date"] == "2026-12-02"


def test_two_days_for_an_offer_choose_none(caller: Caller) -> None:
    offered(caller).say(TUESDAY, FillSlot("date", "2026-12-02"))
    assert "start" not in slots(caller)
    assert caller.keys == ["flow_which"]


def test_two_rows_of_an_offer_choose_none(caller: Caller) -> None:
    offered(caller).say(FillSlot("start", "2026-12-01T09:00", ("2026-12-02T10:00",)))
    assert "start" not in slots(caller)
    assert caller.keys == ["flow_pardon", "book_offer"]


def test_yes_and_no_at_once_confirm_nothing(caller: Caller) -> None:
    offered(caller, FillSlot("name", "Fischer"), FillSlot("phone", "+491723456789"))
    caller.say(FillSlot("start", "2026-12-01T09:00"))
    assert caller.keys == ["book_tell", "book_confirm"]
    caller.say(Affirm(), Deny())
    assert caller.keys == ["flow_pardon", "book_confirm_again"]
    assert caller.conversation.flows[-1].confirmed == {}


# -- what is not wanted ----------------------------------------------------------------------------


def test_an_excluded_day_is_left_out_of_the_offer(caller: Caller) -> None:
    offered(caller, FillSlot("date_excluded", "2026-12-02"))
    assert asked(caller).options == (
        "Dienstag, 1. Dezember um 9:00 Uhr",
        "Donnerstag, 3. Dezember um 11:00 Uhr",
    )


def test_a_day_excluded_from_the_offer_leaves_the_others(caller: Caller) -> None:
    offered(caller).say(Deny(), FillSlot("date_excluded", "2026-12-02"))
    assert len(asked(caller).options) == 2
    assert "Mittwoch" not in caller.text


def test_a_day_excluded_at_the_end_of_a_span_is_not_asked_for_any_more(caller: Caller) -> None:
    offered(caller).say(Deny(), FillSlot("date_excluded", "2026-12-01"))
    assert caller.request.arguments["date"] == "2026-12-02/2026-12-04"
    caller.get("free", *OFFER[1:])
    assert len(asked(caller).options) == 2


def test_what_reads_as_a_choice_is_not_taken_beside_what_is_excluded(caller: Caller) -> None:
    offered(caller).say(
        FillSlot("choice", "Dienstag, 1. Dezember um 9:00 Uhr"),
        FillSlot("date_excluded", "2026-12-01"),
    )
    assert "start" not in slots(caller)


def test_another_day_beside_the_excluded_one_is_taken(caller: Caller) -> None:
    offered(caller).say(FillSlot("date_excluded", "2026-12-01"), FillSlot("date", "2026-12-02"))
    assert slots(caller)["start"] == "2026-12-02T10:00"


def test_a_day_and_a_time_that_are_excluded_together_leave_the_rest_of_both(
    caller: Caller,
) -> None:
    """Not on Tuesday morning: but on Tuesday, and in the morning."""
    offered(caller).say(
        FillSlot("date_excluded", "2026-12-01"), FillSlot("time_excluded", "08:00/09:30")
    )
    assert len(asked(caller).options) == 2


def test_where_nothing_is_left_another_day_is_looked_for(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY).get("free", *free("2026-12-01T09:00", "2026-12-01T10:00"))
    caller.say(FillSlot("date_excluded", "2026-12-01"))
    assert caller.keys == ["book_another_day", "book_date"]
    assert "date" not in slots(caller)


def test_a_day_can_be_wanted_after_all(caller: Caller) -> None:
    offered(caller, FillSlot("date_excluded", "2026-12-02")).say(FillSlot("date", "2026-12-02"))
    assert slots(caller)["start"] == "2026-12-02T10:00"


def test_what_is_excluded_at_a_confirmation_is_no_yes(caller: Caller) -> None:
    offered(caller, FillSlot("name", "Fischer"), FillSlot("phone", "+491723456789"))
    caller.say(FillSlot("start", "2026-12-01T09:00"))
    caller.say(Affirm(), FillSlot("date_excluded", "2026-12-01"))
    assert caller.request.tool == "calendar.free"
    assert caller.conversation.flows[-1].confirmed == {}
    caller.get("free", *OFFER[1:]).say(FillSlot("start", "2026-12-02T10:00"))
    caller.say(Affirm(), FillSlot("date_excluded", "2026-12-03"))
    assert caller.keys == ["flow_what_wrong"]
    assert caller.conversation.flows[-1].confirmed == {}


@pytest.mark.parametrize("value", ["", "Dienstag", "2026-02-31", "x" * 100])
def test_what_is_no_date_excludes_nothing(caller: Caller, value: str) -> None:
    offered(caller).say(FillSlot("date_excluded", value))
    assert len(asked(caller).options) == 3
