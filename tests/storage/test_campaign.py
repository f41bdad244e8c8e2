"""How the reminders stand, asked of both kinds of database."""

from __future__ import annotations

import asyncio
import csv
import io
import tracemalloc
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from tests.databases import ON_SQLITE
from tests.outbound.company import BERLIN, DAY, HOUR, NOW
from tests.storage.remindings import Company, number_of, wanted
from voice_agent.outbound.campaign import RUNNING, ReminderLine
from voice_agent.outbound.campaign_file import COLUMNS, written
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.outbound.reminder import State
from voice_agent.storage.campaign import FRESH, PART, SqlCampaign
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_rows import key_of
from voice_agent.storage.tables import reminder_attempts, reminders

pytestmark = pytest.mark.integration  # a real database on a real disk


@pytest.fixture
def company(database: Database) -> Company:
    return Company(database)


@pytest.fixture
def campaign(company: Company) -> SqlCampaign:
    return SqlCampaign(company.database, company.reminders, BERLIN, company.clock)


async def ring(company: Company, outcome: Outcome | None, at: datetime) -> str:
    """Somebody is rung up; gives the reminder. ``None``: the call goes on."""
    company.now = at
    claim = await company.claims.claim(at, "w1")
    assert claim is not None
    assert await company.claims.dial(claim, at)
    if outcome is not None:
        assert await company.claims.ended(claim.id, outcome, at)
    return claim.reminder


async def listed(campaign: SqlCampaign) -> list[ReminderLine]:
    return [line async for line in campaign.lines()]


async def test_the_calls_of_the_day_are_counted_by_hour_and_outcome(
    company: Company, campaign: SqlCampaign
) -> None:
    await company.fill(6)
    for outcome, minutes in (
        (Outcome.CONFIRMED, 0),
        (Outcome.NO_ANSWER, 5),
        (Outcome.CONFIRMED, 10),
        (Outcome.CANCELLED, 125),
        (None, 130),
    ):
        await ring(company, outcome, NOW + timedelta(minutes=minutes))
    standing = await campaign.standing()
    assert [(f"{hour.begins:%H:%M}", dict(hour.calls)) for hour in standing.hours] == [
        ("10:00", {Outcome.CONFIRMED: 2, Outcome.NO_ANSWER: 1}),
        ("11:00", {}),
        ("12:00", {Outcome.CANCELLED: 1, RUNNING: 1}),
    ]
    assert (standing.running, standing.day) == (1, NOW.date())
    assert standing.outcomes == {Outcome.CONFIRMED: 2, Outcome.CANCELLED: 1}
    assert standing.states == {State.DONE: 3, State.RUNNING: 1, State.OPEN: 2}
    assert standing.calls == 2
    assert list(standing.following) == sorted(standing.following)
    assert standing.left == {}


async def test_a_call_that_tells_of_two_appointments_is_one_call(
    company: Company, campaign: SqlCampaign
) -> None:
    later = wanted(0, source="T-later", starts_at=NOW + DAY + HOUR)
    await company.reminders.put([wanted(0), later])
    await company.reminders.plan()
    await ring(company, Outcome.TOLD, NOW)
    standing = await campaign.standing()
    assert [dict(hour.calls) for hour in standing.hours] == [{Outcome.TOLD: 1}]
    assert standing.outcomes == {Outcome.TOLD: 2}


async def test_the_day_is_the_companys(company: Company, campaign: SqlCampaign) -> None:
    """Midnight in Berlin is not midnight in UTC."""
    begins = datetime(2026, 11, 26, tzinfo=BERLIN)
    moments = (begins - timedelta(seconds=1), begins, begins + DAY - timedelta(seconds=1))
    rows = [
        {
            "reminder_id": uuid4().hex,
            "attempt": 1,
            "claim_id": uuid4().hex,
            "worker": "w1",
            "pseudonym": f"p{number}",
            "state": "ended",
            "claimed_at": at,
            "until": at,
            "dialled_at": at,
            "outcome": Outcome.BUSY,
            "ended_at": at,
        }
        for number, at in enumerate([*moments, begins + DAY])
    ]
    async with company.database.begin() as connection:
        await connection.execute(
            insert(reminder_attempts), [row | {"lead_id": row["reminder_id"]} for row in rows]
        )
    hours = (await campaign.standing()).hours
    assert (f"{hours[0].begins:%H:%M}", f"{hours[-1].begins:%H:%M}", len(hours)) == (
        "00:00",
        "23:00",
        24,
    )
    assert sum(sum(hour.calls.values()) for hour in hours) == 2


async def test_why_nobody_is_rung_up_is_counted_by_reason(
    company: Company, campaign: SqlCampaign
) -> None:
    await company.fill(3)
    late = replace(wanted(7), starts_at=NOW + HOUR)
    await company.reminders.put([late])
    await company.list.add(number_of(1), ToldBy.KEY)
    standing = await campaign.standing()
    assert standing.left == {"too_late": 1}
    assert standing.outcomes == {"listed": 1}
    assert standing.calls == 2


