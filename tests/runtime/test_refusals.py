"""Refusals are written down at once, or as soon as the list takes them (C28)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.refusals import Refusals

NUMBER = "+493012340042"


@dataclass
class PaperList:
    """A list that may be away.

    Attributes:
        faults: what the next tries meet.
        hangs: no try ends.
    """

    faults: list[Exception] = field(default_factory=list)
    hangs: bool = False
    kept: dict[str, ToldBy] = field(default_factory=dict)

    async def add(self, number: str, told_by: ToldBy) -> bool:
        """See the port."""
        if self.hangs:
            await asyncio.Event().wait()
        if self.faults:
            raise self.faults.pop(0)
        is_new = number not in self.kept
        self.kept.setdefault(number, told_by)
        return is_new


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice_agent.runtime.refusals.PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr("voice_agent.runtime.registrar.RECORD_LIMIT", 0.05)


async def test_c28_a_refusal_is_on_the_list_when_it_is_said_to_be() -> None:
    paper = PaperList()
    refusals = Refusals(paper, Metrics())
    for _ in range(2):
        assert await refusals.note(NUMBER, ToldBy.KEY)
    assert paper.kept == {NUMBER: ToldBy.KEY}


@pytest.mark.parametrize("fault", [RecordsUnavailable("away"), RuntimeError("ours")])
async def test_c28_what_the_list_does_not_take_is_tried_until_it_does(fault: Exception) -> None:
    paper, metrics = PaperList([fault] * 6), Metrics()
    refusals = Refusals(paper, metrics)
    assert not await refusals.note(NUMBER, ToldBy.KEY)
    assert not await refusals.note(NUMBER, ToldBy.MESSAGE)
    await refusals.settle()
    assert paper.kept == {NUMBER: ToldBy.KEY}
    assert metrics.counted("refusal_late") == 1


async def test_c28_a_list_that_hangs_keeps_nobody_waiting() -> None:
    paper = PaperList(hangs=True)
    refusals = Refusals(paper, Metrics())
    assert not await refusals.note(NUMBER, ToldBy.KEY)
    paper.hangs = False
    await refusals.settle()
    assert paper.kept == {NUMBER: ToldBy.KEY}


async def test_c28_what_is_given_up_at_the_end_is_told_without_the_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics = Metrics()
    refusals = Refusals(PaperList(hangs=True), metrics)
    assert not await refusals.note(NUMBER, ToldBy.KEY)
    await refusals.release()
    assert metrics.counted("refusal_not_recorded") == 1
    shown = "".join(capsys.readouterr())
    assert "refusal_not_recorded" in shown
    assert NUMBER[1:] not in shown
    await refusals.settle()
