from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.slots.phrases import NOW
from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Command,
    Deny,
    FillSlot,
    Impossible,
    Repeat,
    Slower,
    Wait,
)
from voice_agent.dialogue.slots.reading import Fault, Setting
from voice_agent.dialogue.slots.utterance import MAX_SLOTS, commands_with, read_slots
from voice_agent.errors import ConfigurationError

GERMAN = Setting("de", NOW)


def values(text: str, question: str | None = None, options: tuple[str, ...] = ()) -> dict[str, str]:
    read = read_slots(text, GERMAN, question, options)
    return {slot: reading.value for slot, reading in read.items()}


def test_one_utterance_fills_several_slots_in_the_order_they_were_said() -> None:
    text = "Ich heiße Mia Lang, morgen um zehn wäre gut, meine Nummer ist 0172 3456789."
    read = values(text)
    assert list(read.items()) == [
        ("name", "Mia Lang"),
        ("date", "2026-11-24"),
        ("time", "10:00"),
        ("phone", "+491723456789"),
    ]


def test_the_slot_that_was_asked_for_has_the_name_it_was_asked_by() -> None:
    assert values("A wie Anton 4711", "customer_number") == {"customer_number": "A4711"}
    assert values("morgen", "pickup_date") == {"pickup_date": "2026-11-24"}


def test_digits_that_were_asked_for_are_no_time_as_well() -> None:
    assert values("drei", "number") == {"number": "3"}
    assert values("null dreißig, neunzig achtzehn zwanzig", "phone") == {"phone": "+4930901820"}


def test_a_number_alone_is_no_hour_unless_a_time_was_asked_for() -> None:
    assert values("drei") == {}
    assert values("drei", "time") == {"time": "15:00"}


def test_a_bare_word_is_a_name_only_if_a_name_was_asked_for() -> None:
    assert values("Schneider") == {}
    assert values("Schneider", "name") == {"name": "Schneider"}


def test_beside_a_yes_other_values_count() -> None:
    assert values("Ja, morgen um zehn.", "yes_no") == {
        "yes_no": "affirm",
        "date": "2026-11-24",
        "time": "10:00",
    }


def test_a_choice_is_one_of_the_options() -> None:
    assert values("das zweite", "choice", ("rot", "blau"))["choice"] == "blau"


def test_two_days_are_one_reading_that_asks() -> None:
    reading = read_slots("Dienstag oder Mittwoch", GERMAN)["date"]
    assert (reading.value, reading.others) == ("2026-11-24", ("2026-11-25",))
    assert reading.confidence <= 0.5


def test_an_unknown_question_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="colour"):
        read_slots("rot", GERMAN, "colour")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ja genau.", (Affirm(), AskKnowledge("prices"))),
        ("Auf keinen Fall.", (Deny(), AskKnowledge("prices"))),
        ("Ja nein.", (AskKnowledge("prices"),)),
        ("Hmm.", (Affirm(), AskKnowledge("prices"))),
    ],
)
def test_the_reading_decides_between_yes_and_no_where_that_was_asked(
    text: str, expected: tuple[object, ...]
) -> None:
    slots = read_slots(text, GERMAN, "connect")
    assert commands_with((Affirm(), AskKnowledge("prices")), slots, "connect") == expected


@pytest.mark.parametrize(
    ("text", "command", "counts"),
    [
        ("Geht das auch etwas langsamer?", Slower(), False),
        ("Wie bitte? Das habe ich nicht verstanden.", Repeat(), False),
        ("Ja, einen Moment.", Wait(), False),
        ("Ist Bargeld okay?", AskKnowledge("payment"), False),
        ("Ja, aber was kostet das?", AskKnowledge("prices"), True),
    ],
)
def test_what_only_sounds_like_an_answer_beside_another_request_is_none(
    text: str, command: Command, counts: bool
) -> None:
    slots = read_slots(text, GERMAN, "yes_no")
    assert "yes_no" in slots
    said = commands_with((command,), slots, "yes_no")
    assert any(isinstance(c, Affirm | Deny) for c in said) is counts
    assert command in said


def test_values_become_commands_and_so_do_faults_and_doubts() -> None:
    slots = read_slots("am 31. Februar um zehn", GERMAN)
    assert slots["date"].fault is not None
    assert commands_with((), slots) == (
        Impossible("date", Fault.IMPOSSIBLE),
        FillSlot("time", "10:00"),
    )
    slots = read_slots("Dienstag oder Mittwoch", GERMAN)
    assert commands_with((), slots) == (FillSlot("date", "2026-11-24", ("2026-11-25",)),)


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(max_size=100),
    question=st.sampled_from([None, "name", "yes_no", "number", "text", "choice", "date"]),
)
def test_readings_nobody_asked_for_never_overlap(text: str, question: str | None) -> None:
    read = read_slots(text, GERMAN, question, ("eins", "zwei"))
    assert len(read) <= MAX_SLOTS
    offered = sorted(
        (reading.start, reading.end) for slot, reading in read.items() if slot != question
    )
    assert all(a[1] <= b[0] for a, b in pairwise(offered))
