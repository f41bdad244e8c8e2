"""One look at the live store for all pages of a process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.console.console_house import ANNA, BEN, ConsoleHouse, opened
from voice_agent.console.board import Board, Difference, Sight, difference
from voice_agent.live.memory import MemoryLive
from voice_agent.live.ports import LiveUnavailable, OnDuty
from voice_agent.live.snapshot import CallSnapshot

ONE = CallSnapshot(call="1" * 32, worker="w", language="de", began_at=1.0)
TWO = replace(ONE, call="2" * 32, holder=BEN.account)


@pytest.fixture
async def house() -> AsyncIterator[ConsoleHouse]:
    async with opened() as house:
        yield house


class Flickering(MemoryLive):
    """A live store that can be switched off."""

    off = False

    async def calls(self) -> tuple[CallSnapshot, ...]:
        if self.off:
            raise LiveUnavailable("away")
        return await super().calls()

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[str]]:
        if self.off:
            raise LiveUnavailable("away")
        async with super().changes() as changes:
            yield changes


def sight(*calls: CallSnapshot, duty: tuple[OnDuty, ...] = ()) -> Sight:
    return Sight({each.call: each for each in calls}, (), duty)


def test_only_what_changed_is_told() -> None:
    later = replace(ONE, phase="closing")
    assert difference(sight(ONE, TWO), sight(later, TWO)).changed == (later,)
    assert difference(sight(ONE, TWO), sight(TWO)).gone == (ONE.call,)
    assert difference(sight(ONE), sight(ONE)) == Difference()


def test_an_operator_who_gets_a_name_changes_the_tiles_they_hold() -> None:
    duty = (OnDuty(BEN.account, BEN.name, available=False),)
    assert difference(sight(ONE, TWO), sight(ONE, TWO, duty=duty)).changed == (TWO,)


async def test_a_change_is_seen_at_once_and_many_changes_together(house: ConsoleHouse) -> None:
    board = Board(house.live)
    call = await house.begin()
    async with board.watched() as known:
        assert set(known.calls) == {call}
        for phase in ("notice", "committing", "conversing"):
            await house.show(replace(house.calls[call], phase=phase))
        seen = await board.next(known, 5.0)
        while seen.calls[call].phase != "conversing":
            seen = await board.next(seen, 5.0)
        await house.end(call)
        while call in seen.calls:
            seen = await board.next(seen, 5.0)


async def test_nobody_looks_when_no_page_is_open(house: ConsoleHouse) -> None:
    board = Board(house.live)
    async with board.watched(), board.watched():
        assert [task.get_name() for task in asyncio.all_tasks()].count("console board") == 1
    await asyncio.sleep(0)
    assert "console board" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_a_store_that_is_away_is_told_and_comes_back() -> None:
    live = Flickering("w")
    await live.show([ONE])
    board = Board(live)
    async with board.watched() as known:
        live.off = True
        await live.attend(OnDuty(ANNA.account, ANNA.name, available=True))
        away = await board.next(known, 10.0)
        assert away.away
        assert set(away.calls) == {ONE.call}
        live.off = False
        back = await board.next(away, 10.0)
        while back.away:
            back = await board.next(back, 10.0)
        assert [each.operator for each in back.duty] == [ANNA.account]


async def test_who_is_not_told_anything_waits_no_longer_than_they_want(house: ConsoleHouse) -> None:
    board = Board(house.live)
    async with board.watched() as known:
        assert await board.next(known, 0.01) is known
