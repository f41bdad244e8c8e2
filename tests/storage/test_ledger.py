from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from consent.ledger import ConsentLedger, LedgerUnavailable
from consent.purpose import Purpose
from consent.receipt import (
    Clock,
    ConsentEvent,
    ConsentRecord,
    HeldRecord,
    Means,
    Receipt,
    State,
)
from tests.databases import ON_SQLITE
from voice_agent.keyring import KeyRing
from voice_agent.storage import database as database_module
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.database import Database
from voice_agent.storage.ledger import SqlConsentLedger
from voice_agent.storage.tables import consent_withdrawals, ledger_entries, tree_heads

pytestmark = pytest.mark.integration  # a real database on a real disk

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERSON = "00112233." + "cd" * 32
KEYS = KeyRing([b"r" * 32])


def acceptance(call_id: str = "CA1", record_id: str = "r1", key: str = "1") -> ConsentRecord:
    return ConsentRecord(
        record_id=record_id,
        call_id=call_id,
        principal=PERSON,
        purposes=frozenset({Purpose.CONVERSATION}),
        notice_version="ab" * 32,
        language="de",
        heard="notice",
        heard_ms=14_200,
        heard_by=Clock.MARKS,
        key=key,
        requested_at=NOON - timedelta(seconds=15),
        given_at=NOON,
        software="0.1.0",
    )


@pytest.fixture
def ledger(database: Database) -> ConsentLedger:
    return SqlConsentLedger(database, KEYS)


@pytest.fixture
def archive(database: Database) -> LedgerArchive:
    return LedgerArchive(database, KEYS)


async def test_a_receipt_is_what_was_committed(ledger: ConsentLedger) -> None:
    receipt = await ledger.commit(acceptance())
    assert receipt == Receipt("r1", "CA1", frozenset({Purpose.CONVERSATION}))
    assert await ledger.find("CA1") == receipt


async def test_a_record_survives_the_process(
    ledger: ConsentLedger, database: Database, address: str
) -> None:
    """Another program that opens the database, with the key, finds every field."""
    await ledger.commit(acceptance())
    await database.close()
    other = Database.open(address)
    held = await LedgerArchive(other, KEYS).held("CA1")
    assert held == HeldRecord(acceptance(), 0)
    await other.close()


@ON_SQLITE
async def test_c17_who_reads_the_file_reads_nothing_of_the_record(
    ledger: ConsentLedger, database: Database, file: Path
) -> None:
    await ledger.commit(acceptance())
    await database.close()
    content = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"14200" not in content
    assert b"heard" not in content


@ON_SQLITE
async def test_a_commit_waits_for_the_disk(database: Database) -> None:
    """WAL with synchronous=FULL (2): a power cut after the commit loses nothing."""
    async with database.begin() as connection:
        synchronous = (await connection.exec_driver_sql("PRAGMA synchronous")).scalar()
        journal = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar()
    assert (synchronous, journal) == (2, "wal")


async def test_a_repeated_webhook_gets_the_first_receipt(ledger: ConsentLedger) -> None:
    first = await ledger.commit(acceptance(record_id="r1"))
    assert await ledger.commit(acceptance(record_id="r2")) == first


async def test_many_commits_of_one_call_at_once_make_one_record(ledger: ConsentLedger) -> None:
    receipts = await asyncio.gather(
        *(ledger.commit(acceptance(record_id=f"r{n}")) for n in range(12))
    )
    assert len(set(receipts)) == 1


async def test_a_record_number_used_by_another_call_grants_nothing(ledger: ConsentLedger) -> None:
    await ledger.commit(acceptance("CA1", "r1"))
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(acceptance("CA2", "r1"))
    assert await ledger.find("CA2") is None


async def test_an_unknown_call_has_no_receipt(ledger: ConsentLedger) -> None:
    assert await ledger.find("CA9") is None


async def test_a_withdrawn_consent_is_not_found(ledger: ConsentLedger) -> None:
    await ledger.commit(acceptance())
    await ledger.withdraw("CA1", NOON)
    assert await ledger.find("CA1") is None


async def test_a_withdrawn_consent_is_not_revived_by_the_webhook_again(
    ledger: ConsentLedger,
) -> None:
    await ledger.commit(acceptance())
    await ledger.withdraw("CA1", NOON)
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(acceptance())


