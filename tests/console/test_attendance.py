"""Operators are there as they said, and as the call they are in tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.console.console_house import ANNA, BEN
from voice_agent.console.attendance import Attendance, standing
from voice_agent.console.board import Sight
from voice_agent.live.memory import MemoryLive
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


async def _settled(attendance: Attendance) -> None:
    for task in list(attendance._leaving):
        await task
