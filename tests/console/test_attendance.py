"""Operators are there as they said, and as the call they are in tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.console.console_house import ANNA, BEN
from voice_agent.console.attendance import Attendance, standing
from voice_agent.console.board import Sight
from voice_agent.live.memory import MemoryBoard, MemoryLive
from voice_agent.live.ports import OnDuty
from voice_agent.live.snapshot import CallSnapshot

CALL = CallSnapshot(call="1" * 32, worker="w", language="de", began_at=1.0)
MINE = replace(CALL, holder=ANNA.account)
HEARD = replace(CALL, holder=BEN.account, listeners=[ANNA.account])


def said(available: bool = True, call: str = "") -> OnDuty:
    return OnDuty(ANNA.account, ANNA.name, available, call)


@pytest.mark.parametrize(
    ("calls", "before", "now"),
    [
        ([CALL], None, said(available=False)),
        ([CALL], said(), said()),
        ([MINE], said(), said(available=False, call=CALL.call)),
        ([HEARD], said(), said(available=False, call=CALL.call)),
        ([CALL], said(available=False, call=CALL.call), said(available=False)),
        ([], said(available=False, call=CALL.call), said(available=False)),
    ],
    ids=["new", "as said", "holds", "listens", "call given back", "call over"],
)
def test_how_an_operator_is_there(
    calls: list[CallSnapshot], before: OnDuty | None, now: OnDuty
) -> None:
    duty = () if before is None else (before,)
    assert standing(ANNA, Sight({each.call: each for each in calls}, (), duty), 9.0) == now


async def test_who_closes_the_last_page_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice_agent.console.attendance.GRACE_S", 0.01)
    live = MemoryLive("w")
    attendance = Attendance(live)
    async with attendance.present(ANNA):
        async with attendance.present(ANNA):
            await attendance.say(ANNA, available=True)
        await _settled(attendance)
        assert await live.on_duty() == (said(),)
    await _settled(attendance)
    assert await live.on_duty() == ()


async def test_a_page_at_one_worker_that_closes_leaves_whose_page_is_open_at_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("voice_agent.console.attendance.GRACE_S", 0.01)
    board = MemoryBoard()
    here, there = (MemoryLive(name, board=board) for name in ("here", "there"))
    first, second = Attendance(here), Attendance(there)
    async with second.present(ANNA):
        async with first.present(ANNA):
            await first.say(ANNA, available=True)
            await second.signs_of_life(ANNA, Sight({}, (), await there.on_duty()))
        await _settled(first)
        assert await there.on_duty() == (said(),)
        await second.say(ANNA, available=False)
    await _settled(second)
    assert await here.on_duty() == ()


async def test_a_page_that_has_not_heard_yet_what_was_said_does_not_take_it_back() -> None:
    live = MemoryLive("w")
    attendance = Attendance(live)
    await attendance.say(ANNA, available=False)
    stale = Sight({}, (), await live.on_duty())
    await attendance.say(ANNA, available=True)
    await attendance.signs_of_life(ANNA, stale)
    assert await live.on_duty() == (said(),)


async def test_whoever_came_into_a_call_takes_no_other_until_they_say_so() -> None:
    board = MemoryBoard()
    here, there = (MemoryLive(name, board=board) for name in ("here", "there"))
    first, second = Attendance(here), Attendance(there)
    await first.say(ANNA, available=True)
    await second.signs_of_life(ANNA, Sight({}, (), await there.on_duty()))
    await second.signs_of_life(ANNA, Sight({MINE.call: MINE}, (), await there.on_duty()))
    assert await here.on_duty() == (said(available=False, call=CALL.call),)
    for each, live in ((second, there), (first, here)):
        await each.signs_of_life(ANNA, Sight({}, (), await live.on_duty()))
    assert await here.on_duty() == (said(available=False),)
    await first.say(ANNA, available=True)
    assert await there.on_duty() == (said(),)


async def _settled(attendance: Attendance) -> None:
    for task in list(attendance._leaving):
        await task
