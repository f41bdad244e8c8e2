from __future__ import annotations

import pytest

from tests.dialogue.flows.caller import Caller, free
from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Cancel,
    Correct,
    Deny,
    FillSlot,
    Goodbye,
    HumanPlease,
    Impossible,
    Repeat,
    StartFlow,
    SwitchLanguage,
    Wait,
)
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.reply import Act, HandOver, HandoverReason, HangUp, Listen
from voice_agent.dialogue.slots.reading import Fault

BOOK = StartFlow("book_appointment")
SERVICE = FillSlot("service", "Inspektion")
TUESDAY = FillSlot("date", "2026-12-01")
WEDNESDAY = FillSlot("date", "2026-12-02")
NAME, PHONE = FillSlot("name", "Fischer"), FillSlot("phone", "0301234567")
NINE, TWO = "2026-12-01T09:00", "2026-12-01T14:00"


def at_confirmation(caller: Caller) -> Caller:
    """Everything is said, nothing is booked."""
    caller.say(BOOK, SERVICE, TUESDAY, NAME, PHONE).get("free", *free(NINE, TWO))
    caller.say(FillSlot("time", "14:00"))
    assert caller.keys == ["book_tell", "book_confirm"]
    return caller


def test_an_appointment_is_made_from_the_first_word_to_the_calendar(caller: Caller) -> None:
    assert caller.say(BOOK).keys == ["book_service"]
    assert caller.say(SERVICE).keys == ["book_date"]
    caller.say(TUESDAY)
    assert (caller.request.tool, caller.request.language) == ("calendar.free", "de")
    assert caller.request.arguments == {"service": "inspection", "date": "2026-12-01"}
    caller.get("free", *free(NINE, TWO))
    assert "Dienstag, 1. Dezember um 9:00 Uhr oder um 14:00 Uhr" in caller.text
    assert caller.say(FillSlot("start", TWO)).keys == ["flow_name"]
    assert caller.say(NAME).keys == ["flow_phone"]
    assert caller.say(PHONE).keys == ["book_tell", "book_confirm"]
    for said in ("Inspektion", "Dienstag, 1. Dezember um 14:00 Uhr", "Fischer", "0301234567"):
        assert said in caller.text
    assert caller.conversation.question == Question.CONFIRM
    caller.say(Affirm())
    assert caller.request.tool == "calendar.book"
    assert caller.request.arguments == {
        "service": "inspection",
        "start": TWO,
        "name": "Fischer",
        "phone": "0301234567",
    }
    caller.get("booked", date="2026-12-01", time="14:00")
    assert caller.keys == ["book_booked", "anything_else"]
    assert caller.conversation.flows == ()
    assert caller.conversation.question == Question.ANYTHING_ELSE


def test_it_is_made_in_english_too(doing: Engine) -> None:
    caller = Caller(doing, "en").say(BOOK, FillSlot("service", "oil change"), TUESDAY, NAME, PHONE)
    caller.get("free", *free(NINE, TWO)).say(FillSlot("start", NINE))
    assert "oil change on Tuesday, 1 December at 9:00" in caller.text


def test_nothing_is_asked_that_was_said_in_one_breath(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY, FillSlot("time", "09:00"), NAME, PHONE)
    assert caller.request.arguments == {
        "service": "inspection",
        "date": "2026-12-01",
        "time": "09:00",
    }
    # It is free at exactly the time that was wished for, so there is nothing to choose.
    assert caller.get("free", *free(NINE)).keys == ["book_tell", "book_confirm"]


def test_what_is_said_too_early_is_kept_until_it_is_needed(caller: Caller) -> None:
    caller.say(BOOK).say(PHONE)
    assert caller.keys == ["book_service_again"]
    caller.say(SERVICE, NAME).say(TUESDAY).get("free", *free(NINE, TWO))
    assert caller.say(FillSlot("start", NINE)).keys == ["book_tell", "book_confirm"]
    assert "0301234567" in caller.text


