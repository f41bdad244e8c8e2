"""What happens when a caller has had enough: one apology, and a person soon."""

from __future__ import annotations

import pytest

from tests.dialogue.flows.caller import Caller
from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Command,
    Deny,
    FillSlot,
    Frustrated,
    HumanPlease,
    StartFlow,
    WithdrawConsent,
)
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.reply import HandOver, HandoverReason, Listen, Withdraw

BOOK = StartFlow("book_appointment")
SERVICE = FillSlot("service", "inspection")
HOURS = AskKnowledge("opening_hours")
SORRY = "sorry_for_trouble"
ANGRY = {"de": "Das ist ja unglaublich!", "en": "This is ridiculous."}


@pytest.fixture(params=["de", "en"])
def someone(request: pytest.FixtureRequest, doing: Engine) -> Caller:
    return Caller(doing, request.param)


def speak(caller: Caller, text: str, *commands: Command) -> Caller:
    """Say words that were understood so."""
    return caller.say(*caller.engine.proposals(caller.conversation, commands, text))


def test_whoever_has_had_enough_hears_one_apology_and_is_offered_a_person(someone: Caller) -> None:
    speak(someone, ANGRY[someone.conversation.language])
    assert someone.keys == [SORRY, "offer_human"]
    assert someone.conversation.question == Question.CONNECT
    assert someone.say(Affirm()).reply.then == HandOver(HandoverReason.OFFER_ACCEPTED)


def test_at_the_second_sign_a_person_takes_over_at_once(someone: Caller) -> None:
    angry = ANGRY[someone.conversation.language]
    speak(someone, angry)
    someone.say(Deny()).say(HOURS)
    speak(someone, angry, HOURS)
    assert someone.reply.then == HandOver(HandoverReason.FRUSTRATED)
    assert SORRY not in someone.keys


def test_what_was_said_besides_is_answered(someone: Caller) -> None:
    speak(someone, ANGRY[someone.conversation.language], BOOK)
    assert someone.keys == [SORRY, "book_service"]
    assert someone.reply.then == Listen()


def test_an_apology_is_not_repeated_with_what_was_said_last(someone: Caller) -> None:
    speak(someone, ANGRY[someone.conversation.language], BOOK)
    assert [line.key for line in someone.conversation.last] == ["book_service"]


def test_in_a_flow_a_person_is_offered_and_after_a_no_the_question_is_put_again(
    someone: Caller,
) -> None:
    someone.say(BOOK)
    speak(someone, ANGRY[someone.conversation.language])
    assert someone.keys == [SORRY, "offer_human"]
    assert someone.say(Deny()).keys == ["book_service"]
    assert someone.say(SERVICE).keys == ["book_date"]


def test_after_a_sign_the_first_miss_offers_a_person(someone: Caller) -> None:
    speak(someone, ANGRY[someone.conversation.language], BOOK)
    assert someone.say().keys == ["offer_human"]
    assert someone.say(Deny()).keys == ["book_service_again"]
    assert someone.say(SERVICE).keys == ["book_date"]


def test_after_a_sign_the_first_miss_outside_a_flow_offers_a_person_too(someone: Caller) -> None:
    speak(someone, ANGRY[someone.conversation.language], HOURS)
    assert someone.say().keys == ["offer_human"]
    assert someone.say().reply.then == HandOver(HandoverReason.NOT_UNDERSTOOD)


def test_two_misses_in_a_row_are_a_sign(someone: Caller) -> None:
    someone.say(BOOK).say()
    assert someone.keys[0] == "flow_pardon"
    assert someone.say().keys == [SORRY, "flow_press"]
    speak(someone, ANGRY[someone.conversation.language])
    assert someone.reply.then == HandOver(HandoverReason.FRUSTRATED)


def test_misses_that_are_not_in_a_row_are_none(someone: Caller) -> None:
    someone.say(BOOK).say().say(SERVICE).say()
    assert someone.keys == ["flow_pardon", "book_date_again"]
    assert someone.conversation.frustration == 0


def test_silences_are_no_sign(someone: Caller) -> None:
    someone.say(BOOK).nothing().nothing()
    assert someone.conversation.frustration == 0


def test_a_person_asked_for_in_vain_counts(someone: Caller) -> None:
    someone.say(HumanPlease())
    assert someone.reply.then == HandOver(HandoverReason.ASKED)
    speak(someone, ANGRY[someone.conversation.language], HOURS)
    assert someone.reply.then == HandOver(HandoverReason.FRUSTRATED)


def test_a_person_and_a_withdrawal_come_first(someone: Caller) -> None:
    assert someone.say(Frustrated(), HumanPlease()).reply.then == HandOver(HandoverReason.ASKED)
    assert someone.say(Frustrated(), WithdrawConsent()).reply.then == Withdraw()


@pytest.mark.parametrize(
    ("language", "text", "heard"),
    [
        ("de", "Das ist ja unglaublich!", Affirm()),
        ("de", "Das gibt's doch nicht.", Deny()),
        ("en", "You don't understand me.", Deny()),
    ],
)
def test_an_outburst_is_no_answer_to_a_question(
    doing: Engine, language: str, text: str, heard: Command
) -> None:
    """Nothing is booked on the strength of "ja unglaublich"."""
    caller = Caller(doing, language).say(BOOK)
    said = caller.engine.proposals(caller.conversation, (heard,), text)
    assert said == (Frustrated(),)


def test_what_is_told_in_a_message_is_for_whoever_reads_it(someone: Caller) -> None:
    text = ANGRY[someone.conversation.language]
    someone.say(StartFlow("complaint"))
    speak(someone, text)
    assert someone.conversation.frustration == 0
    assert text in someone.conversation.flows[-1].slots.values()


def test_while_something_is_being_done_an_apology_is_all(someone: Caller) -> None:
    someone.say(BOOK, SERVICE, FillSlot("date", "2026-12-01"))
    assert someone.request.tool == "calendar.free"
    speak(someone, ANGRY[someone.conversation.language])
    assert someone.keys == [SORRY, "one_moment"]
