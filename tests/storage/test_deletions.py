"""What the carrier is to delete, until it is gone (C20)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.storage.household import CANARY, NEIGHBOUR, NUMBER, Household, leg_of, message_of
from voice_agent.errors import CarrierError
from voice_agent.runtime.deletions import FIRST_PAUSE, LONGEST_PAUSE, Deletions, Residue, pause
from voice_agent.storage.database import Database
from voice_agent.storage.deletions import SqlDeletionList
from voice_agent.storage.tables import carrier_deletions

pytestmark = pytest.mark.integration  # a real database on a real disk

NOT_YET = 20009


class Archive:
    """A carrier's records; some cannot be deleted for a while.

    Attributes:
        refusals: what is said to the next requests, in order; then everything is deleted.
        asked: what was asked for.
        seconds: what one request takes.
    """

    def __init__(self, *refusals: int | None, seconds: float = 0.0) -> None:
        self.refusals = list(refusals)
        self.asked: list[tuple[str, str]] = []
        self.seconds = seconds

    async def delete_call(self, sid: str) -> None:
        await self._delete("call", sid)

    async def delete_message(self, sid: str) -> None:
        await self._delete("message", sid)

    async def _delete(self, kind: str, sid: str) -> None:
        self.asked.append((kind, sid))
        await asyncio.sleep(self.seconds)
        if self.refusals:
            raise CarrierError("the carrier refused the request", self.refusals.pop(0))


@pytest.fixture
def household(database: Database) -> Household:
    return Household(database)


def deletions(household: Household, archive: Archive) -> Deletions:
    return Deletions(archive, SqlDeletionList(household.database), household.clock)


async def test_c20_what_is_gone_at_the_carrier_is_off_the_list(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    await household.rights.erase(CANARY, "portal")
    archive = Archive()
    await deletions(household, archive).run()
    assert set(archive.asked) == {
        ("call", CANARY),
        ("call", leg_of(CANARY)),
        ("message", message_of(CANARY)),
    }
    assert await household.rows(carrier_deletions) == 0
    await deletions(household, archive).run()
    assert len(archive.asked) == 3


async def test_c20_a_call_that_cannot_be_deleted_yet_is_asked_for_again(
    household: Household,
) -> None:
    """Twilio's 20009: not complete. Each pause is longer than the one before."""
    await household.ask_carrier(CANARY)
    archive = Archive(NOT_YET, NOT_YET, NOT_YET)
    work = deletions(household, archive)
    for minutes in (0, 1, 2, 4):
        household.now += timedelta(minutes=minutes, seconds=-1) if minutes else timedelta()
        asked = len(archive.asked)
        await work.run()
        assert len(archive.asked) == asked + (not minutes)
        household.now += timedelta(seconds=1) if minutes else timedelta()
        await work.run()
        assert len(archive.asked) == asked + 1
    assert await work.residue() == Residue(left=0, oldest=None, codes={})


def test_the_pauses_grow_to_twelve_hours_and_no_further() -> None:
    pauses = [pause(tries) for tries in range(12)]
    assert pauses[0] == FIRST_PAUSE == timedelta(minutes=1)
    assert pauses == sorted(pauses)
    assert pauses[-1] == pause(10**6) == LONGEST_PAUSE == timedelta(hours=12)


async def test_c20_the_residual_report_says_how_many_and_why(household: Household) -> None:
    await household.ask_carrier(CANARY)
    household.now += timedelta(seconds=1)
    await household.ask_carrier(NEIGHBOUR)
    work = deletions(household, Archive(NOT_YET, 20003))
    await work.run()
    residue = await work.residue()
    assert residue.left == 2
    assert residue.oldest == household.now - timedelta(seconds=1)
    assert residue.codes == {20003: 1, NOT_YET: 1}
    assert residue.as_fields()["codes"] == {"20003": 1, "20009": 1}


async def test_a_carrier_that_does_not_answer_is_asked_once(household: Household) -> None:
    """The others keep their place, and nothing is lost."""
    await household.ask_carrier(CANARY)
    await household.ask_carrier(NEIGHBOUR)
    archive = Archive(None)
    work = deletions(household, archive)
    await work.run()
    assert len(archive.asked) == 1
    assert (await work.residue()).left == 2
    await work.run()
    assert len(archive.asked) == 2
    assert (await work.residue()).left == 1


async def test_of_several_workers_one_asks_for_a_record(household: Household, address: str) -> None:
    for number in range(12):
        await household.ask_carrier(f"CA{number:032d}")
    archive = Archive(seconds=0.01)
    other = Household(Database.open(address))
    try:
        workers = [deletions(each, archive) for each in (household, other) * 2]
        await asyncio.gather(*(worker.run() for worker in workers))
    finally:
        await other.database.close()
    assert len(archive.asked) == len(set(archive.asked)) == 12
    assert await household.rows(carrier_deletions) == 0


async def test_a_worker_that_died_in_the_middle_leaves_the_record_on_the_list(
    household: Household,
) -> None:
    await household.ask_carrier(CANARY)
    waiting = SqlDeletionList(household.database)
    (deletion,) = await waiting.due(household.now, 9)
    assert await waiting.claim(deletion, household.now + FIRST_PAUSE)
    assert not await waiting.claim(deletion, household.now + FIRST_PAUSE)
    household.now += FIRST_PAUSE
    archive = Archive()
    await deletions(household, archive).run()
    assert archive.asked == [("call", CANARY)]


async def test_c18_nothing_logged_names_a_call(household: Household) -> None:
    with capture_logs() as lines:
        await household.ask_carrier(CANARY)
        await household.ask_carrier(NEIGHBOUR)
        await deletions(household, Archive(NOT_YET)).run()
    assert "20009" in str(lines)
    assert CANARY not in str(lines)
    assert NEIGHBOUR not in str(lines)


async def test_a_refusal_is_kept_with_its_code(household: Household) -> None:
    await household.ask_carrier(CANARY)
    await deletions(household, Archive(NOT_YET)).run()
    async with household.database.begin() as connection:
        row = (await connection.execute(select(carrier_deletions))).one()
    assert (row.tries, row.error_code) == (1, NOT_YET)