async def test_a_withdrawal_that_overtakes_the_commit_holds(ledger: ConsentLedger) -> None:
    """The caller presses * while the acceptance is still being written."""
    await ledger.withdraw("CA1", NOON)
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(acceptance())
    assert await ledger.find("CA1") is None


async def test_the_first_withdrawal_counts(ledger: ConsentLedger, archive: LedgerArchive) -> None:
    await ledger.commit(acceptance())
    await ledger.withdraw("CA1", NOON, Means.PHRASE)
    await ledger.withdraw("CA1", NOON + timedelta(seconds=9), Means.PORTAL)
    held = await archive.held("CA1")
    assert held is not None
    expected = ConsentEvent(Purpose.CONVERSATION, State.WITHDRAWN, NOON, Means.PHRASE)
    assert held.later == (expected,)


async def test_c11_a_consent_ends_with_its_call_once(
    ledger: ConsentLedger, archive: LedgerArchive
) -> None:
    await ledger.commit(acceptance())
    await ledger.expire("CA1", NOON)
    await ledger.expire("CA1", NOON + timedelta(seconds=9))
    assert await ledger.find("CA1") is None
    held = await archive.held("CA1")
    assert held is not None
    assert held.later == (ConsentEvent(Purpose.CONVERSATION, State.EXPIRED, NOON),)
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(acceptance())


async def test_c14_a_withdrawn_consent_does_not_expire_and_a_call_without_one_neither(
    ledger: ConsentLedger, archive: LedgerArchive
) -> None:
    await ledger.commit(acceptance())
    await ledger.withdraw("CA1", NOON)
    await ledger.expire("CA1", NOON)
    await ledger.expire("CA2", NOON)
    held = await archive.held("CA1")
    assert held is not None
    assert held.state is State.WITHDRAWN
    assert await archive.held("CA2") is None


async def test_c16_every_process_sees_which_calls_were_withdrawn(ledger: ConsentLedger) -> None:
    await ledger.commit(acceptance("CA1", "r1"))
    await ledger.commit(acceptance("CA2", "r2"))
    await ledger.withdraw("CA2", NOON, Means.PORTAL)
    assert await ledger.withdrawn(["CA1", "CA2", "CA3"]) == {"CA2"}
    assert await ledger.withdrawn([]) == frozenset()


async def test_c16_a_damaged_entry_or_tree_keeps_no_withdrawal_from_counting(
    ledger: ConsentLedger, database: Database
) -> None:
    """The row that stops calls needs nothing to be opened; the entry that proves it follows."""
    await ledger.commit(acceptance("CA1", "r1"))
    async with database.begin() as connection:
        await connection.execute(update(tree_heads).values(root=b"x" * 32))
        await connection.execute(update(ledger_entries).values(sealed=b"damaged"))
    await ledger.withdraw("CA1", NOON, Means.PORTAL)
    assert await ledger.withdrawn(["CA1"]) == {"CA1"}
    assert await ledger.find("CA1") is None


async def test_c14_a_withdrawal_without_its_entry_gets_it_when_the_consent_is_finished(
    ledger: ConsentLedger, archive: LedgerArchive, database: Database
) -> None:
    """A worker died between the row and the entry."""
    await ledger.commit(acceptance("CA1", "r1"))
    await ledger.commit(acceptance("CA2", "r2"))
    row = {"call_id": "CA1", "withdrawn_at": NOON, "means": Means.PORTAL}
    async with database.begin() as connection:
        await connection.execute(insert(consent_withdrawals).values(row))
    long_ago = NOON - timedelta(days=1)
    assert await archive.unfinished(long_ago) == ("CA1",)
    await ledger.expire("CA1", NOON + timedelta(hours=1))
    held = await archive.held("CA1")
    assert held is not None
    assert held.later == (ConsentEvent(Purpose.CONVERSATION, State.WITHDRAWN, NOON, Means.PORTAL),)
    assert await archive.unfinished(long_ago) == ()


async def test_c11_a_consent_whose_end_nobody_reported_is_found(
    ledger: ConsentLedger, archive: LedgerArchive
) -> None:
    await ledger.commit(acceptance("CA1", "r1"))
    await ledger.commit(acceptance("CA2", "r2"))
    await ledger.expire("CA2", NOON)
    later = datetime.now(UTC) + timedelta(hours=6)
    assert await archive.unfinished(later) == ("CA1",)
    assert await archive.unfinished(NOON - timedelta(days=9)) == ()


