"""How many calls there are at once, and calls that did not come about, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.outbound.company import HOUR, NOW
from tests.storage.household import Household
from tests.storage.remindings import ALL_AT_ONCE, Company, number_of, wanted
from voice_agent.outbound.claim import Claim, Outcome
from voice_agent.outbound.reminder import State
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_undialled import SqlUndialled
from voice_agent.storage.tables import carrier_deletions, reminder_attempts, reminders

pytestmark = pytest.mark.integration  # a real database on a real disk

LINES = 3
SECOND = timedelta(seconds=1)


@pytest.fixture
def company(database: Database) -> Company:
    return Company(database, replace(ALL_AT_ONCE, at_once=LINES))


@pytest.fixture
def undialled(database: Database) -> SqlUndialled:
    return SqlUndialled(database)


async def claimed(company: Company) -> Claim:
    claim = await company.claims.claim(company.now, "w1")
    assert claim is not None
    return claim


async def dialled(company: Company) -> Claim:
    claim = await claimed(company)
    assert await company.claims.dial(claim, company.now)
    return claim


async def attempts(company: Company) -> int:
    async with company.database.begin() as connection:
        return len((await connection.execute(select(reminder_attempts))).all())


async def states(company: Company) -> dict[str, int]:
    return dict((await company.reminders.overview()).states)


# -- lines -----------------------------------------------------------------------------------------


async def due(company: Company, count: int) -> None:
    """So many are due at once, whatever the plan would have made of so few lines."""
    await company.fill(count)
    async with company.database.begin() as connection:
        await connection.execute(
            reminders.update().values(next_at=NOW, lead_id=reminders.c.reminder_id)
        )


async def test_c26_however_many_workers_claim_at_once_no_line_is_taken_twice(
    company: Company,
) -> None:
    await due(company, 12)
    found = await asyncio.gather(
        *(company.claims.claim(NOW, f"w{number}") for number in range(12)), return_exceptions=True
    )
    claims = [each for each in found if isinstance(each, Claim)]
    assert len(claims) == LINES
    assert not [each for each in found if isinstance(each, BaseException)]


async def test_a_line_is_free_again_when_its_call_is_over(
    company: Company, undialled: SqlUndialled
) -> None:
    await due(company, 12)
    first, second, third = [await dialled(company) for _ in range(LINES)]
    assert await company.claims.claim(NOW, "w2") is None
    assert await company.claims.ended(first.id, Outcome.TOLD, NOW)
    await claimed(company)
    assert await undialled.release(second, None)
    await claimed(company)
    assert await undialled.give_up(third, Outcome.UNREACHABLE, NOW)
    await claimed(company)
    assert await company.claims.claim(NOW, "w2") is None


async def test_a_line_whose_worker_was_killed_is_free_when_the_claim_has_lapsed(
    company: Company,
) -> None:
    await due(company, 12)
    for _ in range(LINES):
        await claimed(company)
    assert await company.claims.claim(NOW + 30 * SECOND, "w2") is None
    await company.claims.settle(NOW + 61 * SECOND)
    assert await company.claims.claim(NOW + 61 * SECOND, "w2") is not None


# -- what did not come about -----------------------------------------------------------------------


@pytest.mark.parametrize("was_dialled", [True, False])
async def test_a_call_that_was_not_processed_is_no_attempt(
    company: Company, undialled: SqlUndialled, was_dialled: bool
) -> None:
    await company.fill(1)
    claim = await (dialled(company) if was_dialled else claimed(company))
    assert await undialled.release(claim, NOW + 2 * SECOND)
    assert await attempts(company) == 0
    assert await states(company) == {State.OPEN: 1}
    assert await company.claims.claim(NOW + SECOND, "w2") is None
    again = await company.claims.claim(NOW + 2 * SECOND, "w2")
    assert again is not None
    assert (again.attempt, again.number) == (1, number_of(0))
    assert again.id != claim.id


async def test_two_appointments_of_one_person_are_one_call_when_it_is_tried_again(
    company: Company, undialled: SqlUndialled
) -> None:
    later = wanted(0, source="T-x", starts_at=NOW + timedelta(days=2))
    await company.reminders.put([wanted(0), later])
    await company.reminders.plan()
    claim = await dialled(company)
    assert len(claim.appointments) == 2
    assert await undialled.release(claim, NOW)
    assert len((await claimed(company)).appointments) == 2


async def test_whoever_is_not_tried_again_at_once_waits_for_the_next_plan(
    company: Company, undialled: SqlUndialled
) -> None:
    await company.fill(1)
    assert await undialled.release(await claimed(company), None)
    assert await company.claims.claim(NOW, "w2") is None
    await company.reminders.plan()
    assert await company.claims.claim(NOW, "w2") is not None


async def test_c17_a_number_that_cannot_be_rung_up_is_given_up_and_deleted(
    company: Company, undialled: SqlUndialled
) -> None:
    await company.fill(1)
    assert await undialled.give_up(await dialled(company), Outcome.UNREACHABLE, NOW)
    overview = await company.reminders.overview()
    assert (overview.states, overview.outcomes) == ({State.DONE: 1}, {"unreachable": 1})
    async with company.database.begin() as connection:
        assert await connection.scalar(select(reminders.c.sealed_number)) is None
    company.now += 5 * HOUR
    await company.reminders.plan()
    assert await company.claims.claim(company.now, "w2") is None


@pytest.mark.parametrize("told_by", ["answer", "callback", "end"])
async def test_c26_a_call_the_carrier_told_of_came_about_whatever_its_answer_was(
    company: Company, undialled: SqlUndialled, told_by: str
) -> None:
    await company.fill(1)
    claim = await dialled(company)
    if told_by == "answer":
        await company.claims.dialled(claim, "CA1")
    elif told_by == "callback":
        assert await company.errands.answered(claim.id, "CA1") is not None
    else:
        assert await company.claims.ended(claim.id, Outcome.NO_ANSWER, NOW)
    assert not await undialled.release(claim, NOW)
    assert not await undialled.give_up(claim, Outcome.FAILED, NOW)
    assert await attempts(company) == 1
    assert await company.claims.claim(NOW, "w2") is None


async def test_the_carriers_callback_ends_a_call_whose_worker_wrote_nothing_more(
    company: Company,
) -> None:
    """It was killed after the request, before it could write down what the carrier calls it."""
    await company.fill(1)
    claim = await dialled(company)
    assert await company.errands.answered(claim.id, "CA1") is not None
    assert await company.claims.ended(claim.id, Outcome.CONFIRMED, NOW)
    assert (await company.reminders.overview()).outcomes == {"confirmed": 1}
    assert await company.claims.settle(NOW + 2 * HOUR) == 0


# -- what the carrier keeps ------------------------------------------------------------------------


async def test_c20_the_carriers_record_of_a_call_nobody_answered_goes_with_the_person(
    company: Company,
) -> None:
    await company.fill(1)
    claim, call_id = await dialled(company), "CA" + "4" * 32
    await company.claims.dialled(claim, call_id)
    await company.claims.ended(claim.id, Outcome.NO_ANSWER, NOW)
    household = Household(company.database, now=NOW)
    await household.rights.erase_number(number_of(0), "command")
    async with company.database.begin() as connection:
        queued = (await connection.execute(select(carrier_deletions))).all()
    assert [(row.kind, row.carrier_id) for row in queued] == [("call", call_id)]
    assert await attempts(company) == 0
