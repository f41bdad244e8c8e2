"""Whether an appointment is wanted by text message is asked once it is booked or moved."""

from __future__ import annotations

import pytest

from tests.dialogue.flows.caller import Caller, appointment, free
from voice_agent.dialogue.commands import Affirm, Command, Correct, Deny, FillSlot, StartFlow
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.reply import Act, Listen

NINE, TWO = "2026-12-01T09:00", "2026-12-01T14:00"


@pytest.fixture
def caller(writing: Engine) -> Caller:
    """Somebody whose appointment is being booked, where text messages can be sent."""
    caller = Caller(writing)
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
    """It is booked, and a message can be sent."""
    caller.get("booked", date="2026-12-01", time="14:00")
    assert caller.request.tool == "confirmation.check"
    caller.get("possible")
    assert caller.keys[-1] == "confirmation_wanted"
    assert caller.conversation.question == Question.CONFIRM
    return caller


def test_a_yes_sends_it(caller: Caller) -> None:
    asked(caller).say(Affirm())
    assert (caller.request.tool, caller.request.arguments) == ("confirmation.send", {})
    assert caller.get("sent").keys == ["confirmation_sent", "anything_else"]
    assert caller.conversation.flows == ()


def test_who_gets_a_pin_with_it_is_asked_too(caller: Caller) -> None:
    caller.get("booked_with_pin", date="2026-12-01", time="14:00", pin="123456").get("possible")
    assert caller.keys[-1] == "confirmation_wanted"


def test_a_no_sends_nothing_and_nobody_is_asked_again(caller: Caller) -> None:
    assert asked(caller).say(Deny()).keys == ["anything_else"]
    assert caller.conversation.flows == ()


@pytest.mark.parametrize(
    ("outcome", "key"),
    [
        ("already_sent", "confirmation_sent_before"),
        ("no_number", "confirmation_withheld"),
        ("unreachable", "confirmation_unreachable"),
        ("failed", "confirmation_unsent"),
        ("away", "confirmation_unsent"),
        ("denied", "confirmation_unsent"),
        ("no such outcome", "confirmation_unsent"),
    ],
)
def test_whatever_becomes_of_it_is_said(caller: Caller, outcome: str, key: str) -> None:
    asked(caller).say(Affirm())
    assert caller.get(outcome).keys == [key, "anything_else"]


@pytest.mark.parametrize("outcome", ["impossible", "away", "denied"])
def test_where_it_cannot_be_sent_nothing_is_asked(caller: Caller, outcome: str) -> None:
    caller.get("booked", date="2026-12-01", time="14:00").get(outcome)
    assert caller.keys[-1] == "anything_else"
    assert "confirmation_wanted" not in caller.keys


def test_where_no_text_messages_are_sent_appointments_are_still_made(doing: Engine) -> None:
    assert Caller(doing).say(StartFlow("book_appointment")).keys == ["book_service"]


@pytest.mark.parametrize(
    "said",
    [
        (FillSlot("date", "2026-12-02"),),
        (Correct("date", "2026-12-02"),),
        (FillSlot("service", "Reifenwechsel"), FillSlot("time", "09:00")),
        (Correct("name", "Maier"), Affirm()),
    ],
)
def test_what_is_said_after_the_booking_books_nothing_besides(
    caller: Caller, said: tuple[Command, ...]
) -> None:
    asked(caller).say(*said)
    assert not isinstance(caller.reply.then, Act) or caller.request.tool == "confirmation.send"
    if isinstance(caller.reply.then, Listen):
        assert caller.conversation.question == Question.CONFIRM
        assert caller.keys[-1].startswith("confirmation_wanted")


def test_a_moved_appointment_is_offered_too(writing: Engine) -> None:
    caller = Caller(writing, known=True).say(StartFlow("move_appointment"))
    caller.get("found", appointment("a1", "Inspektion", NINE))
    caller.say(Affirm()).say(FillSlot("date", "2026-12-01"))
    caller.get("free", *free(TWO)).say(Affirm()).say(Affirm())
    assert caller.request.tool == "calendar.move"
    caller.get("moved", date="2026-12-01", time="14:00").get("possible")
    assert caller.keys[-1] == "confirmation_wanted"
    caller.say(Affirm())
    assert caller.request.tool == "confirmation.send"