def test_a_free_time_is_chosen_by_what_tells_it_apart(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, FillSlot("date", "2026-12-01/2026-12-04"), NAME, PHONE)
    caller.get("free", *free(NINE, "2026-12-02T09:00", "2026-12-02T14:00"))
    caller.say(WEDNESDAY, FillSlot("time", "14:00"))
    assert "Mittwoch, 2. Dezember um 14:00 Uhr" in caller.text


def test_a_free_time_is_chosen_by_what_it_was_called(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY, NAME, PHONE).get("free", *free(NINE, TWO))
    caller.say(FillSlot("start", "Dienstag, 1. Dezember um 9:00 Uhr"))
    assert caller.keys == ["book_tell", "book_confirm"]


def test_a_time_nobody_offered_is_not_chosen(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY).get("free", *free(NINE, TWO))
    assert caller.say(FillSlot("start", "2026-12-01T03:00")).keys == ["flow_pardon", "book_offer"]


def test_a_single_free_time_is_taken_with_a_yes(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY).get("free", *free(NINE))
    assert caller.keys == ["book_offer_one"]
    assert caller.say(Affirm()).keys == ["flow_name"]


def test_who_wants_none_of_them_is_asked_for_another_day(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY).get("free", *free(NINE, TWO))
    assert caller.say(Deny()).keys == ["book_another_day", "book_date"]
    caller.say(WEDNESDAY)
    assert caller.request.arguments["date"] == "2026-12-02"


# -- corrections -----------------------------------------------------------------------------------


def test_no_and_another_day_is_a_correction(caller: Caller) -> None:
    at_confirmation(caller).say(Deny(), WEDNESDAY)
    # Two o'clock was chosen and is still meant.
    assert caller.request.arguments == {
        "service": "inspection",
        "date": "2026-12-02",
        "time": "14:00",
    }
    caller.get("free", *free("2026-12-02T14:00"))
    assert caller.keys == ["book_tell", "book_confirm"]
    assert "Mittwoch, 2. Dezember um 14:00" in caller.text
    caller.say(Affirm())
    assert caller.request.arguments["start"] == "2026-12-02T14:00"


def test_what_was_corrected_is_confirmed_again_and_not_booked_with_the_same_yes(
    caller: Caller,
) -> None:
    at_confirmation(caller).say(Affirm(), Correct("name", "Fiedler"))
    assert caller.keys == ["book_tell", "book_confirm"]
    assert "Fiedler" in caller.text
    caller.say(Affirm())
    assert caller.request.arguments["name"] == "Fiedler"


def test_a_no_is_asked_what_is_wrong(caller: Caller) -> None:
    at_confirmation(caller).say(Deny())
    assert (caller.keys, caller.conversation.question) == (["flow_what_wrong"], Question.CHANGE)
    caller.say(FillSlot("phone", "030999"))
    assert caller.keys == ["book_tell", "book_confirm"]
    assert "030999" in caller.text


def test_no_and_no_again_leaves_it(caller: Caller) -> None:
    at_confirmation(caller).say(Deny()).say(Deny())
    assert caller.keys == ["flow_cancelled", "anything_else"]
    assert caller.conversation.flows == ()


def test_who_finds_nothing_wrong_after_all_is_asked_to_confirm_again(caller: Caller) -> None:
    at_confirmation(caller).say(Deny()).say(Affirm())
    assert caller.keys == ["book_tell", "book_confirm"]
    assert caller.say(Affirm()).request.tool == "calendar.book"


def test_yes_and_no_at_once_books_nothing(caller: Caller) -> None:
    at_confirmation(caller).say(Affirm(), Deny())
    assert caller.reply.then == Listen()


def test_a_yes_to_a_question_that_was_not_heard_books_nothing(caller: Caller) -> None:
    """The call core clears a question that the caller spoke over."""
    at_confirmation(caller)
    conversation = caller.conversation
    unheard = type(conversation)(
        language="de", turns=conversation.turns, flows=conversation.flows, question=None
    )
    reply = caller.engine.respond(unheard, (Affirm(),))
    assert reply.then == Listen()
    assert [line.key for line in reply.lines] == ["flow_pardon", "book_tell", "book_confirm"]


