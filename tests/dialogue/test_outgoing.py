"""What is said: written words, and values of this call; nothing else, whatever made the line."""

from __future__ import annotations

import pytest

from tests.dialogue.conftest import ROOT
from tests.dialogue.flows.caller import Caller, appointment, free
from voice_agent.dialogue.commands import Affirm, FillSlot, Repeat, StartFlow, SwitchLanguage
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.line import Line, Personal
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.tool import CATALOGUE

START = "2026-11-24T10:00"


@pytest.fixture(scope="module")
def engine(prompts: Prompts, knowledge: Knowledge) -> Engine:
    flows = load_flows(ROOT / "config" / "flows", prompts)
    return Engine(prompts, knowledge, flows=Flows(flows, prompts, frozenset(CATALOGUE)))


@pytest.fixture
def caller(engine: Engine) -> Caller:
    """Somebody who is asked whether everything is right."""
    caller = Caller(engine)
    caller.say(StartFlow("book_appointment"), FillSlot("service", "oil-change"))
    caller.say(FillSlot("date", "2026-11-24"), FillSlot("time", "10:00"))
    caller.get("free", *free(START))
    caller.say(FillSlot("name", "Fischer"), FillSlot("phone", "+491723456789"))
    assert caller.keys == ["book_tell", "book_confirm"]
    return caller


def withheld(caller: Caller, *lines: Line) -> bool:
    """True if something stands in place of one of these."""
    return caller.engine.cleared(caller.conversation, lines) != lines


def tell(prompts: Prompts, **changed: str) -> Line:
    usual = {
        "service": "Ölwechsel",
        "start": "Dienstag, 24. November um 10:00 Uhr",
        "name": "Fischer",
        "phone": "+491723456789",
    }
    values = {name: Personal(value) for name, value in (usual | changed).items()}
    return prompts.line("book_tell", "de", variant=0, **values)


def test_what_a_call_is_about_is_said(caller: Caller, prompts: Prompts) -> None:
    assert not withheld(caller, *caller.reply.lines)
    assert not withheld(caller, tell(prompts))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Zackenbarsch"),
        ("name", "Fischer und Zackenbarsch"),
        ("phone", "+4915199887766"),
        ("phone", "+49172345678"),
        ("phone", "1723456789"),
        ("start", "Freitag, 27. November um 10:00 Uhr"),
        ("start", "Dienstag, 24. November um 11:00 Uhr"),
        ("start", "Dienstag, 24. November 10:00 11"),
        ("service", "Getriebe"),
    ],
)
def test_a_value_of_nobody_in_this_call_is_not_said(
    caller: Caller, prompts: Prompts, name: str, value: str
) -> None:
    assert withheld(caller, tell(prompts, **{name: value}))


def test_words_that_are_written_nowhere_are_not_said(caller: Caller, prompts: Prompts) -> None:
    line = tell(prompts)
    assert withheld(caller, Line(line.key, f"{line.text} Hallo.", "de", personal=True))
    assert withheld(caller, Line("greeting", "Guten Tag, Frau Zackenbarsch.", "de"))
    assert withheld(caller, Line("knowledge.address", "Hauptstraße 1", "de"))
    assert withheld(caller, Line("no_such_prompt", "Fischer hallo", "de", personal=True))


def test_the_written_sentences_are_said_as_they_are(
    engine: Engine, prompts: Prompts, knowledge: Knowledge
) -> None:
    for language in prompts.languages:
        lines = (*prompts.static_lines(language), *knowledge.static_lines(language))
        assert engine.cleared(Conversation(), lines) == lines


def test_what_comes_after_a_sentence_that_is_withheld_is_not_said(
    caller: Caller, prompts: Prompts
) -> None:
    """It may be the question whether it was right."""
    before, question = prompts.line("flow_pardon", "de"), caller.reply.lines[-1]
    bad = tell(prompts, name="Zackenbarsch")
    said = caller.engine.cleared(caller.conversation, (before, bad, question))
    assert said == (before, prompts.line("withheld", "de"))


def test_one_call_does_not_know_the_values_of_another(caller: Caller, engine: Engine) -> None:
    other = Caller(engine).say(StartFlow("book_appointment"))
    assert withheld(other, *caller.reply.lines)


def test_it_is_said_again_when_it_is_done(caller: Caller) -> None:
    caller.say(Affirm()).get("booked", date="2026-11-24", time="10:00")
    assert not withheld(caller, *caller.reply.lines)
    caller.say(Repeat())
    assert any(line.personal for line in caller.reply.lines)
    assert not withheld(caller, *caller.reply.lines)


def test_values_are_said_in_either_language(caller: Caller) -> None:
    caller.say(SwitchLanguage("en")).say(FillSlot("name", "Meier"))
    assert any("Tuesday, 24 November" in line.text for line in caller.reply.lines)
    assert not withheld(caller, *caller.reply.lines)


def test_several_rows_are_said_as_a_choice(engine: Engine) -> None:
    caller = Caller(engine, known=True).say(StartFlow("move_appointment"))
    rows = [
        appointment("a1", "Inspektion", START),
        appointment("a2", "Reifen <b>{phone}</b>", "2026-11-25T09:00"),
        appointment("a3", "Ölwechsel", "2026-11-26T09:00"),
    ]
    caller.get("found", *rows)
    assert not withheld(caller, *caller.reply.lines)


def test_nothing_of_it_is_shown(caller: Caller) -> None:
    assert caller.conversation.own
    assert "Fischer" not in repr(caller.conversation)
