"""What is done for a caller while the call goes on."""

from __future__ import annotations

import pytest

from tests.call import texts
from tests.call.conftest import Booking
from tests.call.scene import Paces, Scene
from voice_agent.call.actions import Ending, Finish, UseTool
from voice_agent.call.events import ToolAnswered
from voice_agent.call.phase import Phase
from voice_agent.dialogue.tool import AWAY, ToolAnswer

FILLER = "Einen Moment, ich sehe nach."
ELSE = texts.prompts().variants["de"]["anything_else"]


def tools(scene: Scene) -> list[str]:
    return [use.request.tool for use in scene.asked(UseTool)]


def test_an_appointment_is_booked_in_the_call(booking: Booking) -> None:
    scene = booking(Paces())
    assert tools(scene) == ["calendar.free"]
    scene.ask("Ja, das stimmt.")
    assert tools(scene) == ["calendar.free", "calendar.book"]
    booked = scene.asked(UseTool)[-1].request
    assert booked.arguments == {
        "service": "oil-change",
        "start": "2026-11-24T10:00",
        "name": "Fischer",
        "phone": "+491723456789",
    }
    assert booked.confirmed == booked.arguments.keys()
    assert scene.heard[-1] in ELSE


@pytest.mark.parametrize(
    "words",
    [
        "Richtig ist das nicht.",
        "Genau das wollte ich nicht.",
        "In Ordnung ist das nicht.",
        "Einverstanden bin ich damit nicht.",
        "Ja, das wäre falsch.",
        "Klar ist das falsch.",
        "Ja, das ist der falsche Tag.",
        "Ja, aber der Name ist falsch.",
        "Ja, nur der Tag passt nicht.",
        "Ja, die Nummer stimmt nicht.",
        "Ja, aber erst muss ich meinen Mann fragen.",
        "Ja, ich überlege noch.",
        "Ja, ich rufe später nochmal an.",
        "Ja, hallo?",
        "Ja, wer ist denn da?",
        "Stimmt das wirklich?",
    ],
)
def test_c25_what_is_no_clear_yes_books_nothing(booking: Booking, words: str) -> None:
    scene = booking(Paces())
    scene.ask(words)
    assert tools(scene) == ["calendar.free"]


@pytest.mark.parametrize(
    "words",
    [
        "I didn't say yes.",
        "Right, not that one.",
        "Okay, wait.",
        "Yes, that's the wrong day.",
        "Yes, the name is wrong.",
        "Yes, but let me ask my husband first.",
        "Yes, I changed my mind.",
        "Yes, hello?",
    ],
)
def test_c25_what_is_no_clear_yes_in_english_books_nothing_either(
    booking: Booking, words: str
) -> None:
    scene = booking(Paces())
    scene.press("5")
    scene.listen()
    scene.ask(words)
    assert tools(scene) == ["calendar.free"]


@pytest.mark.parametrize(
    "words", ["Ja.", "Ja, das stimmt so.", "Ja bitte, sehr gerne.", "Aber ja, genau so.", "Passt."]
)
def test_a_clear_yes_books(booking: Booking, words: str) -> None:
    scene = booking(Paces())
    scene.ask(words)
    assert tools(scene) == ["calendar.free", "calendar.book"]


def test_who_waits_long_hears_once_that_it_is_looked_into(booking: Booking) -> None:
    scene = booking(Paces())
    scene.paces.tool = 3.0
    scene.ask("Ja, das stimmt.")
    scene.listen()
    assert scene.heard.count(FILLER) == 1
    assert scene.heard[-1] in ELSE


def test_key_5_in_the_middle_of_a_booking_goes_on_in_english_with_what_was_said(
    booking: Booking,
) -> None:
    scene = booking(Paces())
    scene.press("5")
    scene.listen()
    told = " ".join(scene.heard)
    assert told.endswith("for Fischer, telephone +491723456789. Is that right?")
    assert "oil change on Tuesday, 24 November at 10:00" in told
    scene.ask("Yes, that's right.")
    assert scene.asked(UseTool)[-1].request.tool == "calendar.book"
    assert scene.asked(UseTool)[-1].request.language == "en"


def test_a_tool_that_never_answers_is_given_up(booking: Booking) -> None:
    scene = booking(Paces())
    scene.paces.tool = "never"
    scene.ask("Ja, das stimmt.")
    scene.wait(12)
    scene.listen()
    heard = " ".join(scene.heard)
    assert "verbinden" in heard
    assert scene.session.phase is Phase.CONVERSING


