"""What is left to tell of calls that are over, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from consent.receipt import Means
from tests.databases import ON_SQLITE
from tests.storage.household import (
    CANARY,
    NAME,
    NEIGHBOUR,
    NUMBER,
    OTHER_NUMBER,
    WORDS,
    Household,
    summary_from,
)
from voice_agent.keyring import SealDamaged
from voice_agent.live.snapshot import call_key
from voice_agent.live.summary import MOST_TURNS, Hold, Summary
from voice_agent.retention import load_retention
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.summaries import KeptSummary, Numbers
from voice_agent.storage.database import Database
from voice_agent.storage.retention import Retention
from voice_agent.storage.summaries import SqlSummaries
from voice_agent.storage.tables import call_summaries, data_keys

pytestmark = pytest.mark.integration  # a real database on a real disk

RULES = load_retention(Path(__file__).parents[2] / "config")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TODAY = date(2026, 11, 23)


@pytest.fixture
async def household(database: Database) -> Household:
    household = Household(database)
    await household.begin(CANARY, NUMBER)
    return household


async def sweep(household: Household) -> None:
    await Retention(
        household.database, household.archive, RULES, household.clock, has_carrier=False
    ).enforce()


def told(household: Household, **changed: Any) -> Summary:
    return summary_from(household.now, **changed)


async def keys(household: Household) -> list[str]:
    async with household.database.begin() as connection:
        return list((await connection.scalars(select(data_keys.c.kind))).all())


async def test_what_is_kept_of_a_call_is_read_again_under_its_key_and_not_its_identifier(
    household: Household,
) -> None:
    await household.summaries.keep(CANARY, told(household))
    (kept,) = await household.summaries.of_day(TODAY)
    assert kept == KeptSummary(call_key(CANARY), told(household))
    assert household.summaries.today() == TODAY


async def test_c17_nothing_personal_can_be_read_in_a_row(household: Household) -> None:
    await household.summaries.keep(CANARY, told(household))
    assert await household.where(NAME, WORDS, "0a" * 16) == set()


@pytest.mark.parametrize("consent", ["none", "withdrawn"])
async def test_c22_without_a_consent_only_numbers_and_the_ending_are_kept(
    household: Household, consent: str
) -> None:
    await household.summaries.keep(CANARY, told(household, consent=consent))
    (kept,) = await household.summaries.of_day(TODAY)
    expected = told(household, consent=consent, flows=(), holds=(Hold("", 20.0),))
    assert kept.summary == expected
    assert await keys(household) == []


async def test_c16_what_was_withdrawn_elsewhere_is_not_kept(household: Household) -> None:
    await household.consent(CANARY, "anonymous.1")
    await household.ledger.withdraw(CANARY, household.now, Means.PORTAL)
    await household.summaries.keep(CANARY, told(household))
    (kept,) = await household.summaries.of_day(TODAY)
    assert (kept.summary.consent, kept.summary.flows) == ("withdrawn", ())


async def test_c16_a_withdrawal_afterwards_shuts_it_at_once_and_deletes_it_within_the_hour(
    household: Household,
) -> None:
    await household.consent(CANARY, "anonymous.1")
    await household.summaries.keep(CANARY, told(household))
    await household.ledger.withdraw(CANARY, household.now, Means.PORTAL)
    (kept,) = await household.summaries.of_day(TODAY)
    assert (kept.summary.consent, kept.summary.flows) == ("withdrawn", ())
    household.now += timedelta(hours=1)
    await sweep(household)
    async with household.database.begin() as connection:
        assert (await connection.scalars(select(call_summaries.c.sealed))).all() == [None]
    assert await keys(household) == ["proof"]
    assert (await household.summaries.day(TODAY)).whole.calls == 1


async def test_keeping_it_again_replaces_it(household: Household) -> None:
    await household.summaries.keep(CANARY, told(household))
    await household.summaries.keep(CANARY, told(household, turns=9, consent="none"))
    (kept,) = await household.summaries.of_day(TODAY)
    assert (kept.summary.turns, kept.summary.flows) == (9, ())


async def test_c20_of_a_call_that_was_erased_nothing_is_kept(household: Household) -> None:
    await household.rights.erase_number(NUMBER, "command")
    await household.summaries.keep(CANARY, told(household))
    assert await household.summaries.of_day(TODAY) == ()
    assert await household.rows(data_keys) == 0


async def test_c20_it_is_exported_without_who_held_the_call_and_erased_by_number(
    household: Household,
) -> None:
    await household.begin(NEIGHBOUR, OTHER_NUMBER)
    for call_id in (CANARY, NEIGHBOUR):
        await household.summaries.keep(call_id, told(household))
    export = await household.rights.export_number(NUMBER)
    (record,) = export.places["summaries"]
    assert record == {
        "record": "summary of a call",
        "call_id": CANARY,
        "created_at": "2026-11-23T11:57:00.000Z",
        "ended_at": "2026-11-23T12:00:00.000Z",
        "language": "de",
        "direction": "inbound",
        "ending": "hung_up",
        "state": "given",
        "reason": "asked",
        "turns": 3,
        "seconds": 180.0,
        "held_seconds": 20.0,
        "latency_ms": 800,
        "flows": [{"flow": "callback", "slots": {"name": NAME, "text": WORDS}}],
    }
    await household.rights.erase_number(NUMBER, "command")
    assert [kept.call for kept in await household.summaries.of_day(TODAY)] == [call_key(NEIGHBOUR)]
    assert await keys(household) == ["content"]


async def test_c19_it_goes_seven_days_after_the_call_with_its_key(household: Household) -> None:
    await household.summaries.keep(CANARY, told(household))
    household.now += 7 * DAY - SECOND
    await sweep(household)
    assert (await household.rows(call_summaries), await keys(household)) == (1, ["content"])
    household.now += SECOND
    await sweep(household)
    assert (await household.rows(call_summaries), await keys(household)) == (0, [])


async def test_one_that_cannot_be_opened_is_told_and_the_numbers_do_not_need_it(
    household: Household,
) -> None:
    await household.summaries.keep(CANARY, told(household))
    async with household.database.begin() as connection:
        await connection.execute(delete(data_keys))
    with pytest.raises(SealDamaged):
        await household.summaries.of_day(TODAY)
    assert (await household.summaries.day(TODAY)).whole.calls == 1


async def test_a_call_that_runs_is_not_kept(household: Household) -> None:
    with pytest.raises(ValueError, match="over"):
        await household.summaries.keep(CANARY, told(household, ended_at=None))


# -- the numbers of a day --------------------------------------------------------------------------


async def keep(household: Household, began: datetime, **changed: Any) -> None:
    """A call that began then, and lasted a minute."""
    call_id = f"CA{await household.rows(call_summaries):032d}"
    await household.begin(call_id)
    at = began.timestamp()
    summary = told(household, began_at=at, ended_at=at + 60, **changed)
    await household.summaries.keep(call_id, summary)


async def test_a_day_is_that_of_the_companys_clock(household: Household) -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)
    for began in (midnight - SECOND, midnight, midnight + DAY - SECOND, midnight + DAY):
        await keep(household, began)
    found = await household.summaries.day(TODAY)
    assert found.day == TODAY
    assert [hour.calls for hour in found.hours] == [1, *[0] * 22, 1]
    newest = [kept.summary.began_at for kept in await household.summaries.of_day(TODAY)]
    assert newest == [(midnight + DAY - SECOND).timestamp(), midnight.timestamp()]


async def test_the_day_on_which_summer_time_ends_has_all_of_its_25_hours(
    household: Household,
) -> None:
    for hour in range(27):
        await keep(household, datetime(2026, 10, 24, 21, 30, tzinfo=UTC) + timedelta(hours=hour))
    found = await household.summaries.day(date(2026, 10, 25))
    assert found.whole.calls == 25
    assert [hour.calls for hour in found.hours] == [1, 1, 2, *[1] * 21]


async def test_the_numbers_of_a_day_are_those_of_its_calls(household: Household) -> None:
    nine = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
    await keep(household, nine, latencies=tuple(range(100, 2100, 100)))
    await keep(household, nine, consent="none", holds=(), latencies=(), ending="caller_left")
    await keep(household, nine + timedelta(hours=2), holds=(), latencies=(50,))
    await keep(
        household,
        nine + timedelta(hours=2),
        consent="withdrawn",
        latencies=(),
        ending="handed_over",
    )
    found = await household.summaries.day(TODAY)
    assert found.whole == Numbers(
        calls=4, accepted=3, handed_over=1, held=2, latency_ms=1000, latency_p95_ms=1900
    )
    assert found.hours[9] == Numbers(
        calls=2, accepted=1, held=1, latency_ms=1050, latency_p95_ms=1900
    )
    assert found.hours[11] == Numbers(
        calls=2, accepted=2, handed_over=1, held=1, latency_ms=50, latency_p95_ms=50
    )
    assert found.hours[10] == Numbers()


@ON_SQLITE
async def test_c18_a_database_that_is_away_is_told_without_anything_personal(
    household: Household, damaged: Path
) -> None:
    broken = SqlSummaries(
        Database.open(f"sqlite+aiosqlite:///{damaged}"),
        household.keyring,
        UTC,
        household.clock,
    )
    with pytest.raises(RecordsUnavailable) as away:
        await broken.keep(CANARY, told(household))
    assert CANARY not in str(away.value)
    with pytest.raises(RecordsUnavailable):
        await broken.day(TODAY)
    with pytest.raises(RecordsUnavailable):
        await broken.of_day(TODAY)


async def test_as_many_latencies_as_are_remembered_are_kept(household: Household) -> None:
    latencies = (-5, 10**12, *[123_456] * (MOST_TURNS - 2))
    await household.summaries.keep(CANARY, told(household, latencies=latencies))
    (kept,) = await household.summaries.of_day(TODAY)
    assert kept.summary.latencies == (0, 999_999, *latencies[2:])
