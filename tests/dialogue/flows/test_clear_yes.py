"""What has an effect is done on a clear yes and on nothing else that callers say (C25)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.dialogue.flows.desk import Desk
from tests.dialogue.understanding.told import NOW, OWN
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.reply import Act, HandOver, Reply
from voice_agent.dialogue.tool import CATALOGUE
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.schedule import load_plan

HERE = Path(__file__).parent
PLAN = load_plan(HERE.parents[2] / "config")
GIVEN = {
    "de": ["Ich möchte einen Termin für einen Ölwechsel am Dienstag um zehn.", "Fischer"],
    "en": ["I need an appointment for an oil change on Tuesday at ten.", "Taylor"],
}
"""What callers have said before they are asked whether it is right."""


class Heard(NamedTuple):
    """A row of the tables.

    Attributes:
        language: of the words.
        part: ``dev``: written before the rules, which were made to fit. ``held``: written after
            them, and nothing was made to fit.
        text: what the recogniser wrote.
        meant: ``yes``, ``no``, or ``-``: asked again, answered or corrected.
    """

    language: str
    part: str
    text: str
    meant: str


def table(language: str) -> list[Heard]:
    lines = (HERE / f"yes_{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [Heard(language, *line.split("\t")) for line in lines if not line.startswith("#")]


Turn = Callable[[Conversation, str], Reply]


@pytest.fixture(scope="module")
def turn(doing: Engine) -> Turn:
    """Has something said, and what is looked up for it done; nothing is changed."""
    assert PLAN is not None
    plan = PLAN

    def say(conversation: Conversation, text: str) -> Reply:
        desk = Desk(plan, NOW.replace(tzinfo=plan.opening.zone), conversation.language)
        commands = OWN.understand(Said(text, conversation.language, doing.asked(conversation)))
        meant = doing.proposals(conversation, commands, text)
        reply = doing.respond(conversation, meant)
        while isinstance(reply.then, Act) and not CATALOGUE[reply.then.request.tool].changes:
            after = doing.answered(reply.conversation, desk.answer(reply.then.request))
            assert after is not None
            reply = after
        return reply

    return say


@pytest.fixture(scope="module")
def asked(turn: Turn) -> dict[str, Conversation]:
    """By language, a caller who was just asked whether everything is right."""
    conversations: dict[str, Conversation] = {}
    for language, given in GIVEN.items():
        conversation = Conversation(language=language)
        for text in [*given, "0172 3456789"]:
            conversation = turn(conversation, text).conversation
        assert conversation.question == Question.CONFIRM
        conversations[language] = conversation
    return conversations


def outcome(reply: Reply) -> str:
    if isinstance(reply.then, Act):
        assert reply.then.request.tool == "calendar.book"
        return "yes"
    flows = reply.conversation.flows
    return "no" if not flows or reply.conversation.question == Question.CHANGE else "-"


ROWS = [*table("de"), *table("en")]
DEV = [heard for heard in ROWS if heard.part == "dev"]
HELD = [heard for heard in ROWS if heard.part == "held"]


@pytest.mark.parametrize("heard", DEV, ids=lambda heard: heard.text)
def test_c25_only_a_clear_yes_books(
    turn: Turn, asked: dict[str, Conversation], heard: Heard
) -> None:
    assert outcome(turn(asked[heard.language], heard.text)) == heard.meant


@pytest.mark.parametrize(
    "heard", [each for each in HELD if each.meant != "yes"], ids=lambda heard: heard.text
)
def test_c25_what_nothing_was_made_to_fit_books_nothing_either(
    turn: Turn, asked: dict[str, Conversation], heard: Heard
) -> None:
    assert outcome(turn(asked[heard.language], heard.text)) != "yes"


def test_nine_of_ten_that_nothing_was_made_to_fit_are_understood(
    turn: Turn, asked: dict[str, Conversation]
) -> None:
    wrong = [each for each in HELD if outcome(turn(asked[each.language], each.text)) != each.meant]
    assert len(wrong) <= len(HELD) // 10, wrong


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Na ja."),
        ("de", "Denke schon."),
        ("de", "Ja, das Auto ist übrigens rot."),
        ("en", "I guess."),
        ("en", "Yes, I think so."),
    ],
)
def test_a_yes_that_is_none_is_asked_for_plainly(
    turn: Turn, asked: dict[str, Conversation], language: str, text: str
) -> None:
    reply = turn(asked[language], text)
    assert [line.key for line in reply.lines] == ["flow_yes_or_no", "book_confirm_again"]
    assert outcome(turn(reply.conversation, {"de": "Ja.", "en": "Yes."}[language])) == "yes"


def test_a_question_beside_a_yes_is_answered_before_it_is_asked_again(
    turn: Turn, asked: dict[str, Conversation]
) -> None:
    reply = turn(asked["de"], "Ja, und kann ich mit Karte zahlen?")
    assert [line.key for line in reply.lines] == ["knowledge.payment", "book_confirm_again"]
    assert outcome(turn(reply.conversation, "Ja, gut, danke.")) == "yes"


def test_another_value_beside_a_yes_is_taken_and_read_back(
    turn: Turn, asked: dict[str, Conversation]
) -> None:
    reply = turn(asked["de"], "Ja, auf den Namen Fiedler.")
    assert [line.key for line in reply.lines] == ["book_tell", "book_confirm"]
    assert "Fiedler" in reply.lines[0].text


def test_who_says_again_what_was_chosen_by_another_word_confirms_it(turn: Turn) -> None:
    """The hour was never said: it is the first that was offered."""
    conversation = Conversation(language="de")
    for text in ["Einen Ölwechsel am Dienstag", "das erste", "Fischer", "0172 3456789"]:
        conversation = turn(conversation, text).conversation
    assert conversation.question == Question.CONFIRM
    start = conversation.flows[-1].slots["start"]
    assert outcome(turn(conversation, f"Ja, Dienstag um {int(start[11:13])} Uhr.")) == "yes"


def test_a_half_hearted_yes_said_three_times_ends_with_a_person(
    turn: Turn, asked: dict[str, Conversation]
) -> None:
    conversation = asked["de"]
    for _ in range(2):
        reply = turn(conversation, "Na ja.")
        conversation = reply.conversation
    assert isinstance(turn(conversation, "Na ja.").then, HandOver)