async def test_whether_and_since_when_all_of_it_is_stopped(
    company: Company, campaign: SqlCampaign
) -> None:
    await company.fill(2)
    assert (await campaign.standing()).pause is None
    assert await campaign.pause()
    assert not await campaign.pause()
    stopped = await campaign.standing()
    assert stopped.pause is not None
    assert (stopped.pause.since, stopped.pause.reason) == (NOW, "operator")
    assert (stopped.calls, stopped.following, stopped.left) == (0, (), {"paused": 2})
    assert await campaign.resume()
    assert not await campaign.resume()
    assert ((await campaign.standing()).pause, (await campaign.standing()).calls) == (None, 2)


async def test_why_all_of_it_is_stopped_is_told(company: Company, campaign: SqlCampaign) -> None:
    await company.reminders.pause("carrier_refused")
    pause = (await campaign.standing()).pause
    assert pause is not None
    assert pause.reason == "carrier_refused"


async def test_however_many_ask_it_is_planned_once_in_a_while(
    company: Company, campaign: SqlCampaign
) -> None:
    await company.fill(1)
    assert (await campaign.standing()).calls == 1
    await company.reminders.put([wanted(1)])
    assert (await campaign.standing()).calls == 1
    company.now += FRESH
    assert (await campaign.standing()).calls == 2


async def test_a_look_that_was_under_way_hides_no_stop(
    company: Company, campaign: SqlCampaign
) -> None:
    await company.fill(20)
    before, _ = await asyncio.gather(campaign.standing(), campaign.pause())
    del before  # it may be of either
    assert (await campaign.standing()).pause is not None


async def test_every_reminder_is_a_line_with_its_attempts_and_reason(
    company: Company, campaign: SqlCampaign
) -> None:
    await company.reminders.put(
        [wanted(number, starts_at=NOW + DAY + number * timedelta(minutes=1)) for number in range(3)]
    )
    await company.reminders.plan()
    first = await ring(company, Outcome.NO_ANSWER, NOW)
    second = await ring(company, Outcome.MOVED, NOW + timedelta(minutes=1))
    await company.list.add(number_of(2), ToldBy.WORDS)
    lines = await listed(campaign)
    assert [line.key for line in lines] == [first, second, lines[2].key]
    assert [line.state for line in lines] == [State.OPEN, State.DONE, State.DONE]
    assert [line.reason for line in lines] == ["", "moved", "listed"]
    assert [[each.outcome for each in line.attempts] for line in lines] == [
        ["no_answer"],
        ["moved"],
        [],
    ]
    assert lines[0].attempts[0].at == NOW


async def test_lines_of_the_same_minute_come_once_each_however_many_parts_they_fill(
    company: Company, campaign: SqlCampaign
) -> None:
    await company.fill(2 * PART + 3)
    lines = await listed(campaign)
    keys = {key_of(wanted(number)) for number in range(2 * PART + 3)}
    assert len(lines) == len(keys)
    assert {line.key for line in lines} == keys


async def test_the_file_says_nothing_of_whose_reminder_it_is(
    company: Company, campaign: SqlCampaign
) -> None:
    await company.fill(2)
    await ring(company, Outcome.NO_ANSWER, NOW)
    text = "".join([part async for part in written(campaign.lines())])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert {row["calls"] for row in rows} == {"", "2026-11-26T09:00:00.000Z no_answer"}
    assert {row["starts_at"] for row in rows} == {"2026-11-27T09:00:00.000Z"}
    async with company.database.begin() as connection:
        people = (await connection.execute(reminders.select())).all()
    for row in people:
        assert row.pseudonym not in text
        assert row.pseudonym.partition(".")[2][:16] not in text
    assert "+49" not in text
    assert "2000000" not in text


@ON_SQLITE
async def test_a_hundred_thousand_lines_are_written_in_little_memory(
    company: Company, campaign: SqlCampaign
) -> None:
    """Of reminders that are done: those are what remains of a long year."""
    count, at = 100_000, NOW - DAY
    async with company.database.begin() as connection:
        for start in range(0, count, 5000):
            rows = [
                {
                    "reminder_id": f"{number:032x}",
                    "source_sha256": f"{number:064x}",
                    "pseudonym": f"p{number}",
                    "number_until": at,
                    "country": "DE",
                    "textable": True,
                    "starts_at": at + number * timedelta(seconds=1),
                    "language": "de",
                    "consent_at": at,
                    "consent_means": "form",
                    "consent_text": "2026-01",
                    "state": State.DONE,
                    "outcome": Outcome.TOLD,
                    "noted_at": at,
                }
                for number in range(start, start + 5000)
            ]
            await connection.execute(insert(reminders), rows)
    await campaign.standing()
    tracemalloc.start()
    lines = size = 0
    async for part in written(campaign.lines()):
        lines += part.count("\r\n")
        size += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == count + 1
    assert peak < size / 2