async def test_a_withdrawal_leaves_other_calls_alone(ledger: ConsentLedger) -> None:
    await ledger.commit(acceptance("CA1", "r1"))
    await ledger.commit(acceptance("CA2", "r2"))
    await ledger.withdraw("CA2", NOON)
    assert await ledger.find("CA1") is not None
    assert await ledger.find("CA2") is None


Steps = st.lists(
    st.tuples(st.sampled_from(["commit", "withdraw"]), st.sampled_from(["CA1", "CA2"])),
    max_size=8,
)


@settings(max_examples=40)
@given(steps=Steps)
async def test_a_consent_holds_from_its_commit_until_its_withdrawal(
    steps: list[tuple[str, str]],
) -> None:
    """Whatever comes in whichever order and however often, told by a model in two sets."""
    database = Database.open("sqlite+aiosqlite://")
    await database.upgrade()
    ledger = SqlConsentLedger(database, KEYS)
    committed: dict[str, str] = {}
    withdrawn: set[str] = set()
    for number, (step, call_id) in enumerate(steps):
        if step == "withdraw":
            await ledger.withdraw(call_id, NOON)
            withdrawn.add(call_id)
        elif call_id in withdrawn:
            with pytest.raises(LedgerUnavailable):
                await ledger.commit(acceptance(call_id, f"r{number}"))
        else:
            receipt = await ledger.commit(acceptance(call_id, f"r{number}"))
            assert receipt.record_id == committed.setdefault(call_id, f"r{number}")
        for each in ("CA1", "CA2"):
            holds = each in committed and each not in withdrawn
            assert (await ledger.find(each) is not None) is holds
    await database.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait 50 ms for a lock instead of two seconds."""
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0.05)


@pytest.mark.usefixtures("impatient")
async def test_a_locked_database_means_no_receipt(file: Path) -> None:
    """Another process holds the write lock: no receipt, and a receipt again when it lets go."""
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    await database.upgrade()
    ledger = SqlConsentLedger(database, KEYS)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(acceptance())
    with pytest.raises(LedgerUnavailable):
        await ledger.withdraw("CA1", NOON)
    assert await ledger.find("CA1") is None
    other.execute("ROLLBACK")
    other.close()
    receipt = await ledger.commit(acceptance())
    assert await ledger.find("CA1") == receipt
    await database.close()


@ON_SQLITE
@pytest.mark.usefixtures("impatient")
async def test_a_database_locked_before_it_is_opened_means_no_receipt(
    file: Path, database: Database
) -> None:
    await database.close()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    late = Database.open(f"sqlite+aiosqlite:///{file}")
    with pytest.raises(LedgerUnavailable):
        await SqlConsentLedger(late, KEYS).commit(acceptance())
    await late.close()
    other.close()


async def attempt(ledger: ConsentLedger, number: int) -> bool:
    try:
        await ledger.commit(acceptance(f"CA{number}", f"r{number}"))
    except LedgerUnavailable:
        return False
    return True


@ON_SQLITE
async def test_a_full_disk_means_no_receipt(ledger: ConsentLedger, database: Database) -> None:
    """SQLite may not take another page, as on a full disk."""
    async with database.begin() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1")
    results = [await attempt(ledger, number) for number in range(200)]
    full = results.index(False)
    assert not any(results[full:])
    assert await ledger.find(f"CA{full}") is None
    assert await ledger.find(f"CA{full - 1}") is not None


async def test_a_damaged_file_means_no_receipt(damaged: Path) -> None:
    database = Database.open(f"sqlite+aiosqlite:///{damaged}")
    ledger = SqlConsentLedger(database, KEYS)
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(acceptance())
    with pytest.raises(LedgerUnavailable):
        await ledger.find("CA1")
    await database.close()


async def test_a_fault_does_not_show_the_call(file: Path) -> None:
    """Neither the error nor its cause carries the call's identifier into a log."""
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    with pytest.raises(LedgerUnavailable) as caught:
        await SqlConsentLedger(database, KEYS).commit(acceptance("CA-canary"))
    assert "canary" not in f"{caught.value} {caught.value.__cause__}"
    await database.close()