def test_the_same_value_again_changes_nothing(caller: Caller) -> None:
    at_confirmation(caller).say(Affirm(), NAME)
    assert caller.request.tool == "calendar.book"


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "key"),
    [
        ("taken", "book_taken"),
        ("closed", "book_closed"),
        ("holiday", "book_holiday"),
        ("in_past", "book_past"),
        ("too_soon", "book_soon"),
        ("outside_horizon", "book_far"),
    ],
)
def test_a_day_that_cannot_be_is_told_why_with_what_is_free_instead(
    caller: Caller, outcome: str, key: str
) -> None:
    caller.say(BOOK, SERVICE, FillSlot("date", "2026-12-25"))
    caller.get(outcome, *free(NINE, TWO), holiday="Erster Weihnachtstag")
    assert caller.keys == [key, "book_instead"]
    assert caller.say(FillSlot("start", NINE)).keys == ["flow_name"]


def test_a_day_that_cannot_be_and_nothing_instead_is_asked_for_again(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY).get("closed")
    assert caller.keys == ["book_closed", "book_another_day", "book_date"]


def test_the_same_refusal_of_another_day_is_said_again(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY).get("taken", *free(NINE)).say(WEDNESDAY)
    assert caller.get("taken", *free(NINE)).keys == ["book_taken", "book_instead_one"]


def test_a_time_that_somebody_else_took_is_chosen_anew_and_confirmed_anew(caller: Caller) -> None:
    at_confirmation(caller).say(Affirm()).get("taken", *free(NINE, "2026-12-02T09:00"))
    assert caller.keys == ["book_gone", "book_instead"]
    assert caller.say(FillSlot("start", NINE)).keys == ["book_tell", "book_confirm"]
    caller.say(Affirm())
    assert (caller.request.arguments["start"], caller.request.number) == (NINE, 3)


@pytest.mark.parametrize("outcome", ["away", "no such outcome", "booked"])
def test_a_calendar_that_does_not_answer_leads_to_a_person(caller: Caller, outcome: str) -> None:
    """So does one whose answer does not tell what it promises."""
    at_confirmation(caller).say(Affirm()).get(outcome)
    assert (caller.keys, caller.conversation.question) == (["flow_unsure"], Question.CONNECT)
    assert caller.conversation.flows == ()
    assert caller.say(Affirm()).reply.then == HandOver(HandoverReason.OFFER_ACCEPTED)


def test_what_this_caller_may_not_do_leads_to_a_person(doing: Engine) -> None:
    caller = Caller(doing, known=True).say(StartFlow("find_appointment")).get("denied")
    assert (caller.keys, caller.conversation.question) == (["flow_denied"], Question.CONNECT)


def test_a_service_that_is_not_there_is_done_by_a_person(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, TUESDAY).get("unknown")
    assert caller.keys == ["book_unknown", "connecting_human"]
    assert caller.reply.then == HandOver(HandoverReason.FLOW)


# -- what else is said -----------------------------------------------------------------------------


def test_a_question_in_between_is_answered_and_the_open_one_put_again_shorter(
    caller: Caller,
) -> None:
    caller.say(BOOK).say(AskKnowledge("opening_hours"))
    assert caller.keys == ["knowledge.opening_hours", "book_service_again"]
    at_confirmation(caller).say(AskKnowledge("opening_hours"))
    assert caller.keys == ["knowledge.opening_hours", "book_confirm_again"]
    assert caller.say(Affirm()).request.tool == "calendar.book"


def test_an_answer_and_a_question_in_one_breath_both_count(caller: Caller) -> None:
    caller.say(BOOK).say(SERVICE, AskKnowledge("opening_hours"))
    assert caller.keys == ["knowledge.opening_hours", "book_date"]


