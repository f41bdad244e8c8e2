"""Wishes learnt from examples, for companies in other trades too."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.flow import Flow, Kind, Slot
from voice_agent.dialogue.slots.reading import Setting
from voice_agent.dialogue.slots.utterance import read_slots
from voice_agent.dialogue.understanding.intents import NOTHING, Intents, without_values

MONDAY = datetime.fromisoformat("2026-11-23T09:00")
SIZE = Slot(
    "size",
    Kind.CHOICE,
    {"one": {"de": "Einzelzimmer", "en": "single"}, "two": {"de": "Doppelzimmer", "en": "double"}},
)
HOTEL = (
    Flow(
        "book_room",
        {
            "de": (
                "Ich möchte ein Einzelzimmer buchen",
                "Haben Sie ein Zimmer frei?",
                "Ich brauche ein Zimmer für zwei Nächte",
                "Wir würden gern bei Ihnen übernachten",
                "Ich möchte gern etwas reservieren",
            )
        },
        {"size": SIZE},
        {},
    ),
    Flow(
        "lost_property",
        {
            "de": (
                "Ich habe etwas bei Ihnen vergessen",
                "Ich habe meinen Schirm liegen lassen",
                "Haben Sie meine Jacke gefunden?",
                "Ich glaube, mein Ladegerät liegt noch im Zimmer",
            )
        },
        {},
        {},
    ),
)
QUESTIONS = (
    "Gibt es bei Ihnen Frühstück?",
    "Was kostet ein Einzelzimmer?",
    "Bis wann muss ich auschecken?",
    "Haben Sie einen Parkplatz?",
)


@pytest.fixture(scope="module")
def hotel() -> Intents:
    return Intents(HOTEL, QUESTIONS, "de")


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("Guten Abend, ich möchte gern ein Doppelzimmer buchen.", "book_room"),
        ("Hätten Sie noch ein Zimmer frei?", "book_room"),
        ("Wir bräuchten ein Zimmer, zwei Nächte", "book_room"),
        ("Ich hab bei euch meine Jacke vergessen", "lost_property"),
        ("Ich glaube, mein Schirm liegt noch bei Ihnen", "lost_property"),
        ("Was kostet ein Doppelzimmer?", None),
        ("Bis wann gibt es Frühstück?", None),
        ("Mein Hund heißt Bello.", None),
        ("Termin", None),
        ("", None),
    ],
)
def test_a_hotel_is_understood_by_its_own_examples(
    hotel: Intents, text: str, flow: str | None
) -> None:
    assert hotel.read(text).flow == flow


def test_a_company_without_flows_or_answers_is_asked_for_nothing() -> None:
    assert Intents((), (), "de").read("Ich möchte ein Zimmer buchen") == NOTHING


def test_flows_without_examples_in_a_language_are_not_asked_for_in_it() -> None:
    assert Intents(HOTEL, (), "en").read("I'd like to book a room") == NOTHING


def test_what_lies_between_two_flows_is_left_open(hotel: Intents) -> None:
    both = hotel.read("Zimmer Jacke")
    assert both.flow is None
    assert 0 < both.score < 1


def test_a_reason_said_first_is_not_the_wish(hotel: Intents) -> None:
    said = "Ich habe letztes Mal meinen Schirm liegen lassen, aber jetzt möchte ich was reservieren"
    assert hotel.read(said).flow == "book_room"


def test_an_example_is_certain(hotel: Intents) -> None:
    for flow in HOTEL:
        for example in flow.examples["de"]:
            assert hotel.read(example).flow == flow.name


def test_values_are_left_out_and_days_stand_for_one_another() -> None:
    def bare(text: str) -> str:
        return " ".join(
            without_values(text, read_slots(text, Setting("de", MONDAY)).values()).split()
        )

    assert bare("Kann ich am Dienstag kommen?") == bare("Kann ich am Freitag kommen?")
    assert "Fischer" not in bare("Mein Name ist Fischer")
    assert "3456789" not in bare("Meine Nummer ist 0172 3456789")


def test_a_day_and_an_hour_in_the_same_words_are_left_out_once() -> None:
    text = "Call me this afternoon"
    readings = read_slots(text, Setting("en", MONDAY))
    assert set(readings) == {"date", "time"}
    assert without_values(text, readings.values()).split() == ["Call", "me", "0"]


@given(text=st.text(max_size=200))
def test_any_words_give_the_same_answer_again(text: str) -> None:
    assert ANY.read(text) == ANY.read(text)


ANY = Intents(HOTEL, QUESTIONS, "de")


def test_the_order_of_the_files_does_not_matter() -> None:
    other = Intents(HOTEL[::-1], QUESTIONS, "de")
    for text in ("Ich möchte ein Zimmer", "Ich habe etwas vergessen", "Zimmer Jacke"):
        assert other.read(text).flow == ANY.read(text).flow
        assert other.read(text).score == pytest.approx(ANY.read(text).score)
