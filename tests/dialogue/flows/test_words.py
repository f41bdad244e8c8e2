"""Whole conversations in words: the built-in understander, the parsers of slots, a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

import pytest

from tests.dialogue.flows.caller import Caller
from tests.dialogue.flows.conftest import ROOT
from tests.dialogue.flows.desk import Desk
from voice_agent.dialogue.commands import FillSlot, StartFlow
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.reply import Act
from voice_agent.dialogue.slots.reading import OpeningHours, Setting
from voice_agent.dialogue.slots.utterance import commands_with, read_slots
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.schedule import load_plan
from voice_agent.tools.plan import Plan

NOW = datetime.fromisoformat("2026-11-26T09:00")  # a Thursday
HOURS = OpeningHours(((((time(8), time(18)),),) * 5) + (((time(9), time(13)),), ()))


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The example company's."""
    plan = load_plan(ROOT / "config")
    assert plan is not None
    return plan


class Speaker(Caller):
    """A caller who speaks words, with a desk that does what is asked for."""

    def __init__(
        self, engine: Engine, understander: BuiltinUnderstander, plan: Plan, language: str
    ) -> None:
        super().__init__(engine, language)
        self.understander = understander
        self.desk = Desk(plan, NOW.replace(tzinfo=plan.opening.zone), language)

    def speak(self, text: str) -> list[str]:
        """Say words, wait for what is done, and hear the keys of what is said."""
        language = self.conversation.language
        asked = self.engine.asked(self.conversation)
        kind, options = (None, ()) if asked is None else (asked.kind, asked.options)
        slots = read_slots(text, Setting(language, NOW, HOURS), kind, options)
        proposed = self.understander.understand(text, language, kind, slots)
        commands = commands_with(proposed, slots, kind)
        self.say(*self.engine.proposals(self.conversation, commands, text))
        keys = self.keys
        while isinstance(self.reply.then, Act):
            reply = self.engine.answered(self.conversation, self.desk.answer(self.request))
            assert reply is not None
            self.reply = reply
            keys += self.keys
        return keys


@pytest.fixture
def german(doing: Engine, understander: BuiltinUnderstander, plan: Plan) -> Speaker:
    return Speaker(doing, understander, plan, "de")


@pytest.fixture
def english(doing: Engine, understander: BuiltinUnderstander, plan: Plan) -> Speaker:
    return Speaker(doing, understander, plan, "en")


def test_an_appointment_in_german(german: Speaker) -> None:
    assert german.speak("Guten Tag, ich hätte gern einen Termin.") == ["book_service"]
    assert german.speak("Eine Inspektion bitte.") == ["book_date"]
    assert german.speak("Am Dienstag vormittag.") == ["book_offer"]
    assert german.speak("Um neun.") == ["flow_name"]
    assert german.speak("Fischer ist mein Name.") == ["flow_phone"]
    assert german.speak("0172 3456789") == ["book_tell", "book_confirm"]
    assert german.speak("Ja, das stimmt.") == ["book_booked", "anything_else"]
    assert [dict(each) for each in german.desk.booked] == [
        {
            "service": "inspection",
            "start": "2026-12-01T09:00",
            "name": "Fischer",
            "phone": "+491723456789",
        }
    ]


def test_everything_in_one_breath(german: Speaker) -> None:
    keys = german.speak(
        "Mein Name ist Mia Lang, ich brauche einen Termin für einen Ölwechsel am Dienstag um zehn."
    )
    assert keys == ["flow_phone"]
    assert german.speak("0172 3456789") == ["book_tell", "book_confirm"]
    assert "Ölwechsel am Dienstag, 1. Dezember um 10:00 Uhr" in german.text
    assert german.speak("Nein, Mittwoch.") == ["book_tell", "book_confirm"]
    assert "Mittwoch, 2. Dezember um 10:00 Uhr" in german.text
    assert german.speak("Wann haben Sie geöffnet?") == [
        "knowledge.opening_hours",
        "book_confirm_again",
    ]
    assert german.speak("Ja.") == ["book_booked", "anything_else"]
    assert german.desk.booked[0]["start"] == "2026-12-02T10:00"


def test_an_appointment_in_english(english: Speaker) -> None:
    assert english.speak("I'd like to make an appointment for an oil change.") == ["book_date"]
    assert english.speak("On Christmas Day") == ["book_closed", "book_instead"]
    assert english.speak("The first one, please.") == ["flow_name"]
    assert english.speak("My name is Taylor") == ["flow_phone"]
    assert english.speak("0172 3456789") == ["book_tell", "book_confirm"]
    assert english.speak("Yes, that's right.") == ["book_booked", "anything_else"]
    assert len(english.desk.booked) == 1