def test_a_question_without_an_answer_offers_a_person_and_then_goes_on(caller: Caller) -> None:
    caller.say(BOOK).say(AskKnowledge(None))
    assert (caller.keys, caller.conversation.question) == (["unknown_answer"], Question.CONNECT)
    assert caller.say(Deny()).keys == ["book_service"]
    caller.say(AskKnowledge(None)).say(SERVICE)
    assert caller.keys == ["book_date"]


def test_whoever_is_not_understood_about_a_person_twice_gets_one(caller: Caller) -> None:
    caller.say(BOOK).say(AskKnowledge(None))
    assert caller.say().keys == ["not_understood"]
    assert caller.say().reply.then == HandOver(HandoverReason.NOT_UNDERSTOOD)


def test_the_last_thing_said_is_the_question_that_is_open(caller: Caller) -> None:
    at_confirmation(caller).say(Deny(), AskKnowledge(None), NAME, Correct("name", "Fiedler"))
    assert caller.keys == ["book_tell", "unknown_answer"]
    assert caller.conversation.question == Question.CONNECT
    assert caller.say(Deny()).keys == ["book_tell", "book_confirm"]


def test_asked_to_repeat_or_to_wait_the_question_stays_open(caller: Caller) -> None:
    at_confirmation(caller).say(Repeat())
    assert caller.keys == ["book_tell", "book_confirm"]
    assert caller.say(Wait()).keys == ["waiting"]
    assert caller.say(Affirm()).request.tool == "calendar.book"


def test_in_another_language_the_question_is_put_in_it(caller: Caller) -> None:
    at_confirmation(caller).say(SwitchLanguage("en"))
    assert "service inspection on Tuesday, 1 December" in caller.text
    assert caller.keys == ["book_tell", "book_confirm"]
    assert {line.language for line in caller.reply.lines} == {"en"}
    assert caller.say(Affirm()).request.tool == "calendar.book"


@pytest.mark.parametrize("command", [Cancel(), Goodbye()])
def test_never_mind_ends_it_with_a_word(caller: Caller, command: Cancel | Goodbye) -> None:
    at_confirmation(caller).say(command)
    assert caller.keys[0] == "flow_cancelled"
    assert caller.conversation.flows == ()
    assert (caller.reply.then == HangUp()) is isinstance(command, Goodbye)


def test_a_person_is_never_refused_and_nothing_stays_open(caller: Caller) -> None:
    at_confirmation(caller).say(Affirm(), HumanPlease())
    assert caller.reply.then == HandOver(HandoverReason.ASKED)
    assert caller.conversation.flows == ()


def test_a_question_counts_as_put_when_its_own_line_is_heard(caller: Caller) -> None:
    """A yes in the middle of the values, before the question, is none to it."""
    at_confirmation(caller)
    assert caller.reply.asks == caller.reply.lines[-1]
    caller.say(AskKnowledge("opening_hours"))
    assert caller.reply.asks == caller.reply.lines[-1]
    assert caller.say(AskKnowledge(None)).reply.asks == caller.reply.lines[-1]
    assert caller.say(Repeat()).reply.asks is None  # it was heard before


# -- not understood --------------------------------------------------------------------------------


def test_a_question_is_put_in_three_ways_and_then_a_person_takes_over(caller: Caller) -> None:
    caller.say(BOOK)
    assert caller.say().keys == ["flow_pardon", "book_service_again"]
    assert caller.say().keys == ["sorry_for_trouble", "flow_press"]
    assert caller.say().reply.then == HandOver(HandoverReason.NOT_UNDERSTOOD)


def test_a_silence_counts_as_well(caller: Caller) -> None:
    caller.say(BOOK)
    assert caller.nothing().keys == ["still_there", "book_service_again"]
    assert caller.say().keys == ["flow_pardon", "flow_press"]
    assert caller.nothing().reply.then == HandOver(HandoverReason.NOT_UNDERSTOOD)


