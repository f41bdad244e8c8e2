"""A call in words: what is written down of it, and what it may not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.paper import records_away
from tests.runtime.virtual_time import in_virtual_time
from tests.scenarios.house import House
from tests.scenarios.scenario import Scenario, Turn
from voice_agent.dialogue.conversation import Heard, Speaker
from voice_agent.dialogue.reply import Listen, Withdraw

WISH = "Ich brauche einen Termin für einen Ölwechsel am Dienstag um zehn."
BOOKING = (WISH, "Fischer", "0172 3456789", "Ja.")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def house(data_dir: Path) -> House:
    """On a Monday morning, with an empty calendar."""
    return House(Scenario(name="a booking", turns=[Turn(say="Hallo")]), data_dir)


@in_virtual_time
async def test_every_use_of_a_tool_is_written_down(house: House) -> None:
    await house.chat.begin()
    for said in BOOKING:
        await house.chat.say(said)
    assert house.audit.notes == [
        ("caller", "calendar.free", "permitted", "CA1"),
        ("caller", "calendar.book", "permitted", "CA1"),
    ]
    assert len(house.calendar.booked) == 1


@in_virtual_time
async def test_what_cannot_be_written_down_is_not_done(house: House) -> None:
    await house.chat.begin()
    for said in BOOKING[:-1]:
        await house.chat.say(said)
    house.audit.fault = records_away()
    move = await house.chat.say(BOOKING[-1])
    assert [(used.request.tool, used.outcome) for used in move.used] == [("calendar.book", "away")]
    assert house.calendar.booked == []


@in_virtual_time
async def test_nothing_is_done_before_the_conversation_begins(house: House) -> None:
    move = await house.chat.say(WISH)
    assert [used.outcome for used in move.used] == ["denied"]
    assert house.audit.notes == [("caller", "calendar.free", "no_consent", "CA1")]


@in_virtual_time
async def test_nothing_is_done_after_a_withdrawal(house: House) -> None:
    await house.chat.begin()
    move = await house.chat.say("Ich widerrufe meine Einwilligung.")
    assert isinstance(move.then, Withdraw)
    assert house.chat.is_over
    move = await house.chat.say(WISH)
    assert [used.outcome for used in move.used] == ["denied"]


@in_virtual_time
async def test_both_sides_are_remembered_as_they_were_heard(house: House) -> None:
    first = await house.chat.begin()
    move = await house.chat.say("Kann ich bei Ihnen parken?")
    said = [*first.lines, *move.lines]
    agent = [Heard(Speaker.AGENT, line.text) for line in said]
    caller = Heard(Speaker.CALLER, "Kann ich bei Ihnen parken?")
    assert list(move.conversation.history) == [agent[0], caller, *agent[1:]]


@in_virtual_time
async def test_silence_of_a_single_space_is_no_turn(house: House) -> None:
    first = await house.chat.begin()
    move = await house.chat.say(" \t ")
    assert (move.lines, move.then) == ((), Listen())
    assert move.conversation == first.conversation


@in_virtual_time
async def test_an_answer_nobody_waits_for_changes_nothing(house: House) -> None:
    await house.chat.begin()
    move = await house.chat.say(WISH)
    assert await house.chat.answer(move.used[0]) is None


@in_virtual_time
async def test_what_is_said_for_a_secret_is_not_remembered(house: House) -> None:
    await house.chat.begin()
    await house.chat.say("Wann ist mein Termin?")
    await house.chat.say("0172 3456789")
    move = await house.chat.say("Vierter Mai 1980")
    assert all("1980" not in heard.text for heard in move.conversation.history)