def test_what_is_said_in_a_message_is_no_wish_of_its_own(german: Speaker) -> None:
    german.speak("Ich möchte eine Nachricht hinterlassen.")
    assert german.speak("Noch einmal bitte.") == ["message_text"]
    said = "Ja hallo, ich brauche keinen Termin mehr. Wann kann ich den Wagen abholen?"
    assert german.speak(said) == ["message_recipient"]
    assert german.speak("Für Frau Keller.") == ["flow_name"]
    german.speak("Fischer")
    german.speak("0172 3456789")
    assert said in german.text


def test_a_complaint_in_german(german: Speaker) -> None:
    assert german.speak("Ich möchte mich beschweren.") == ["complaint_text"]
    said = "Nach der Reparatur quietscht die Bremse, und die Rechnung war doppelt so hoch."
    assert german.speak(said) == ["complaint_category"]
    assert german.speak("Um die Arbeit.") == ["complaint_wish"]
    assert german.speak("Ich will mein Geld zurück!") == ["flow_name"]
    assert german.speak("Fischer") == ["complaint_reply"]
    assert german.speak("Ja, einen Rückruf bitte.") == ["flow_phone"]
    german.speak("0172 3456789")
    assert german.keys == ["complaint_tell_phone", "complaint_confirm_phone"]
    assert said.removesuffix(".") in german.text
    assert "Ihr Wunsch: Geld zurück" in german.text
    assert german.speak("Ja.") == ["complaint_filed_callback", "anything_else"]
    assert "Nummer W482715" in german.text
    (left,) = german.desk.left
    assert (left["category"], left["wish"]) == ("work", "money_back")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Ja bitte.", "flow_phone"),
        ("Rufen Sie mich bitte zurück.", "flow_phone"),
        ("Nein danke.", "complaint_tell"),
        ("Kein Anruf.", "complaint_tell"),
        ("Nein, keinen Rückruf.", "flow_which"),
    ],
)
def test_whether_an_answer_is_wanted_can_be_said_as_people_say_it(
    german: Speaker, said: str, key: str
) -> None:
    """Who asks to be called back there answers the question, and begins nothing else."""
    german.speak("Ich möchte mich beschweren.")
    for words in ("Zu laut war es bei Ihnen.", "Um die Arbeit.", "Eine Antwort.", "Fischer"):
        german.speak(words)
    assert german.keys == ["complaint_reply"]
    assert german.speak(said)[0] == key
    assert [state.flow for state in german.conversation.flows] == ["complaint"]


def test_a_complaint_in_english_and_a_person_afterwards(english: Speaker) -> None:
    assert english.speak("I want to make a complaint about the invoice.") == ["complaint_text"]
    assert english.speak("You charged me twice.") == ["complaint_wish"]
    assert english.speak("I'd like an answer.") == ["flow_name"]
    assert english.speak("My name is Taylor") == ["complaint_reply"]
    assert english.speak("No, thank you.") == ["complaint_tell", "complaint_confirm"]
    assert english.speak("Yes, that's right.") == ["complaint_filed", "complaint_person"]
    assert "number W482715" in english.text
    assert english.speak("Yes, please.") == ["connecting_human"]
    assert english.desk.left[0]["category"] == "invoice"


def test_a_callback_in_german(german: Speaker) -> None:
    assert german.speak("Können Sie mich bitte zurückrufen?") == ["flow_name"]
    assert german.speak("Fischer") == ["flow_phone"]
    assert german.speak("0172 3456789") == ["callback_date"]
    assert german.speak("Am Montag vormittag.") == ["callback_reason"]
    assert german.speak("Ich habe eine Frage zur Rechnung.") == [
        "callback_tell",
        "callback_confirm",
    ]
    assert "Montag, 30. November" in german.text
    assert german.speak("Ja.") == ["callback_requested", "anything_else"]
    assert german.desk.left[0]["reason"] == "Ich habe eine Frage zur Rechnung."


def test_a_message_in_english_for_a_colleague(english: Speaker) -> None:
    assert english.speak("I'd like to leave a message.") == ["message_text"]
    assert english.speak("The key is in the box.") == ["message_recipient"]
    assert english.speak("For Mrs Keller in the workshop.") == ["flow_name"]
    assert english.speak("My name is Taylor") == ["flow_phone"]
    assert english.speak("0172 3456789") == ["message_tell", "message_confirm"]
    assert english.speak("Yes.") == ["message_left", "anything_else"]
    assert english.desk.left[0]["recipient"] == "For Mrs Keller in the workshop."


