"""Reminders in a database, and the do-not-call list, on both kinds of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from consent.outreach import NotPermitted, Refusal
from tests.databases import ON_SQLITE
from tests.outbound.company import DAY, HOUR, NOW
from tests.storage.household import PEOPLE, Household
from tests.storage.remindings import Company, number_of, wanted
from voice_agent.outbound.claim import Claim, Outcome
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.outbound.plan import Why
from voice_agent.outbound.reminder import State
from voice_agent.retention import load_retention
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_rows import key_of
from voice_agent.storage.reminders import TakenIn
from voice_agent.storage.retention import Retention
from voice_agent.storage.tables import data_keys, do_not_call, reminder_attempts, reminders

pytestmark = pytest.mark.integration  # a real database on a real disk

RULES = load_retention(Path(__file__).parents[2] / "config")
SECOND = timedelta(seconds=1)


@pytest.fixture
def company(database: Database) -> Company:
    return Company(database)


async def claimed(company: Company) -> Claim:
    claim = await company.claims.claim(company.now, "w1")
    assert claim is not None
    return claim


async def numbers_kept(company: Company) -> int:
    """How many numbers can still be opened: sealed ones, and their keys."""
    async with company.database.begin() as connection:
        sealed = reminders.c.sealed_number.is_not(None)
        rows = (await connection.execute(select(reminders.c.reminder_id).where(sealed))).all()
        keys = (await connection.execute(select(data_keys))).all()
    assert len(rows) == len(keys)
    return len(rows)


async def states(company: Company) -> dict[str, int]:
    return dict((await company.reminders.overview()).states)


# -- taking in -------------------------------------------------------------------------------------


async def test_reminders_are_taken_in_and_a_second_time_changes_nothing(company: Company) -> None:
    file = [wanted(0), wanted(1)]
    assert await company.reminders.put(file) == TakenIn(added=2)
    assert await company.reminders.put(file) == TakenIn(same=2)
    moved = wanted(1, starts_at=NOW + 2 * DAY)
    assert await company.reminders.put([wanted(0, language="en"), moved, wanted(2)]) == TakenIn(
        added=1, moved=1, changed=1
    )
    assert await states(company) == {"open": 3}
    assert await numbers_kept(company) == 3
    await company.reminders.plan()
    assert (await claimed(company)).language == "en"


async def test_c17_a_number_is_kept_encrypted_and_nowhere_else(company: Company) -> None:
    await company.fill(1)
    household = Household(company.database)
    assert await household.where(number_of(0)) == set()
    assert await household.where(PEOPLE.of(number_of(0))) == {"reminders"}
    assert (await claimed(company)).number == number_of(0)


async def test_c17_the_number_goes_with_the_appointment_whatever_happened(
    company: Company,
) -> None:
    await company.fill(1)
    household = Household(company.database, has_carrier=False)

    async def sweep() -> int:
        retention = Retention(
            company.database, household.archive, RULES, household.clock, has_carrier=False
        )
        await retention.enforce()
        return await numbers_kept(company)

    household.now = wanted().starts_at - SECOND
    assert await sweep() == 1
    household.now += SECOND
    assert await sweep() == 0


@ON_SQLITE
async def test_c17_a_number_that_is_done_with_is_in_no_file_of_the_open_database(
    company: Company, file: Path
) -> None:
    await company.fill(1)
    async with company.database.begin() as connection:
        (wrapped,) = (await connection.scalars(select(data_keys.c.wrapped))).all()
    files = list(file.parent.glob(f"{file.name}*"))
    assert any(wrapped in each.read_bytes() for each in files)
    await company.list.add(number_of(0), ToldBy.COMMAND)
    assert not any(wrapped in each.read_bytes() for each in files if each.exists())


# -- claiming and dialling -------------------------------------------------------------------------


async def test_a_call_is_claimed_once_and_dialled_once(company: Company) -> None:
    await company.fill(1)
    claim = await claimed(company)
    assert await company.claims.claim(company.now, "w2") is None
    assert await company.claims.dial(claim, company.now)
    with pytest.raises(NotPermitted):
        await company.claims.dial(claim, company.now)
    await company.claims.dialled(claim, "CA1")
    assert (await company.reminders.overview()).plan.left == {claim.reminder: Why.RUNNING}
    assert await company.claims.ended(claim.id, Outcome.TOLD, company.now)
    assert not await company.claims.ended(claim.id, Outcome.BUSY, company.now)
    assert await states(company) == {State.DONE: 1}
    assert await numbers_kept(company) == 0
    assert number_of(0) not in repr(claim)


async def test_c26_a_claim_that_lapsed_cannot_be_dialled(company: Company) -> None:
    await company.fill(1)
    first = await claimed(company)
    company.now += 61 * SECOND
    with pytest.raises(NotPermitted):
        await company.claims.dial(first, company.now)
    await company.claims.settle(company.now)
    await company.reminders.plan()
    second = await claimed(company)
    assert (second.reminder, second.attempt) == (first.reminder, 1)
    # Even by a worker whose clock is late, and that has spent nothing yet.
    late = Company(company.database, now=NOW)
    third = await late.claims.claim(NOW, "w3")
    assert third is None
    assert await company.claims.dial(second, company.now)


async def test_c26_a_clock_that_is_late_dials_nothing_that_another_has_claimed(
    company: Company,
) -> None:
    await company.fill(1)
    first = await claimed(company)
    await company.claims.settle(NOW + 61 * SECOND)
    assert not await company.claims.dial(first, NOW)


async def test_somebody_who_was_not_reached_is_rung_up_again_and_then_no_more(
    company: Company,
) -> None:
    await company.fill(1)
    for attempt in (1, 2):
        claim = await claimed(company)
        assert claim.attempt == attempt
        assert await company.claims.dial(claim, company.now)
        await company.claims.ended(claim.id, Outcome.NO_ANSWER, company.now)
        await company.reminders.plan()
        assert await company.claims.claim(company.now, "w2") is None
        company.now += 4 * HOUR
        await company.reminders.plan()
    assert await company.claims.claim(company.now, "w1") is None
    assert (await company.reminders.overview()).outcomes == {Refusal.ATTEMPTS: 1}
    assert await numbers_kept(company) == 0


@pytest.mark.parametrize("outcome", [Outcome.TOLD, Outcome.BUSY])
async def test_an_outcome_that_comes_late_counts(company: Company, outcome: Outcome) -> None:
    await company.fill(1)
    claim = await claimed(company)
    await company.claims.dial(claim, company.now)
    assert await company.claims.settle(company.now + HOUR) == 1
    assert await company.claims.ended(claim.id, outcome, company.now + 2 * HOUR)
    expected = State.DONE if outcome is Outcome.TOLD else State.OPEN
    assert await states(company) == {expected: 1}


async def test_two_appointments_of_one_person_are_one_call(company: Company) -> None:
    later = wanted(0, source="T-later", starts_at=NOW + 2 * DAY)
    await company.reminders.put([wanted(0), later])
    await company.reminders.plan()
    claim = await claimed(company)
    assert [each.reminder for each in claim.appointments] == [key_of(wanted(0)), key_of(later)]
    assert await company.claims.dial(claim, company.now)
    await company.claims.ended(claim.id, Outcome.TOLD, company.now)
    assert await states(company) == {State.DONE: 2}


async def test_c26_nobody_is_rung_up_twice_at_once_whatever_was_planned(company: Company) -> None:
    await company.reminders.put([wanted(0), wanted(0, source="T-other")])
    async with company.database.begin() as connection:
        due = update(reminders).values(next_at=NOW, lead_id=reminders.c.reminder_id)
        await connection.execute(due)
    await claimed(company)
    assert await company.claims.claim(company.now, "w2") is None


async def test_c26_of_several_workers_one_rings_up_a_person(company: Company) -> None:
    """Even where nothing has to be waited for, and all of them look at the same moment."""
    company.policy = replace(company.policy, spacing=timedelta())
    await company.reminders.put([wanted(0, source=f"T-{number}") for number in range(4)])
    async with company.database.begin() as connection:
        due = update(reminders).values(next_at=NOW, lead_id=reminders.c.reminder_id)
        await connection.execute(due)
    looks = [company.claims.claim(NOW, f"w{number}") for number in range(4)]
    found = [claim for claim in await asyncio.gather(*looks) if claim is not None]
    assert len(found) == 1
    assert await company.claims.claim(NOW, "w5") is None


async def test_c26_what_was_planned_is_no_permission(company: Company) -> None:
    """Whoever comes to a call late finds the office closed."""
    await company.fill(1)
    evening = NOW + 9 * HOUR
    assert await company.claims.claim(evening, "w1") is None
    assert await company.claims.claim(NOW, "w1") is None  # it waits for the next plan
    await company.reminders.plan()
    await claimed(company)


async def test_whoever_comes_to_a_call_too_late_finds_that_it_is_not_made(
    company: Company,
) -> None:
    """What was planned before a server stood still is none shortly before the appointment."""
    await company.fill(1)
    soon = NOW + 23 * HOUR + 30 * SECOND
    assert company.policy.hours.allow(soon)
    assert await company.claims.claim(soon, "w1") is None


async def test_a_damaged_row_cannot_be_rung_up(company: Company) -> None:
    await company.fill(1)
    async with company.database.begin() as connection:
        await connection.execute(update(reminders).values(sealed_number=None))
    assert await company.claims.claim(company.now, "w1") is None


async def test_nothing_is_claimed_or_dialled_while_all_is_stopped(company: Company) -> None:
    await company.fill(2)
    claim = await claimed(company)
    assert await company.reminders.pause()
    assert not await company.reminders.pause()
    assert await company.claims.claim(company.now, "w1") is None
    assert not await company.claims.dial(claim, company.now)
    assert Why.PAUSED in (await company.reminders.overview()).plan.left.values()
    assert await company.reminders.resume()
    assert not await company.reminders.resume()
    assert await company.claims.claim(company.now + SECOND, "w1") is not None


# -- the do-not-call list --------------------------------------------------------------------------


async def test_c28_a_number_on_the_list_is_not_rung_up_and_not_kept(company: Company) -> None:
    await company.fill(2)
    assert await company.list.add(number_of(0), ToldBy.KEY)
    assert not await company.list.add(number_of(0), ToldBy.COMMAND)
    assert await company.list.count() == 1
    assert (await claimed(company)).number == number_of(1)
    assert await company.claims.claim(company.now, "w1") is None
    assert (await company.reminders.overview()).outcomes == {"listed": 1}
    assert await numbers_kept(company) == 1
    # A new appointment of theirs is not one to be rung up about either.
    await company.reminders.put([wanted(0, source="T-new")])
    made = await company.reminders.plan()
    assert Refusal.LISTED in made.left.values()
    assert await numbers_kept(company) == 1


async def test_c28_the_list_is_looked_at_again_at_the_moment_of_dialling(
    company: Company,
) -> None:
    await company.fill(1)
    claim = await claimed(company)
    await company.list.add(number_of(0), ToldBy.MESSAGE)
    assert not await company.claims.dial(claim, company.now)
    assert await states(company) == {State.DONE: 1}
    assert await numbers_kept(company) == 0
    async with company.database.begin() as connection:
        assert (await connection.execute(select(reminder_attempts))).all() == []


async def test_c28_the_list_holds_hashes_of_its_own_and_no_number(company: Company) -> None:
    await company.list.add(number_of(0), ToldBy.KEY)
    household = Household(company.database)
    assert await household.where(number_of(0), *PEOPLE.all_of(number_of(0))) == set()
    async with company.database.begin() as connection:
        (row,) = (await connection.execute(select(do_not_call))).all()
    assert row.pseudonym in PEOPLE.listed_as(PEOPLE.all_of(number_of(0)))


async def test_a_number_that_is_taken_off_the_list_may_be_rung_up_again(company: Company) -> None:
    await company.list.add(number_of(0), ToldBy.COMMAND)
    assert await company.list.remove(number_of(0))
    assert not await company.list.remove(number_of(0))
    await company.fill(1)
    await claimed(company)


# -- settled by the plan ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("current", "why"),
    [(None, Why.CANCELLED), (NOW + 25 * HOUR, Why.MOVED)],
)
async def test_an_appointment_that_changed_in_the_calendar_is_not_reminded_of(
    company: Company, current: datetime | None, why: Why
) -> None:
    await company.reminders.put([wanted(0, appointment="A-1")])
    await company.reminders.plan({"A-1": current})
    assert await company.claims.claim(company.now, "w1") is None
    assert (await company.reminders.overview()).outcomes == {why: 1}
    assert await numbers_kept(company) == 0


async def test_only_what_is_due_soon_is_handed_out(company: Company) -> None:
    company.policy = replace(company.policy, first=timedelta(hours=20))
    await company.fill(1)
    assert await company.claims.claim(company.now + 4 * HOUR, "w1") is None
    company.now += 4 * HOUR
    await company.reminders.plan()
    await claimed(company)
