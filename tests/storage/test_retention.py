"""Time travel: everything planted, the clock moved past each period (C19). On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, insert, select, text, update

from consent import merkle
from consent.receipt import Means
from consent.retention import Period, RetentionTable
from tests.databases import ON_SQLITE
from tests.storage.household import (
    CANARY,
    NEIGHBOUR,
    NOTICE,
    NUMBER,
    OTHER_NUMBER,
    PEOPLE,
    Household,
    leg_of,
    message_of,
)
from tests.storage.test_deletions import Archive
from voice_agent.retention import load_retention
from voice_agent.runtime.deletions import Deletions
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage import retention as retention_module
from voice_agent.storage.database import Database
from voice_agent.storage.deletions import SqlDeletionList
from voice_agent.storage.retention import Retention
from voice_agent.storage.tables import (
    appointments,
    audit_log,
    call_summaries,
    calls,
    carrier_deletions,
    consent_withdrawals,
    customers,
    data_keys,
    do_not_call,
    identity_failures,
    inbox_entries,
    kept_contents,
    ledger_entries,
    ledger_nodes,
    message_counts,
    messages,
    metadata,
    notice_audio,
    notices,
    portal_links,
    reminder_attempts,
    reminder_consents,
    reminders,
    sealed_numbers,
    stream_tokens,
    tree_heads,
)
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.outcomes import Found

pytestmark = pytest.mark.integration  # a real database on a real disk

RULES = load_retention(Path(__file__).parents[2] / "config")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
TICK = timedelta(milliseconds=1)
"""So much later than the one before an entry of the ledger is written, at least."""


@pytest.fixture
def household(database: Database) -> Household:
    return Household(database)


def retention(
    household: Household, rules: RetentionTable = RULES, current_notice: str | None = None
) -> Retention:
    return Retention(
        household.database,
        household.archive,
        rules,
        household.clock,
        has_carrier=household.has_carrier,
        current_notice=current_notice,
    )


async def filled(household: Household, *, withdrawn: bool = True) -> datetime:
    """Every table has a row of this moment."""
    at = household.now
    await household.plant(CANARY, NUMBER)
    if withdrawn:
        await household.ledger.withdraw(CANARY, at, Means.KEY)
    await household.ask_carrier(CANARY)
    await household.keep_notice("ef" * 32, at)
    await household.keep_notice("aa" * 32, at + SECOND)  # the newest always stays
    return at


def years(at: datetime, count: int) -> datetime:
    return at.replace(year=at.year + count)


ENDS: dict[Table, Callable[[datetime], datetime]] = {
    sealed_numbers: lambda at: at + DAY,
    stream_tokens: lambda at: at + DAY,
    portal_links: lambda at: at + DAY + DAY,
    message_counts: lambda at: datetime.combine(at.date() + 2 * DAY, time(), UTC),
    kept_contents: lambda at: at + 30 * DAY,
    inbox_entries: lambda at: at + 30 * DAY,
    call_summaries: lambda at: at + 7 * DAY,
    reminders: lambda at: at + 37 * DAY,  # thirty days after the appointment
    reminder_attempts: lambda at: at + 30 * DAY,
    reminder_consents: lambda at: years(at, 1),
    do_not_call: lambda at: years(at, 10),
    messages: lambda at: at + 90 * DAY,
    calls: lambda at: at + 90 * DAY,
    customers: lambda at: years(at, 1),
    identity_failures: lambda at: datetime.combine(at.date() + 2 * DAY, time(), UTC),
    carrier_deletions: lambda at: years(at, 1),
    consent_withdrawals: lambda at: years(at, 3) + TICK,  # with the entry that tells of it
    audit_log: lambda at: years(at, 3),
}


@pytest.mark.parametrize("table", ENDS, ids=lambda table: table.name)
async def test_c19_a_row_stays_until_its_period_is_over_and_goes_then(
    household: Household, table: Table
) -> None:
    household.has_carrier = False  # it would be asked for more than is planted
    at = await filled(household, withdrawn=table is not kept_contents)
    household.now = ENDS[table](at) - SECOND
    assert (await retention(household).plan()).rows[table.name] == 0
    assert (await retention(household).enforce()).rows[table.name] == 0
    assert await household.rows(table) == 1
    household.now += SECOND
    assert (await retention(household).plan()).rows[table.name] == 1
    assert (await retention(household).enforce()).rows[table.name] == 1
    assert await household.rows(table) == 0


async def entries(household: Household) -> list[tuple[bytes | None, str | None, bool]]:
    async with household.database.begin() as connection:
        rows = await connection.execute(select(ledger_entries).order_by(ledger_entries.c.position))
    return [(row.sealed, row.call_id, row.destroyed_at is not None) for row in rows]


async def test_c19_c15_the_proof_is_destroyed_after_three_years_and_the_tree_stays(
    household: Household,
) -> None:
    at = await filled(household)
    nodes, heads = await household.rows(ledger_nodes), await household.rows(tree_heads)
    household.now = years(at, 3)
    await retention(household).enforce()
    assert await household.archive.held(CANARY) is not None
    household.now += TICK
    assert (await retention(household).plan()).rows["ledger_entries"] == 2
    assert (await retention(household).enforce()).rows["ledger_entries"] == 2
    assert await entries(household) == [(None, None, True)] * 2
    assert await household.rows(data_keys) == 0
    assert (await household.rows(ledger_nodes), await household.rows(tree_heads)) == (nodes, heads)
    # Of the call's deletion at the carrier there is news when the carrier gives it.
    assert await household.where(CANARY, *PEOPLE.all_of(NUMBER)) == {"carrier_deletions"}
    await household.consent(NEIGHBOUR, "anonymous.2")  # the tree goes on growing
    head = await household.archive.head()
    assert head is not None
    assert head.head.size == 3
    proof = await household.archive.prove(f"record-{NEIGHBOUR[-20:]}")
    assert proof is not None
    (signed, (entry,)) = proof
    leaf = merkle.leaf_hash(entry.opened)
    assert merkle.verify_inclusion(leaf, 2, 3, entry.path, signed.head.root)


async def test_c19_a_record_goes_as_a_whole_after_its_last_entry(household: Household) -> None:
    """A withdrawal years later keeps the acceptance it is about."""
    at = household.now
    await household.consent(CANARY, "anonymous.1")
    household.now = years(at, 2)
    await household.ledger.withdraw(CANARY, household.now, Means.ERASURE)
    household.now = years(at, 4)
    assert (await retention(household).enforce()).rows["ledger_entries"] == 0
    held = await household.archive.held(CANARY)
    assert held is not None
    household.now = years(at, 5)
    assert (await retention(household).enforce()).rows["ledger_entries"] == 2


async def test_c19_after_everything_is_over_nothing_names_anybody(household: Household) -> None:
    at = await filled(household)
    await household.rights.erase_number(NUMBER, "command")
    household.now = years(at, 4)
    await retention(household).enforce()
    await carrier_deletes(household)
    left = {table.name for table in metadata.sorted_tables if await household.rows(table)}
    assert left == {
        "ledger_entries", "ledger_nodes", "tree_heads", "head_keys", "notices", "notice_audio",
        "do_not_call",
    }  # fmt: skip
    names = (CANARY, leg_of(CANARY), message_of(CANARY), NUMBER, *PEOPLE.all_of(NUMBER))
    assert await household.where(*names) == set()
    # A record's identifier is a random one, and leads nowhere but to its being destroyed.
    record_id = f"record-{CANARY[-20:]}"
    assert await household.where(record_id) == {"ledger_entries"}
    async with household.database.begin() as connection:
        entries = (await connection.execute(select(ledger_entries))).mappings().all()
    unlimited = {rule.column for rule in RULES["ledger_entries"].values() if not rule.personal}
    for entry in entries:
        assert {name for name, value in entry.items() if value is not None} == unlimited


async def test_c19_a_second_run_finds_nothing(household: Household) -> None:
    at = await filled(household)
    household.now = years(at, 4)
    assert (await retention(household).enforce()).total > 0
    assert (await retention(household).enforce()).total == 0
    assert (await retention(household).plan()).total == 0


async def test_c19_a_dry_run_deletes_nothing(household: Household) -> None:
    at = await filled(household)
    household.now = years(at, 4)
    before = [await household.rows(table) for table in metadata.sorted_tables]
    assert (await retention(household).plan()).total > 10
    assert [await household.rows(table) for table in metadata.sorted_tables] == before
    assert await entries(household) != [(None, None, True)] * 2


async def test_c19_two_workers_at_once_are_one(household: Household, address: str) -> None:
    at = household.now
    for number in range(40):
        await household.consent(f"CA{number:032d}", "anonymous.1")
        await household.put(
            stream_tokens, token_sha256=f"{number:064d}", call_id="c", expires_at=at
        )
    other = Household(Database.open(address))
    household.now = other.now = years(at, 4)
    try:
        sweeps = await asyncio.gather(
            *(retention(each).enforce() for each in (household, other) * 2)
        )
        await retention(household).enforce()
    finally:
        await other.database.close()
    assert sum(sweep.rows["ledger_entries"] for sweep in sweeps) == 40
    assert sum(sweep.rows["stream_tokens"] for sweep in sweeps) == 40
    assert await household.rows(data_keys) == await household.rows(stream_tokens) == 0


async def test_c19_as_much_as_there_is_goes_in_parts(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_module, "BATCH", 10)
    at = household.now
    rows = [
        {"token_sha256": f"{number:064d}", "call_id": "CA1", "expires_at": at}
        for number in range(25)
    ]
    async with household.database.begin() as connection:
        await connection.execute(insert(stream_tokens), rows)
    for number in range(25):
        await household.consent(f"CA{number:032d}", "anonymous.1")
    household.now = years(at, 4)
    swept = (await retention(household).enforce()).rows
    assert (swept["stream_tokens"], swept["ledger_entries"]) == (25, 25)


# -- what belongs together -------------------------------------------------------------------------


async def test_c19_a_call_stays_as_long_as_a_message_of_it(household: Household) -> None:
    at = await filled(household)
    async with household.database.begin() as connection:
        await connection.execute(update(messages).values(claimed_at=at + timedelta(minutes=5)))
    household.now = at + 90 * DAY
    assert (await retention(household).enforce()).rows["calls"] == 0
    assert await household.rows(messages) == 1
    household.now += timedelta(minutes=5)
    assert (await retention(household).plan()).rows["calls"] == 1
    assert (await retention(household).enforce()).rows["calls"] == 1


async def test_c19_the_key_of_what_was_kept_goes_with_it(household: Household) -> None:
    at = await filled(household)
    async with household.database.begin() as connection:
        await connection.execute(text("delete from kept_contents"))
    household.now = at + DAY - SECOND
    await retention(household).enforce()
    assert await household.rows(data_keys) == 8
    household.now += SECOND
    await retention(household).enforce()  # the sealed number goes, and what it was sealed with
    async with household.database.begin() as connection:
        kinds = (await connection.scalars(select(data_keys.c.kind))).all()
    assert sorted(kinds) == [
        "appointment", "customer", "inbox", "inbox_number", "proof", "reminder_consent",
        "reminder_number",
    ]  # fmt: skip


async def test_c19_an_appointment_goes_thirty_days_after_it_is_over_with_its_key(
    household: Household,
) -> None:
    await household.begin(CANARY, NUMBER)
    await household.book(CANARY, NUMBER)
    async with household.database.begin() as connection:
        (over_at,) = (await connection.scalars(select(appointments.c.over_at))).all()
    assert over_at > household.now + DAY
    household.now = over_at + 30 * DAY - SECOND
    await retention(household).enforce()
    assert await household.rows(appointments) == await household.rows(data_keys) == 1
    household.now += SECOND
    await retention(household).enforce()
    assert await household.rows(appointments) == await household.rows(data_keys) == 0


async def test_c19_a_cancelled_appointment_goes_thirty_days_after_that(
    household: Household,
) -> None:
    await household.begin(CANARY, NUMBER)
    person = PersonKey(f"K-{CANARY[-6:]}")
    await household.book(CANARY, NUMBER)
    found = await household.calendar.appointments(person)
    assert isinstance(found, Found)
    await household.calendar.cancel(found.appointments[0].id, person)
    household.now += 30 * DAY - SECOND
    await retention(household).enforce()
    assert await household.rows(appointments) == 1
    household.now += SECOND
    await retention(household).enforce()
    assert await household.rows(appointments) == 0


async def test_c19_c13_a_notice_stays_while_a_record_names_it(household: Household) -> None:
    at = household.now
    await household.consent(CANARY, "anonymous.1")
    await household.keep_notice(NOTICE, at)
    await household.keep_notice("aa" * 32, at + SECOND)
    household.now = years(at, 3) - SECOND
    assert (await retention(household).enforce()).rows["notices"] == 0
    household.now += SECOND
    assert (await retention(household).enforce()).rows["notices"] == 1
    assert await household.rows(notices) == await household.rows(notice_audio) == 1


async def test_c19_a_notice_nobody_heard_goes_thirty_days_after_its_last_use(
    household: Household,
) -> None:
    at = household.now
    await household.keep_notice(NOTICE, at)
    await household.keep_notice("aa" * 32, at + SECOND)
    household.now = at + 30 * DAY - SECOND
    assert (await retention(household).enforce()).rows["notices"] == 0
    household.now += SECOND
    assert (await retention(household).enforce()).rows["notices"] == 1


async def test_c19_the_notice_being_played_stays_however_long_the_server_runs(
    household: Household,
) -> None:
    at = household.now
    await household.keep_notice(NOTICE, at)
    await household.keep_notice("aa" * 32, at + SECOND)
    household.now = at + 29 * DAY
    await retention(household, current_notice=NOTICE).enforce()
    household.now = at + 58 * DAY
    await retention(household, current_notice=NOTICE).enforce()
    assert NOTICE in await versions(household)


async def test_c19_the_last_notice_is_never_deleted(household: Household) -> None:
    await household.keep_notice(NOTICE, household.now)
    household.now = years(household.now, 9)
    await retention(household).enforce()
    assert await versions(household) == {NOTICE}


async def versions(household: Household) -> set[str]:
    async with household.database.begin() as connection:
        return set((await connection.scalars(select(notices.c.version))).all())


async def test_c19_a_column_with_a_shorter_period_is_emptied_before_its_row_goes(
    household: Household,
) -> None:
    rules = RetentionTable(
        replace(rule, period=Period("P7D")) if rule.name == "calls.pseudonym" else rule
        for rule in RULES.rules
    )
    at = await filled(household)
    household.now = at + 7 * DAY - SECOND
    assert (await retention(household, rules).enforce()).rows["calls.pseudonym"] == 0
    household.now += SECOND
    assert (await retention(household, rules).plan()).rows["calls.pseudonym"] == 1
    assert (await retention(household, rules).enforce()).rows["calls.pseudonym"] == 1
    assert (await retention(household, rules).enforce()).rows["calls.pseudonym"] == 0
    async with household.database.begin() as connection:
        assert (await connection.scalars(select(calls.c.pseudonym))).all() == [None]


# -- what the carrier keeps ------------------------------------------------------------------------


async def asked(household: Household) -> set[tuple[str, str]]:
    table = carrier_deletions
    async with household.database.begin() as connection:
        rows = await connection.execute(select(table.c.kind, table.c.carrier_id))
    return {(row.kind, row.carrier_id) for row in rows}


async def carrier_deletes(household: Household) -> None:
    """The carrier deletes whatever it is asked to."""
    work = Deletions(Archive(), SqlDeletionList(household.database), household.clock)
    await work.run()
    assert (await work.residue()).left == 0


async def test_c19_what_the_carrier_keeps_of_a_call_goes_with_ours(household: Household) -> None:
    """With consent or without, after ninety days."""
    at = household.now
    await household.plant(CANARY, NUMBER)
    await household.begin(NEIGHBOUR, OTHER_NUMBER)  # and never pressed a key
    household.now = at + 90 * DAY - SECOND
    await retention(household).enforce()
    assert await asked(household) == set()
    household.now += SECOND
    await retention(household).enforce()
    everything = {
        ("call", CANARY),
        ("call", leg_of(CANARY)),
        ("message", message_of(CANARY)),
        ("call", NEIGHBOUR),
    }
    assert await asked(household) == everything
    await retention(household).enforce()
    assert await asked(household) == everything
    await carrier_deletes(household)
    await retention(household).enforce()
    assert await asked(household) == set()


async def test_c19_an_identifier_that_is_forgotten_before_its_row_is_asked_for(
    household: Household,
) -> None:
    rules = RetentionTable(
        replace(rule, period=Period("P7D"))
        if rule.name in {"calls.dialled_id", "messages.carrier_id"}
        else rule
        for rule in RULES.rules
    )
    await household.plant(CANARY, NUMBER)
    household.now += 7 * DAY
    await retention(household, rules).enforce()
    assert await asked(household) == {
        ("call", leg_of(CANARY)),
        ("message", message_of(CANARY)),
    }
    assert await household.rows(calls) == 1


async def test_c19_without_a_carrier_there_is_nobody_to_ask(household: Household) -> None:
    household.has_carrier = False
    await household.plant(CANARY, NUMBER)
    household.now += 90 * DAY
    assert (await retention(household).enforce()).rows["calls"] == 1
    assert await asked(household) == set()


@ON_SQLITE
async def test_c19_a_key_that_went_by_its_time_is_in_no_file_of_the_open_database(
    household: Household, file: Path
) -> None:
    at = household.now
    await household.consent(CANARY, "anonymous.1")
    async with household.database.begin() as connection:
        (wrapped,) = (await connection.scalars(select(data_keys.c.wrapped))).all()
    files = list(file.parent.glob(f"{file.name}*"))
    assert any(wrapped in each.read_bytes() for each in files)
    household.now = years(at, 3)
    await retention(household).enforce()
    assert await household.rows(data_keys) == 0
    assert not any(wrapped in each.read_bytes() for each in files)


# -- clocks and outages ----------------------------------------------------------------------------


async def test_c19_a_clock_that_was_set_back_deletes_nothing(household: Household) -> None:
    at = await filled(household, withdrawn=False)
    before = [await household.rows(table) for table in metadata.sorted_tables]
    household.now = at - timedelta(days=3650)
    sweep = await retention(household).enforce()
    assert sweep.total == 0
    assert [await household.rows(table) for table in metadata.sorted_tables] == before
    assert sweep.ahead["calls"] == 1
    assert {"ledger_entries", "message_counts", "audit_log"} <= set(sweep.ahead)
    assert (await retention(household).plan()).ahead == sweep.ahead


async def test_c19_one_row_from_the_future_holds_up_nothing_but_itself(
    household: Household,
) -> None:
    """A clock that was wrong once would keep a whole table until that day."""
    at = await filled(household)
    household.now = years(at, 4)
    await household.plant(NEIGHBOUR, OTHER_NUMBER)
    async with household.database.begin() as connection:
        # As strange as can be: made next year, and over long ago.
        await connection.execute(update(portal_links).values(made_at=years(at, 5)))
        await connection.execute(
            update(calls).where(calls.c.call_id == NEIGHBOUR).values(created_at=years(at, 5))
        )
    sweep = await retention(household).enforce()
    assert sweep.ahead == {"calls": 1, "portal_links": 2}
    assert (sweep.rows["calls"], sweep.rows["portal_links"]) == (1, 0)
    household.now = years(at, 6)
    sweep = await retention(household).enforce()
    assert (sweep.rows["calls"], sweep.rows["portal_links"]) == (1, 2)
    assert sweep.ahead == {}


async def test_c19_a_column_of_a_row_from_the_future_is_left_alone_too(
    household: Household,
) -> None:
    rules = RetentionTable(
        replace(rule, period=Period("P1D"), after="expires_at")
        if rule.name == "portal_links.code_mac"
        else replace(rule, period=Period("P7D"))
        if rule.table == "portal_links"
        else rule
        for rule in RULES.rules
    )
    at = await filled(household)
    household.now = at + 4 * DAY
    async with household.database.begin() as connection:
        await connection.execute(
            update(portal_links).values(code_mac="ab", made_at=household.now + DAY)
        )
    assert (await retention(household, rules).enforce()).rows["portal_links.code_mac"] == 0
    household.now += DAY
    assert (await retention(household, rules).enforce()).rows["portal_links.code_mac"] == 1


async def test_c19_clocks_of_two_workers_may_differ_a_little(household: Household) -> None:
    at = await filled(household)
    household.now = at + 90 * DAY
    await household.plant(NEIGHBOUR, OTHER_NUMBER)
    household.now -= timedelta(microseconds=1)
    assert (await retention(household).enforce()).ahead == {}


async def test_c19_a_record_written_while_the_clock_was_years_behind_is_not_destroyed_early(
    household: Household,
) -> None:
    """The ledger's own time goes on even where the clock went back."""
    at = household.now
    await household.consent(CANARY, "anonymous.1")
    household.now = at - timedelta(days=3650)
    await household.consent(NEIGHBOUR, "anonymous.2")
    household.now = at + DAY
    assert (await retention(household).enforce()).rows["ledger_entries"] == 0
    assert await household.archive.held(NEIGHBOUR) is not None
    household.now = years(at, 3) + TICK
    assert (await retention(household).enforce()).rows["ledger_entries"] == 2


async def test_c19_a_database_that_is_away_is_told(household: Household) -> None:
    async with household.database.begin() as connection:
        await connection.execute(text("drop table audit_log"))
    with pytest.raises(RecordsUnavailable):
        await retention(household).enforce()
    with pytest.raises(RecordsUnavailable):
        await retention(household).plan()


async def test_c19_what_was_erased_meanwhile_disturbs_nobody(household: Household) -> None:
    at = await filled(household)
    household.now = years(at, 4)
    await asyncio.gather(
        retention(household).enforce(), household.rights.erase_number(NUMBER, "command")
    )
    await retention(household).enforce()
    assert await household.where(CANARY) <= {"carrier_deletions"}