def test_what_the_caller_says_meanwhile_is_answered_first(booking: Booking) -> None:
    scene = booking(Paces())
    scene.paces.tool = 3.0
    scene.say("Ja, das stimmt.")
    scene.wait(1.0)
    scene.ask("Kann ich bei Ihnen parken?")
    scene.listen()
    parking = next(i for i, text in enumerate(scene.heard) if "parkplätze" in text)
    assert parking < len(scene.heard) - 1
    assert tools(scene).count("calendar.book") == 1
    assert scene.heard[-1] in ELSE


def test_an_answer_that_comes_while_the_caller_speaks_waits_for_them(booking: Booking) -> None:
    scene = booking(Paces())
    scene.paces.tool = 1.0
    scene.say("Ja, das stimmt.")
    scene.wait(0.9)
    before = len(scene.heard)
    scene.say("Kann ich bei Ihnen parken?", ms=1500)
    assert scene.heard[before:] == []
    scene.wait(1.5)
    scene.listen()
    assert any("parkplätze" in text for text in scene.heard[before:])
    assert scene.heard[-1] in ELSE


def test_an_answer_after_a_withdrawal_changes_nothing(booking: Booking) -> None:
    scene = booking(Paces())
    scene.paces.tool = 1.0
    scene.say("Ja, das stimmt.")
    scene.wait(0.8)
    scene.press("*")
    asked = scene.asked(UseTool)[-1].request
    assert scene.session.phase is Phase.WITHDRAWN
    assert scene.post(ToolAnswered(ToolAnswer(asked, "booked"))) == []


def test_a_courtesy_after_the_answer_is_no_turn(booking: Booking) -> None:
    """A late "please" after the yes, when the agent has begun to speak: it goes on."""
    scene = booking(Paces())
    scene.say("Ja.", ms=300)
    scene.wait(1.0)
    scene.say("Bitte.", ms=300)
    scene.wait(1.5)
    scene.listen()
    assert tools(scene) == ["calendar.free", "calendar.book"]
    assert scene.heard[-1] in ELSE
    assert not any("verstanden" in text for text in scene.heard)


def test_an_assent_that_goes_on_after_the_answer_is_no_turn(booking: Booking) -> None:
    """A yes, and then "that suits me": what was booked is told to its end."""
    scene = booking(Paces())
    scene.say("Ja.", ms=300)
    scene.wait(1.4)
    scene.say("Das passt mir gut.", ms=900)
    scene.wait(2)
    scene.listen()
    assert tools(scene) == ["calendar.free", "calendar.book"]
    assert "eingetragen" in " ".join(scene.heard)
    assert scene.heard[-1] in ELSE


def test_a_second_answer_to_the_same_request_is_ignored(booking: Booking) -> None:
    scene = booking(Paces())
    scene.ask("Ja, das stimmt.")
    asked = scene.asked(UseTool)[-1].request
    heard = len(scene.heard)
    scene.post(ToolAnswered(ToolAnswer(asked, AWAY)))
    scene.wait(1)
    assert len(scene.heard) == heard


def test_a_person_asked_for_meanwhile_comes_at_once(booking: Booking) -> None:
    scene = booking(Paces())
    scene.paces.tool = 5.0
    scene.say("Ja, das stimmt.")
    scene.wait(1.0)
    scene.ask("Ich möchte mit einem Menschen sprechen.")
    scene.listen()
    assert scene.asked(Finish)[-1].ending is Ending.HANDED_OVER


def test_who_has_had_enough_meanwhile_is_told_what_was_done_where_no_person_can_be_had(
    booking: Booking,
) -> None:
    scene = booking(Paces(), can_hand_over=False)
    scene.paces.tool = 5.0
    scene.say("Ja, das stimmt.")
    scene.wait(0.9)
    for _ in range(2):
        scene.say("So ein Mist, das dauert ja ewig, Sie verstehen mich nicht!")
        scene.wait(1.0)
    scene.wait(6)
    scene.listen()
    assert tools(scene) == ["calendar.free", "calendar.book"]
    assert "Ihr Termin ist eingetragen," in scene.heard


def test_what_was_begun_goes_on_where_no_person_can_be_had(booking: Booking) -> None:
    scene = booking(Paces(), can_hand_over=False)
    scene.ask("Ich möchte mit einem Menschen sprechen.")
    assert scene.session.phase is Phase.CONVERSING
    scene.ask("Ja, das stimmt.")
    assert tools(scene) == ["calendar.free", "calendar.book"]