def test_attempts_count_for_each_question_by_itself(caller: Caller) -> None:
    caller.say(BOOK).say().nothing().say(SERVICE).say().nothing()
    assert caller.keys == ["still_there", "book_date_help"]
    assert caller.say(TUESDAY).request.tool == "calendar.free"


def test_words_that_may_mean_two_things_are_asked_about(caller: Caller) -> None:
    caller.say(BOOK, SERVICE).say(FillSlot("date", "2026-12-01", ("2026-12-08",)))
    assert caller.keys == ["flow_which"]
    assert "Dienstag, 1. Dezember oder Dienstag, 8. Dezember" in caller.text
    caller.say(FillSlot("date", "Dienstag, 8. Dezember"))
    assert caller.request.arguments["date"] == "2026-12-08"


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("service", "Motorwäsche"),
        ("date", "2026-02-31"),
        ("date", "morgen"),
        ("date", ""),
        ("phone", "ring mich an"),
        ("name", "{company}"),
        ("nonsense", "x"),
    ],
)
def test_a_value_that_is_none_fills_nothing(caller: Caller, slot: str, value: str) -> None:
    assert caller.say(BOOK).say(FillSlot(slot, value)).keys == [
        "flow_pardon",
        "book_service_again",
    ]


@pytest.mark.parametrize(
    ("fault", "key"), [(Fault.PAST, "flow_past"), (Fault.IMPOSSIBLE, "flow_impossible")]
)
def test_a_day_that_there_cannot_be_is_told_why(caller: Caller, fault: Fault, key: str) -> None:
    caller.say(BOOK, SERVICE).say(Impossible("date", fault))
    assert caller.keys == [key, "book_date_again"]
    at_confirmation(caller).say(Deny(), Impossible("date", fault))
    assert caller.keys == [key, "flow_what_wrong"]
    assert caller.say(BOOK, Impossible("email", fault)).keys == ["flow_pardon", "flow_what_wrong"]


def test_an_impossible_day_does_not_spoil_what_was_said_beside_it(caller: Caller) -> None:
    caller.say(BOOK, SERVICE, Impossible("date", Fault.PAST))
    assert caller.keys == ["flow_past", "book_date"]


# -- while a tool is at work -----------------------------------------------------------------------


def test_while_a_tool_is_at_work_it_is_asked_once(caller: Caller) -> None:
    request = at_confirmation(caller).say(Affirm()).request
    assert caller.say(Affirm()).keys == ["one_moment"]
    assert caller.say(AskKnowledge("opening_hours")).keys == ["knowledge.opening_hours"]
    assert caller.say(Cancel()).keys == ["one_moment"]  # too late: it may be booked already
    caller.get("booked", request=request, date="2026-12-01", time="14:00")
    assert caller.keys == ["book_booked", "anything_else"]


def test_a_correction_while_free_times_are_looked_up_counts(caller: Caller) -> None:
    request = caller.say(BOOK, SERVICE, TUESDAY).request
    assert caller.say(Deny(), WEDNESDAY).keys == ["one_moment"]
    caller.get("free", *free(NINE, TWO), request=request)
    assert caller.request.arguments["date"] == "2026-12-02"


def test_an_answer_nobody_waits_for_is_left_alone(caller: Caller, doing: Engine) -> None:
    request = caller.say(BOOK, SERVICE, TUESDAY).request
    caller.say(Cancel())
    late = type(caller)(doing)
    with pytest.raises(AssertionError):
        caller.get("free", *free(NINE), request=request)
    assert late.conversation.flows == ()


def test_everything_that_is_said_about_a_caller_is_marked_personal(caller: Caller) -> None:
    at_confirmation(caller)
    assert [line.personal for line in caller.reply.lines] == [True, False]
    shown = repr(caller.reply) + repr(caller.say(Affirm()).reply)
    assert isinstance(caller.reply.then, Act)
    for value in ("Fischer", "0301234567", TWO):
        assert value not in shown