def test_two_options_in_one_breath_are_asked_about(german: Speaker) -> None:
    german.speak("Ich brauche einen Termin für Inspektion und Ölwechsel.")
    assert german.keys == ["flow_which"]
    assert "Inspektion oder Ölwechsel" in german.text
    assert german.speak("Der Ölwechsel.") == ["book_date"]


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("Am 31. Februar", ["flow_impossible", "book_date_again"]),
        ("gestern", ["flow_past", "book_date_again"]),
        ("Am Sonntag", ["book_closed", "book_instead"]),
        ("Am 1. Juni", ["book_far", "book_instead"]),
        ("Dienstag oder Mittwoch", ["flow_which"]),
        ("Blablabla", ["flow_pardon", "book_date_again"]),
    ],
)
def test_a_day_that_cannot_be_is_told_why(german: Speaker, said: str, keys: list[str]) -> None:
    german.speak("Ich möchte einen Termin für eine Inspektion.")
    assert german.speak(said) == keys


@pytest.mark.parametrize(
    ("language", "begin", "said", "day"),
    [
        ("de", "Ich möchte einen Termin für eine Inspektion.", "Nicht am Montag.", "Montag"),
        ("en", "I'd like to make an appointment for an oil change.", "Not on Monday.", "Monday"),
    ],
)
def test_a_day_that_is_excluded_is_not_offered(
    request: pytest.FixtureRequest, language: str, begin: str, said: str, day: str
) -> None:
    caller = request.getfixturevalue({"de": "german", "en": "english"}[language])
    caller.speak(begin)
    assert caller.speak(said) == ["book_date_again"]
    caller.speak({"de": "Nächste Woche.", "en": "Next week."}[language])
    assert day not in caller.text


def test_next_week_but_not_on_monday(english: Speaker) -> None:
    english.speak("I'd like to make an appointment for an oil change.")
    assert english.speak("Next week, but not on Monday.") == ["book_offer"]
    assert "Tuesday" in english.text
    assert "Monday" not in english.text
    english.speak("Not on Tuesday.")
    assert english.keys[0] == "book_offer"
    assert "Wednesday" in english.text


def test_what_is_not_wanted_of_an_offer_is_not_taken(german: Speaker) -> None:
    german.speak("Ich möchte einen Termin für eine Inspektion am Dienstag.")
    assert german.keys == ["book_offer"]
    german.speak("Nein, nicht am Dienstag.")
    assert german.keys == ["book_another_day", "book_date"]
    assert "start" not in german.conversation.flows[-1].slots
    german.speak("Lieber am Mittwoch.")
    assert "Mittwoch" in german.text


def test_yes_and_no_at_once_confirm_nothing(german: Speaker) -> None:
    german.speak(
        "Mein Name ist Mia Lang, ich brauche einen Termin für einen Ölwechsel am Dienstag um zehn."
    )
    assert german.speak("0172 3456789") == ["book_tell", "book_confirm"]
    keys = german.speak("Ja nein.")
    assert "book_booked" not in keys
    assert keys[-1].startswith("book_confirm")
    assert german.desk.booked == []


def test_two_times_in_one_breath_are_not_guessed(german: Speaker) -> None:
    german.speak("Ich möchte einen Termin für eine Inspektion.")
    assert german.speak("Am Dienstag um neun oder um zehn.") == ["book_offer"]
    assert "time" not in german.conversation.flows[-1].slots


def test_the_third_question_gives_an_example_or_the_keys(german: Speaker, english: Speaker) -> None:
    for caller, words, example, key in (
        (german, "Einen Termin bitte.", "nächsten Dienstag um zehn", "2 für Hauptuntersuchung"),
        (english, "An appointment please.", "next Tuesday at ten", "2 for main inspection"),
    ):
        caller.speak(words)
        caller.speak("Hmpf.")
        caller.nothing()
        assert key in caller.text
        caller.say(FillSlot("service", "inspection")).say().nothing()
        assert example in caller.text


def test_a_number_can_be_typed_at_the_third_question(german: Speaker, english: Speaker) -> None:
    for caller, hint in ((german, "eintippen"), (english, "type the number")):
        caller.say(StartFlow("request_callback"), FillSlot("name", "Fischer")).say().nothing()
        assert caller.keys == ["still_there", "flow_type", "flow_phone_help"]
        assert hint in caller.text


def test_the_services_of_the_flow_are_those_of_the_calendar(
    flows: Mapping[str, Flow], plan: Plan
) -> None:
    options = flows["book_appointment"].slots["service"].options
    assert options == {service.id: service.names for service in plan.services.values()}
