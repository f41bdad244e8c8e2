"""Workers that ring people up at the same time, one of them killed in the middle."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.outbound.company import HOUR, NOW
from tests.storage.remindings import STEPS, Company, number_of
from voice_agent.outbound.reminder import State
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_claims import LOST_AFTER
from voice_agent.storage.tables import reminder_attempts

pytestmark = pytest.mark.integration  # real databases, real processes

SOON = NOW + timedelta(seconds=30)
ROOT = Path(__file__).parents[2]


async def ring(  # (what a worker is told)
    address: str, name: str, log: Path, now: datetime, die: tuple[str, int] = ("", 0)
) -> int:
    """A worker in a process of its own; gives its exit status."""
    arguments = (address, name, str(log), now.isoformat(), die[0], str(die[1]))
    module = ("-m", "tests.storage.remindings")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *module, *arguments, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


def first_line(log: Path, worker: asyncio.Task[int]) -> None:
    """Wait until a worker has dialled, or is gone; called in a thread."""
    while not worker.done() and not (log.exists() and log.read_text()):
        time.sleep(0.01)


def dialled(directory: Path) -> Counter[str]:
    """What was dialled, by reminder, attempt and number."""
    lines = [line for log in directory.glob("*.log") for line in log.read_text().splitlines()]
    return Counter(lines)


@pytest.mark.parametrize(("step", "count"), list(zip(STEPS, (1000, 120, 120), strict=True)))
async def test_c26_two_workers_ring_up_everybody_exactly_once_though_one_is_killed(
    database: Database, address: str, tmp_path: Path, step: str, count: int
) -> None:
    company = Company(database)
    await company.fill(count)
    async with asyncio.TaskGroup() as workers:
        dying = workers.create_task(
            ring(address, "w1", tmp_path / "w1.log", SOON, (step, count // 20))
        )
        # The other one begins when this one is at work: else all might be done before it dies.
        await asyncio.to_thread(first_line, tmp_path / "w1.log", dying)
        other = workers.create_task(ring(address, "w2", tmp_path / "w2.log", SOON))
    assert (dying.result(), other.result()) == (-9, 0)
    # What the dead one had claimed and not dialled lapses, and is planned and claimed again.
    company.now = SOON + timedelta(seconds=61)
    assert await company.claims.settle(company.now) == 0
    await company.reminders.plan()
    assert await ring(address, "w3", tmp_path / "w3.log", company.now) == 0
    # What it was dialling counts as made, and nobody knows how it went.
    company.now = SOON + LOST_AFTER
    assert await company.claims.settle(company.now) == (step != "claimed")
    await company.reminders.plan()
    assert await ring(address, "w4", tmp_path / "w4.log", company.now) == 0

    calls = dialled(tmp_path)
    assert set(calls.values()) == {1}
    numbers = {line.split()[2] for line in calls}
    assert len(numbers) == len(calls) == (count - 1 if step == "written" else count)
    assert numbers <= {number_of(person) for person in range(count)}
    async with database.begin() as connection:
        rows = (await connection.execute(select(reminder_attempts))).all()
    assert len(rows) == count
    outcomes = Counter(row.outcome for row in rows)
    assert outcomes == Counter(told=count) if step == "claimed" else outcomes["unknown"] == 1
    states = (await company.reminders.overview()).states
    assert states[State.DONE] == (count if step == "claimed" else count - 1)
    if step != "claimed":  # a second attempt comes after the spacing, and not before
        company.now = SOON + 4 * HOUR
        await company.reminders.plan()
        claim = await company.claims.claim(company.now, "w5")
        assert claim is not None
        assert claim.attempt == 2
