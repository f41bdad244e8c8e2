"""One row that is wrong, or very many of them: everybody else is reminded all the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text, update

from tests.databases import ON_POSTGRESQL
from tests.outbound.company import DAY, GIVEN, HOUR, NOW
from tests.storage.household import KEYS, PEOPLE
from tests.storage.remindings import ALL_AT_ONCE, Company, number_of, wanted
from voice_agent.outbound.agreed import Agreed
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.outbound.reminder import Texting
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_consents import SqlReminderConsents
from voice_agent.storage.reminder_planning import PART
from voice_agent.storage.reminder_rows import key_of
from voice_agent.storage.reminder_texts import SqlReminderTexts
from voice_agent.storage.tables import (
    LEADS_AND_GOES_ON,
    data_keys,
    reminder_attempts,
    reminders,
)
from voice_agent.tools.appointment import PersonKey

SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.integration  # a real database on a real disk


@pytest.fixture
def company(database: Database) -> Company:
    return Company(database)


async def damage(company: Company, way: str, key: str) -> None:
    """Make a reminder's number one that cannot be opened."""
    mine = reminders.c.reminder_id == key
    async with company.database.begin() as connection:
        if way == "no key":
            await connection.execute(delete(data_keys).where(data_keys.c.call_id == key))
        else:
            await connection.execute(update(reminders).where(mine).values(sealed_number=b"x" * 40))


@pytest.mark.parametrize("way", ["no key", "changed"])
async def test_a_number_that_cannot_be_opened_keeps_nobody_else_from_being_rung_up(
    company: Company, way: str
) -> None:
    first = wanted(0, starts_at=NOW + 20 * HOUR)
    await company.reminders.put([first, wanted(1)])
    await company.reminders.plan()
    await damage(company, way, key_of(first))
    company.now += SECOND
    claim = await company.claims.claim(company.now, "w1")
    assert claim is not None
    assert claim.number == number_of(1)
    assert await company.claims.claim(company.now, "w1") is None


@pytest.mark.parametrize("way", ["no key", "changed"])
async def test_a_number_that_cannot_be_opened_gets_no_message_and_stops_none(
    company: Company, way: str
) -> None:
    await company.fill(2)
    await damage(company, way, key_of(wanted(0)))
    policy = replace(ALL_AT_ONCE, texting=Texting.INSTEAD)
    book = SqlReminderTexts(company.database, KEYS, PEOPLE, policy)
    assert await book.claim(key_of(wanted(0)), NOW) is None
    assert await book.claim(key_of(wanted(1)), NOW) is not None


@pytest.mark.parametrize("way", ["no key", "changed"])
async def test_a_number_that_cannot_be_opened_is_taken_in_anew_with_all_the_others(
    company: Company, way: str
) -> None:
    await company.fill(2)
    await damage(company, way, key_of(wanted(0)))
    taken_in = await company.reminders.put([wanted(number) for number in range(3)])
    assert (taken_in.changed, taken_in.same, taken_in.added) == (1, 1, 1)
    await company.reminders.plan()
    company.now += SECOND
    rung = [await company.claims.claim(company.now, "w1") for _ in range(3)]
    assert {claim.number for claim in rung if claim} == {number_of(each) for each in range(3)}


async def test_a_consent_whose_number_cannot_be_opened_hides_no_other(company: Company) -> None:
    consents = SqlReminderConsents(company.database, KEYS, PEOPLE, company.clock)
    people = [PersonKey("p-1"), PersonKey("p-2")]
    for number, person in enumerate(people):
        agreed = Agreed(person=person, number=number_of(number), language="de", consent=GIVEN)
        assert await consents.put(agreed)
    async with company.database.begin() as connection:
        await connection.execute(delete(data_keys).where(data_keys.c.call_id == "p-1"))
    assert set(await consents.of(people)) == {"p-2"}


async def test_more_reminders_than_are_read_at_once_are_planned_and_settled(
    company: Company,
) -> None:
    count = PART + 2
    await company.fill(count)
    async with company.database.begin() as connection:
        ids = (await connection.scalars(select(reminders.c.reminder_id))).all()
    people = {key_of(wanted(number)): number for number in range(count)}
    rung, listed = sorted(ids)[-2:]  # both are read last
    await company.list.add(number_of(people[listed]), ToldBy.COMMAND)
    async with company.database.begin() as connection:
        mine = reminders.c.reminder_id == rung
        await connection.execute(update(reminders).where(~mine).values(next_at=None))
    company.now += SECOND
    claim = await company.claims.claim(company.now, "w1")
    assert claim is not None
    assert claim.reminder == rung
    assert await company.claims.dial(claim, company.now)
    await company.claims.ended(claim.id, Outcome.BUSY, company.now)

    made = await company.reminders.plan()
    again = {call.reminder: call for call in made.calls}
    assert len(again) == count - 1
    assert again[rung].attempt == 2
    assert again[rung].at >= company.now + company.policy.spacing
    company.now = NOW + 2 * DAY
    await company.reminders.plan()
    outcomes = (await company.reminders.overview()).outcomes
    assert outcomes == {"over": count - 1, "listed": 1}
    async with company.database.begin() as connection:
        assert await connection.scalar(select(func.count()).select_from(data_keys)) == 0


async def test_calls_that_go_on_are_counted_by_their_index(company: Company) -> None:
    """Workers count every second, and attempts are kept for months."""
    await company.fill(1)
    counted = select(func.count()).select_from(reminder_attempts).where(LEADS_AND_GOES_ON)
    async with company.database.begin() as connection:
        if connection.dialect.name == "sqlite":
            explain = "EXPLAIN QUERY PLAN"
        else:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN"
        rows = (await connection.execute(text(f"{explain} {counted}"))).all()
    assert "uq_reminder_attempts_going_on" in str(rows)


@ON_POSTGRESQL
async def test_whoever_plans_and_whoever_rings_up_never_wait_for_each_other(
    company: Company,
) -> None:
    """In a circle, that is: the server ends one of them, and the carrier's word would be lost."""
    company.policy = replace(ALL_AT_ONCE, spacing=timedelta(), attempts=20)
    pairs = [wanted(number // 2, source=f"T-{number}") for number in range(120)]
    await company.reminders.put(pairs)
    await company.reminders.plan()
    planning = True

    async def plan() -> None:
        while planning:
            company.now += SECOND
            await company.reminders.plan()
            await company.reminders.put(pairs[20:60])

    async def ring(worker: str) -> int:
        count = 0
        for _ in range(60):
            claim = await company.claims.claim(company.now, worker)
            if claim is not None and await company.claims.dial(claim, company.now):
                count += await company.claims.ended(claim.id, Outcome.BUSY, company.now)
        return count

    async with asyncio.TaskGroup() as group:
        planners = [group.create_task(plan()) for _ in range(2)]
        rung = await asyncio.gather(*(ring(f"w{number}") for number in range(4)))
        planning = False
    assert all(planner.done() for planner in planners)
    assert sum(rung) > 0
