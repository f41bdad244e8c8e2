"""Whole conversations in words with the example companies, as their configuration has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.dialogue.flows.caller import Caller
from tests.dialogue.flows.conftest import ROOT, SILENT
from tests.dialogue.flows.desk import Desk
from voice_agent.agent import AgentConfig
from voice_agent.agent_understanding import open_understander
from voice_agent.dialogue.commands import StartFlow
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.reply import Act, HandOver, HandoverReason, Reply
from voice_agent.dialogue.tool import ToolAnswer, ToolRequest
from voice_agent.dialogue.understanding.ports import Said, Understander
from voice_agent.schedule import load_plan
from voice_agent.settings import load_settings
from voice_agent.texts import Texts
from voice_agent.tools.plan import Plan

NOW = datetime(2026, 11, 26, 9, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday


class House:
    """A company: what it says, what it understands, and its calendar, if it has one."""

    def __init__(self, name: str) -> None:
        directory = ROOT / "config" / "examples" / name
        agent = AgentConfig.load(directory)
        texts = Texts(load_settings({"CONFIG_DIR": str(directory)}), agent)
        self.flows = texts.flows
        self.plan: Plan | None = load_plan(directory)
        self.engine: Engine = texts.engine(SILENT)
        self.understander: Understander = open_understander(
            agent, texts.knowledge, texts.flows.values(), self.plan, lambda: NOW
        )


class Guest(Caller):
    """A caller who speaks words, with a desk that does what is asked for."""

    def __init__(self, house: House, language: str) -> None:
        super().__init__(house.engine, language)
        self.understander = house.understander
        self.desk = None if house.plan is None else Desk(house.plan, NOW, language)
        self.messages: list[Mapping[str, str]] = []

    def speak(self, text: str) -> list[str]:
        """Say words, wait for what is done, and hear the keys of what is said."""
        now = self.conversation
        said = Said(text, now.language, self.engine.asked(now), ())
        commands = self.understander.understand(said)
        self.say(*self.engine.proposals(now, commands, text))
        keys = self.keys
        while isinstance(self.reply.then, Act):
            reply: Reply | None = self.engine.answered(self.conversation, self.done(self.request))
            assert reply is not None
            self.reply = reply
            keys += self.keys
        return keys

    def done(self, request: ToolRequest) -> ToolAnswer:
        """What comes of a request."""
        if request.tool == "message.leave":
            self.messages.append(request.arguments)
            return ToolAnswer(request, "left")
        assert self.desk is not None
        return self.desk.answer(request)


Visit = Callable[[str, str], Guest]


@pytest.fixture(scope="module")
def ring() -> Visit:
    """Rings one of them, in a language."""
    houses = {name: House(name) for name in ("hotel", "practice")}
    return lambda name, language: Guest(houses[name], language)


# -- the hotel -------------------------------------------------------------------------------------


def test_a_room_in_german(ring: Visit) -> None:
    guest = ring("hotel", "de")
    assert guest.speak("Guten Tag, ich möchte ein Zimmer reservieren.") == ["reserve_arrival"]
    assert guest.speak("Am 3. Januar.") == ["reserve_nights"]
    assert guest.speak("Drei Nächte.") == ["reserve_persons"]
    assert guest.speak("Zwei Personen.") == ["reserve_room"]
    assert guest.speak("Ein Doppelzimmer bitte.") == ["flow_name"]
    assert guest.speak("Petra Lang.") == ["flow_phone"]
    assert guest.speak("0172 3456789") == ["reserve_tell", "reserve_confirm"]
    assert "Doppelzimmer, Anreise Sonntag, 3. Januar, Nächte: 3, Personen: 2" in guest.text
    assert guest.speak("Nein, ein Einzelzimmer.") == ["reserve_tell", "reserve_confirm"]
    assert guest.speak("Ja, das stimmt.") == ["reserve_left", "anything_else"]
    assert [dict(each) for each in guest.messages] == [
        {
            "message": (
                "Zimmeranfrage. Anreise: Sonntag, 3. Januar. Nächte: 3. Personen: 2. "
                "Zimmer: Einzelzimmer."
            ),
            "name": "Petra Lang",
            "phone": "+491723456789",
        }
    ]


def test_a_room_in_english_with_a_question_on_the_way(ring: Visit) -> None:
    guest = ring("hotel", "en")
    assert guest.speak("I'd like to book a double room, please.") == ["reserve_arrival"]
    assert guest.speak("On the third of January.") == ["reserve_nights"]
    assert guest.speak("Is breakfast included?") == ["knowledge.breakfast", "reserve_nights"]
    assert guest.speak("Three nights.") == ["reserve_persons"]
    assert guest.speak("For two people.") == ["flow_name"]
    assert guest.speak("My name is Taylor.") == ["flow_phone"]
    assert guest.speak("0172 3456789") == ["reserve_tell", "reserve_confirm"]
    assert guest.speak("No, the fourth of January.") == ["reserve_tell", "reserve_confirm"]
    assert "arrival Monday, 4 January, nights: 3, people: 2" in guest.text
    assert guest.speak("Yes, that's right.") == ["reserve_left", "anything_else"]
    # The desk reads it in the language of the house.
    assert guest.messages[0]["message"].startswith("Zimmeranfrage. Anreise: Montag, 4. Januar.")


def test_a_no_to_all_of_it_asks_again_and_keeps_name_and_number(ring: Visit) -> None:
    guest = ring("hotel", "de")
    for words in ("Ich möchte ein Zimmer reservieren", "Freitag", "2", "2", "Doppelzimmer"):
        guest.speak(words)
    guest.speak("Fischer")
    assert guest.speak("0172 3456789") == ["reserve_tell", "reserve_confirm"]
    assert guest.speak("Nein") == ["reserve_again", "reserve_arrival"]
    for words in ("Samstag", "vier Nächte", "zwei"):
        guest.speak(words)
    assert guest.speak("Ein Familienzimmer") == ["reserve_tell", "reserve_confirm"]
    assert guest.messages == []


@pytest.mark.parametrize("words", ["English please.", "Können wir Englisch sprechen?"])
def test_in_the_middle_of_a_reservation_the_language_changes_and_nothing_is_lost(
    ring: Visit, words: str
) -> None:
    guest = ring("hotel", "de")
    guest.speak("Ich hätte gern ein Doppelzimmer.")
    assert guest.speak("Am 3. Januar.") == ["reserve_nights"]
    assert guest.speak(words) == ["reserve_nights"]
    assert guest.text == "How many nights would you like to stay?"
    assert guest.speak("Three nights.") == ["reserve_persons"]
    assert guest.speak("Two") == ["flow_name"]
    guest.speak("My name is Taylor.")
    assert guest.speak("0172 3456789") == ["reserve_tell", "reserve_confirm"]
    assert "a double room, arrival Sunday, 3 January, nights: 3, people: 2" in guest.text
    assert guest.speak("Sprechen Sie Deutsch?") == ["reserve_tell", "reserve_confirm"]
    assert "Doppelzimmer, Anreise Sonntag, 3. Januar, Nächte: 3" in guest.text
    assert guest.speak("Ja, das stimmt.") == ["reserve_left", "anything_else"]
    assert guest.messages[0]["name"] == "Taylor"


@pytest.mark.parametrize(
    ("language", "text", "key"),
    [
        ("de", "Darf ich meinen Hund mitbringen?", "knowledge.pets"),
        ("de", "Bis wann muss ich auschecken?", "knowledge.check_in"),
        ("en", "Do you have parking?", "knowledge.parking"),
        ("en", "When do I have to check out?", "knowledge.check_in"),
    ],
)
def test_the_hotel_answers_questions(ring: Visit, language: str, text: str, key: str) -> None:
    assert ring("hotel", language).speak(text) == [key, "anything_else"]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", ["hotel", "practice"])
def test_every_example_of_a_flow_begins_it(name: str, language: str) -> None:
    house = House(name)
    flows = house.flows.values()
    asked = [(flow.name, words) for flow in flows for words in flow.examples[language]]
    missed = [
        words
        for flow, words in asked
        if StartFlow(flow) not in house.understander.understand(Said(words, language, None, ()))
    ]
    assert missed == []


# -- the practice ----------------------------------------------------------------------------------


def test_an_appointment_in_german(ring: Visit) -> None:
    guest = ring("practice", "de")
    assert guest.speak("Guten Tag, ich möchte einen Termin.") == ["book_service"]
    assert guest.text == "Weshalb möchten Sie kommen?"
    assert guest.speak("Zur Impfung.") == ["book_date"]
    assert guest.speak("Am Dienstag Vormittag.") == ["book_offer"]
    assert guest.speak("Um neun.") == ["flow_name"]
    assert guest.speak("Fischer") == ["flow_phone"]
    assert guest.speak("0172 3456789") == ["book_tell", "book_confirm"]
    assert guest.speak("Ja.") == ["book_booked", "anything_else"]
    assert guest.desk is not None
    (booked,) = guest.desk.booked
    assert (booked["service"], booked["start"]) == ("vaccination", "2026-12-01T09:00")


def test_an_appointment_in_english(ring: Visit) -> None:
    guest = ring("practice", "en")
    assert guest.speak("I'd like to make an appointment.") == ["book_service"]
    assert guest.speak("A blood test.") == ["book_date"]
    assert guest.speak("On Saturday") == ["book_closed", "book_instead"]
    assert guest.speak("The first one.") == ["flow_name"]
    assert guest.speak("My name is Taylor") == ["flow_phone"]
    assert guest.speak("0172 3456789") == ["book_tell", "book_confirm"]
    assert guest.speak("Yes.") == ["book_booked", "anything_else"]
    assert guest.desk is not None
    assert [booked["service"] for booked in guest.desk.booked] == ["blood-test"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ich möchte meinen Termin absagen."),
        ("de", "Ich möchte meinen Termin verschieben."),
        ("en", "I'd like to cancel my appointment."),
        ("en", "I'd like to move my appointment."),
    ],
)
def test_c23_nothing_is_told_of_an_appointment_before_it_is_known_who_calls(
    ring: Visit, language: str, text: str
) -> None:
    assert ring("practice", language).speak(text) == ["identify_phone"]


@pytest.mark.parametrize(
    ("language", "wish", "medicine", "form"),
    [
        ("de", "Ich brauche ein Rezept", "Ibuprofen 600", "Auf die Gesundheitskarte bitte"),
        ("en", "I need a prescription", "Ibuprofen six hundred", "On my health card, please"),
    ],
)
def test_a_prescription_is_a_wish_the_practice_looks_at(
    ring: Visit, language: str, wish: str, medicine: str, form: str
) -> None:
    guest = ring("practice", language)
    assert guest.speak(wish) == ["prescription_medicine"]
    assert guest.speak(medicine) == ["prescription_form"]
    assert guest.speak(form) == ["flow_name"]
    assert guest.speak("Fischer") == ["flow_phone"]
    assert guest.speak("0172 3456789") == ["prescription_tell", "prescription_confirm"]
    yes = {"de": "Ja", "en": "Yes"}[language]
    assert guest.speak(yes) == ["prescription_left", "anything_else"]
    assert guest.messages[0]["message"] == (
        f"Rezeptwunsch, Medikament: {medicine}. Rezept: Gesundheitskarte."
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "Ich brauche eine Krankschreibung."), ("en", "I need a sick note, please.")],
)
def test_a_sick_note_is_a_matter_for_a_person(ring: Visit, language: str, text: str) -> None:
    guest = ring("practice", language)
    assert guest.speak(text) == ["sick_note_person", "connecting_human"]
    assert guest.reply.then == HandOver(HandoverReason.FLOW)


ALARMS = [
    (
        "de",
        "Moment, mein Mann hat Brustschmerzen!",
        "Bei einem Notfall wählen Sie bitte sofort die 112.",
    ),
    ("en", "Hang on, my husband can't breathe!", "In an emergency, please dial 112 at once."),
]


@pytest.mark.parametrize(("language", "text", "sentence"), ALARMS)
def test_an_emergency_interrupts_an_appointment(
    ring: Visit, language: str, text: str, sentence: str
) -> None:
    wish, yes, no = {
        "de": ("Ich brauche einen Termin zur Vorsorge", "Ja bitte", "Nein, es ist kein Notfall"),
        "en": ("I need an appointment for a check-up", "Yes please", "No, it's not an emergency"),
    }[language]
    guest = ring("practice", language)
    assert guest.speak(wish) == ["book_date"]
    assert guest.speak(text) == ["knowledge.emergency", "urgent_offer"]
    assert guest.text.startswith(sentence)
    assert guest.speak(no) == ["book_date"]
    guest.speak(text)
    assert guest.speak(yes) == ["connecting_human"]
    assert guest.reply.then == HandOver(HandoverReason.OFFER_ACCEPTED)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ist das ansteckend?"),
        ("de", "Was soll ich gegen Fieber nehmen?"),
        ("en", "Is it dangerous?"),
        ("en", "What should I take for a fever?"),
    ],
)
def test_no_diagnosis_is_made(ring: Visit, language: str, text: str) -> None:
    keys = ring("practice", language).speak(text)
    assert keys == ["knowledge.medical_advice", "anything_else"]
