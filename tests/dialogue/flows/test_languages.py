"""Another language in the middle of what is being done: it goes on, and nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.dialogue.flows.caller import Caller, free
from tests.dialogue.flows.conftest import ROOT
from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    Command,
    FillSlot,
    StartFlow,
    SwitchLanguage,
    Topic,
)
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import Act
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander

TO_ENGLISH = SwitchLanguage("en")
STARTS = free("2026-12-01T09:00", "2026-12-01T10:00")
SAID: list[Command] = [
    StartFlow("book_appointment"),
    FillSlot("service", "inspection"),
    FillSlot("date", "2026-12-01"),
    FillSlot("start", "2026-12-01T09:00"),
    FillSlot("name", "Fischer"),
    FillSlot("phone", "+491723456789"),
]
QUESTIONS = [
    ["book_service"],
    ["book_date"],
    ["book_offer"],
    ["flow_name"],
    ["flow_phone"],
    ["book_tell", "book_confirm"],
]
"""What is asked after each of them."""


def said(caller: Caller, *commands: Command) -> Caller:
    """A caller who has said these things, and been answered by the calendar."""
    for command in commands:
        caller.say(command)
        if isinstance(caller.reply.then, Act):
            caller.get("free", *STARTS)
    return caller


@pytest.mark.parametrize("after", range(len(SAID)))
def test_the_open_question_is_put_in_the_new_language_and_the_rest_is_kept(
    doing: Engine, after: int
) -> None:
    caller = said(Caller(doing), *SAID[: after + 1])
    before = caller.conversation.flows[-1]
    assert caller.say(TO_ENGLISH).keys == QUESTIONS[after]
    assert {line.language for line in caller.reply.lines} == {"en"}
    now = caller.conversation.flows[-1]
    assert (now.step, now.slots, now.results) == (before.step, before.slots, before.results)
    said(caller, *SAID[after + 1 :])
    assert {line.language for line in caller.reply.lines} == {"en"}
    assert dict(caller.say(Affirm()).request.arguments) == {
        "service": "inspection",
        "start": "2026-12-01T09:00",
        "name": "Fischer",
        "phone": "+491723456789",
    }


def test_there_and_back_again_loses_nothing(doing: Engine) -> None:
    caller = said(Caller(doing), *SAID)
    caller.say(TO_ENGLISH)
    assert caller.say(SwitchLanguage("de")).keys == ["book_tell", "book_confirm"]
    assert caller.say(Affirm()).request.tool == "calendar.book"


def test_a_value_in_the_same_breath_counts(doing: Engine) -> None:
    caller = said(Caller(doing), *SAID[:1])
    assert caller.say(FillSlot("service", "inspection"), TO_ENGLISH).text == "Which day suits you?"


def test_a_yes_in_the_same_breath_confirms_what_was_heard(doing: Engine) -> None:
    caller = said(Caller(doing), *SAID)
    assert caller.say(Affirm(), TO_ENGLISH).request.tool == "calendar.book"
    assert caller.request.language == "en"


def test_while_something_is_done_the_answer_comes_in_the_new_language(doing: Engine) -> None:
    caller = Caller(doing).say(*SAID[:3])
    pending = caller.request
    assert caller.say(TO_ENGLISH).text == "One moment, let me look."
    assert caller.conversation.flows[-1].pending == pending
    caller.get("free", *STARTS, request=pending)
    assert caller.text == "I have Tuesday, 1 December at 9:00 or at 10:00. Which suits you?"


@pytest.mark.parametrize("language", ["tr", "fr"])
def test_a_language_that_is_not_spoken_changes_nothing(doing: Engine, language: str) -> None:
    caller = said(Caller(doing), *SAID[:2])
    caller.say(SwitchLanguage(language))
    assert (caller.keys, caller.conversation.language) == (["language_not_offered"], "de")
    assert caller.conversation.flows[-1].slots == {"service": "inspection"}


@pytest.mark.parametrize(
    "text", ["English please", "Can we speak English?", "Können wir bitte Englisch sprechen?"]
)
def test_asked_for_in_place_of_a_message_it_is_no_message(
    doing: Engine, understander: BuiltinUnderstander, text: str
) -> None:
    caller = Caller(doing).say(StartFlow("leave_message"))
    commands = (FillSlot("message", text), *understander.understand(text, "de"))
    caller.say(*doing.proposals(caller.conversation, commands, text))
    assert caller.text == "What should I pass on?"


def test_a_message_that_speaks_of_a_language_is_a_message(
    doing: Engine, understander: BuiltinUnderstander
) -> None:
    text = "Morgen kommt meine Frau, bitte alles auf Englisch erklären, sprechen geht nur so"
    caller = Caller(doing).say(StartFlow("leave_message"))
    commands = understander.understand(text, "de")
    assert TO_ENGLISH in commands
    caller.say(*doing.proposals(caller.conversation, commands, text))
    assert caller.conversation.language == "de"
    assert caller.conversation.flows[-1].slots == {"message": text}


def test_what_is_said_in_a_third_language_is_a_matter_of_files_alone(tmp_path: Path) -> None:
    """``docs/languages.md``: the engine and its sentences know no language."""
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    shutil.copytree(tmp_path / "prompts" / "en", tmp_path / "prompts" / "fr")
    sentences = tmp_path / "prompts" / "fr" / "conversation.yaml"
    text = sentences.read_text(encoding="utf-8")
    greeting = "Bonjour, ici l'assistant IA de {company}."
    start, end = text.index("greeting: >-"), text.index("resumed:")
    sentences.write_text(f'{text[:start]}greeting: "{greeting}"\n{text[end:]}', encoding="utf-8")
    languages = ("de", "en", "fr")
    prompts = Prompts.load(tmp_path / "prompts", languages, {"company": "Berger"})
    engine = Engine(prompts, Knowledge(()))
    caller = Caller(engine, "fr")
    assert caller.text == "Bonjour, ici l'assistant IA de Berger."
    caller = Caller(engine, "de").say(SwitchLanguage("fr"), AskAgent(Topic.IDENTITY))
    assert caller.keys == ["about_identity", "anything_else"]
    assert {line.language for line in caller.reply.lines} == {"fr"}
