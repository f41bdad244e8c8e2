"""A page and the stream that it opens are one look; everything else is one of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.console.doorman import ANNA, BERT, Doorman
from voice_agent.console.looks import ONE_LOOK_S, Looks
from voice_agent.console.role import Operator
from voice_agent.runtime.records import RecordsUnavailable

CALL, OTHER = "1" * 32, "2" * 32


class Room:
    """Looks on a clock that stands still."""

    def __init__(self) -> None:
        self.guard = Doorman()
        self.now = 100.0
        self.looks = Looks(self.guard, lambda: self.now)

    def noted(self) -> list[tuple[str, str]]:
        """Who looked at which call."""
        assert {action for _, action, _ in self.guard.notes} == {"call.read"}
        return [(account, call) for account, _, call in self.guard.notes]


async def test_a_page_and_its_stream_are_one_look_and_a_stream_that_comes_back_another() -> None:
    room = Room()
    await room.looks.page(ANNA, CALL)
    room.now += ONE_LOOK_S
    await room.looks.stream(ANNA, CALL)
    assert room.noted() == [(ANNA.account, CALL)]
    await room.looks.stream(ANNA, CALL)
    assert room.noted() == [(ANNA.account, CALL)] * 2


async def test_a_stream_long_after_its_page_is_a_look() -> None:
    room = Room()
    await room.looks.page(ANNA, CALL)
    room.now += ONE_LOOK_S + 0.1
    await room.looks.stream(ANNA, CALL)
    assert room.noted() == [(ANNA.account, CALL)] * 2


@pytest.mark.parametrize(
    ("operator", "call"),
    [(BERT, CALL), (ANNA, OTHER), (replace(ANNA, session="another"), CALL)],
    ids=["operator", "call", "session"],
)
async def test_nobody_looks_on_account_of_another_page(operator: Operator, call: str) -> None:
    room = Room()
    await room.looks.page(ANNA, CALL)
    await room.looks.stream(operator, call)
    assert len(room.noted()) == 2


async def test_a_page_that_could_not_be_written_down_is_no_look() -> None:
    room = Room()
    room.guard.is_full = True
    with pytest.raises(RecordsUnavailable):
        await room.looks.page(ANNA, CALL)
    with pytest.raises(RecordsUnavailable):
        await room.looks.stream(ANNA, CALL)
    room.guard.is_full = False
    await room.looks.stream(ANNA, CALL)
    assert room.noted() == [(ANNA.account, CALL)]
