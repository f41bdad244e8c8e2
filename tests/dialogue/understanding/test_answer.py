"""Whatever a model says: only the vocabulary comes out, and values only of a caller's words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialogue.understanding.told import FLOWS, GERMAN, KNOWLEDGE, VOCABULARY
from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    AskKnowledge,
    Cancel,
    Command,
    Correct,
    Deny,
    FillSlot,
    Goodbye,
    HumanPlease,
    Impossible,
    Repeat,
    SendPrivacyLink,
    StartFlow,
    SwitchLanguage,
    Topic,
    WithdrawConsent,
)
from voice_agent.dialogue.flow_outcome import Asked
from voice_agent.dialogue.slots.reading import Fault
from voice_agent.dialogue.understanding.answer import quoted, read_answer
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.dialogue.understanding.vocabulary import LONGEST_WORDS, MOST, Vocabulary
from voice_agent.llm.reply import Reply

SAID = Said(
    "Also der Peter Fischer bin ich, am 4. Dezember um zehn ginge es, nicht am Montag", "de"
)
NEVER = (Affirm, Deny, Goodbye, WithdrawConsent, SwitchLanguage, SendPrivacyLink)

NAMES = [
    *("start_flow", "fill_slot", "correct", "ask_knowledge", "ask_agent", "human_please"),
    *("affirm", "deny", "withdraw_consent", "goodbye", "switch_language", "Affirm", "yes", "tool"),
    *("calendar.book", "cancel", "send_privacy_link", "impossible", "", "__class__"),
]
VALUES = [
    *FLOWS,
    *[entry.id for entry in KNOWLEDGE.entries],
    *list(Topic),
    *("date", "time", "name", "phone", "text", "choice", "yes_no", "confirm", "number", "start"),
    *("Peter Fischer", "am 4. Dezember", "um zehn", "Herr Müller", "+4930123456", "2026-12-24"),
    *("", "a" * 5000, "{company}", "\ud800", "\x00"),
]
FIELDS = ["command", "flow", "answer", "topic", "slot", "words", "value", "text"]

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)
likely = st.dictionaries(
    st.sampled_from(FIELDS), st.sampled_from([*NAMES, *VALUES]) | junk, max_size=8
)
aimed = st.builds(
    lambda name, rest: rest | {"command": name}, st.sampled_from(NAMES), likely
)  # fmt: skip
ANSWERS = junk | st.builds(lambda each: {"commands": each}, st.lists(aimed | junk, max_size=6))


def read(*commands: dict[str, Any], said: Said = SAID) -> tuple[Command, ...]:
    return read_answer({"commands": list(commands)}, said, GERMAN, VOCABULARY)


@given(answer=ANSWERS)
def test_no_answer_gives_more_than_the_vocabulary_has(answer: object) -> None:
    is_within(read_answer(answer, SAID, GERMAN, VOCABULARY), SAID)


@given(answer=ANSWERS, kind=st.sampled_from(["yes_no", "text", "choice", "phone", "number", None]))
def test_nor_does_it_with_a_question_open(answer: object, kind: str | None) -> None:
    said = Said(SAID.text, "de", Asked("confirm", kind, ("ja", "Peter Fischer")))
    is_within(read_answer(answer, said, GERMAN, VOCABULARY), said)


@given(text=st.text(max_size=200))
def test_text_that_is_json_or_not_gives_no_more_either(text: str) -> None:
    reply = Reply(streamed=True)
    event = json.dumps({"choices": [{"delta": {"content": '{"commands":' + text}}]})
    found = reply.feed(f"data: {event}\n".encode())
    is_within(read_answer(found, SAID, GERMAN, VOCABULARY), SAID)


def is_within(commands: tuple[Command, ...], said: Said) -> None:
    assert len(commands) <= MOST
    for command in commands:
        assert not isinstance(command, NEVER)
        match command:
            case StartFlow(name):
                assert name in FLOWS
            case AskKnowledge(entry):
                assert entry in VOCABULARY.answers
            case FillSlot(slot, value) | Correct(slot, value):
                assert slot not in {"text", "choice", "yes_no", "confirm"}
                if slot == "name":
                    assert set(value.split()) <= set(re.split(r"\W+", said.text))
                if slot == "date" and said.text == SAID.text:
                    assert value in {"2026-12-04", "2026-11-30"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"command": "start_flow", "flow": "complaint"}, StartFlow("complaint")),
        ({"command": "ask_knowledge", "answer": "lunch"}, AskKnowledge("lunch")),
        ({"command": "ask_agent", "topic": "robot"}, AskAgent(Topic.ROBOT)),
        ({"command": "human_please"}, HumanPlease()),
        ({"command": "cancel", "because": "tired"}, Cancel()),
        ({"command": "repeat"}, Repeat()),
        (
            {"command": "fill_slot", "slot": "name", "words": "peter fischer"},
            FillSlot("name", "Peter Fischer"),
        ),
        (
            {"command": "correct", "slot": "date", "words": "am 4 Dezember"},
            Correct("date", "2026-12-04"),
        ),
    ],
)
def test_what_it_may_say_is_read(given: dict[str, Any], expected: Command) -> None:
    assert read(given) == (expected,)


@pytest.mark.parametrize(
    "given",
    [
        {"command": "start_flow", "flow": "erase_database"},
        {"command": "start_flow"},
        {"command": "ask_knowledge", "answer": "salaries"},
        {"command": "ask_agent", "topic": "password"},
        {"command": "affirm"},
        {"command": "deny"},
        {"command": "goodbye"},
        {"command": "withdraw_consent"},
        {"command": "switch_language", "language": "en"},
        {"command": "send_privacy_link"},
        {"command": "calendar.book", "start": "2026-12-01T09:00"},
        {"command": "fill_slot", "slot": "name", "words": "Erika Müller"},
        {"command": "fill_slot", "slot": "name", "value": "Peter Fischer"},
        {"command": "fill_slot", "slot": "date", "words": "2026-12-04"},
        {"command": "fill_slot", "slot": "date", "words": "Fischer am 4. Dezember"},
        {"command": "fill_slot", "slot": "phone", "words": ""},
        {"command": "fill_slot", "slot": "text", "words": "Peter Fischer"},
        {"command": "fill_slot", "slot": "number", "words": "4"},
        {"command": "fill_slot", "slot": "start", "words": "um zehn"},
        {"command": ["human_please"]},
        {"command": "human_please" * 50},
    ],
)
def test_what_it_may_not_say_is_dropped(given: dict[str, Any]) -> None:
    assert read(given) == ()
    assert read(given, {"command": "repeat"}) == (Repeat(),)


@pytest.mark.parametrize("answer", [None, [], "commands", {}, {"commands": {}}, {"commands": [[]]}])
def test_what_is_no_answer_is_none(answer: object) -> None:
    assert read_answer(answer, SAID, GERMAN, VOCABULARY) == ()


def test_a_list_of_everything_is_no_reading() -> None:
    names = ("repeat", "cancel", "human_please", "slower", "wait")
    assert len(names) > MOST
    assert read(*({"command": name} for name in names)) == ()


def test_a_day_that_there_is_not_stays_impossible() -> None:
    said = Said("so am 31. Februar hätte ich gedacht", "de")
    found = read({"command": "fill_slot", "slot": "date", "words": "31. Februar"}, said=said)
    assert found == (Impossible("date", Fault.IMPOSSIBLE),)


def test_a_number_counts_where_one_was_asked_for() -> None:
    said = Said("ach das waren glaube ich vier Stück", "de", Asked("amount", "number"))
    found = read({"command": "fill_slot", "slot": "number", "words": "vier"}, said=said)
    assert found == (FillSlot("number", "4"),)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("peter FISCHER", "Peter Fischer"),
        ("den 4 dezember", None),
        ("4 dezember", "4. Dezember"),
        ("Fischer Peter", None),
        ("...", None),
        ("Montag", "Montag"),
        ("Mon", None),
    ],
)
def test_a_quotation_has_to_stand_in_the_words(words: str, found: str | None) -> None:
    assert quoted(words, SAID.text) == found


def test_the_schema_has_the_same_words_as_the_reader() -> None:
    schema = VOCABULARY.schema()
    items = schema["properties"]["commands"]["items"]["anyOf"]
    names = {name for each in items for name in each["properties"]["command"]["enum"]}
    assert names == {
        *("start_flow", "ask_knowledge", "ask_agent", "fill_slot", "correct", "human_please"),
        *("repeat", "slower", "wait", "cancel", "greet", "thank"),
    }
    for each in items:
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
        for name in each["properties"]["command"]["enum"]:
            said = Said("Peter Fischer am 4. Dezember", "de")
            filled = {"command": name, "words": "4. Dezember"}
            for field, one in each["properties"].items():
                filled.setdefault(field, one.get("enum", [""])[0])
            assert len(read(filled, said=said)) == 1, name
    assert items[2]["properties"]["words"]["maxLength"] == LONGEST_WORDS


def test_a_company_without_flows_and_answers_has_a_schema_without_them() -> None:
    text = json.dumps(Vocabulary({}, {}).schema())
    assert "start_flow" not in text
    assert "ask_knowledge" not in text
    assert "human_please" in text
