"""Who can write into the database, and has no key, forges nothing that verification believes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from consent.ledger import LedgerUnavailable
from consent.receipt import Means
from tests.evidence import exhibit
from tests.storage.forgers import FORGED, FORGER, write_anew
from tests.storage.ledgers import AT_ONCE, KEYS, NOON, Books
from voice_agent.evidence.bundle import read, write
from voice_agent.evidence.checking import check
from voice_agent.evidence.proof import fingerprint
from voice_agent.keyring import KeyRing
from voice_agent.storage.database import Database
from voice_agent.storage.proving import collect
from voice_agent.storage.tables import (
    consent_withdrawals,
    head_keys,
    ledger_entries,
)
from voice_agent.storage.verification import Against

pytestmark = pytest.mark.integration  # a real database on a real disk

GONE: dict[str, Any] = {
    "sealed": None,
    "call_id": None,
    "pseudonym": None,
    "notice_version": None,
    "destroyed_at": NOON + timedelta(days=1),
}


@pytest.fixture
async def books(database: Database) -> Books:
    """Five records and two later events: entries 0 to 6, a head after each."""
    books = Books.of(database)
    await books.fill()
    return books


async def faults(books: Books, against: Against | None = None, keys: KeyRing = KEYS) -> str:
    return "\n".join((await books.verify(keys, against)).faults)


async def forge(books: Books, key_id: str) -> None:
    """A ledger in which nobody ever withdrew."""
    async with books.database.begin() as connection:
        await write_anew(connection, key_id, lambda row: row["kind"] != "withdrawn")


# -- a ledger written anew -------------------------------------------------------------------------


async def test_c15_a_ledger_written_anew_under_our_keys_name_is_found(books: Books) -> None:
    await forge(books, KEYS.present)
    found = await faults(books)
    assert f"head key {KEYS.present}: is not the public key that RECORD_KEY has" in found
    assert f"head 6: its signature by {KEYS.present} is wrong" in found


async def test_c15_a_ledger_written_anew_under_a_new_name_is_found(books: Books) -> None:
    await forge(books, "deadbeef")
    found = await books.verify()
    assert [fault for fault in found.faults if "head key deadbeef: is not in RECORD_KEY" in fault]
    assert FORGED in " ".join(found.faults)
    assert found.signed_with == {FORGED}


@pytest.mark.parametrize("key_id", [KEYS.present, "deadbeef"])
async def test_c15_nothing_is_signed_on_top_of_a_forged_ledger(books: Books, key_id: str) -> None:
    await forge(books, key_id)
    with pytest.raises(LedgerUnavailable, match=r"SealDamaged|KeyMissing"):
        await books.give(50)
    assert await books.ledger.find("CA50") is None


@pytest.mark.parametrize("key_id", [KEYS.present, "deadbeef"])
async def test_c15_no_bundle_of_a_forged_ledger_verifies_with_our_key(
    books: Books, key_id: str
) -> None:
    await forge(books, key_id)
    held = await books.archive.held("CA0")
    assert held is not None
    bundle, _ = await collect(books.archive, books.notices, held)
    assert not check(read(write(bundle)), [fingerprint(KEYS.public_key)]).is_right


async def test_c15_a_forged_key_is_not_published_under_our_keys_name(books: Books) -> None:
    await forge(books, KEYS.present)
    (key,) = await books.archive.public_keys()
    signed = await books.archive.head()
    assert signed is not None
    assert key.public_key == signed.public_key == KEYS.public_key


async def test_c15_keys_that_were_replaced_are_believed_if_somebody_names_them(
    books: Books,
) -> None:
    both, alone = KeyRing([b"n" * 32, b"r" * 32]), KeyRing([b"n" * 32])
    await Books.of(books.database, both).give(9)
    assert await faults(books, keys=both) == ""
    old, new = fingerprint(KEYS.public_key), alone.public_key.hex()
    assert await faults(books, Against(keys=[old, new]), both) == ""
    assert "signed with another key" in await faults(books, Against(keys=[new]), both)
    # The old key is gone. (So are the data keys in it; a rotation comes before.)
    assert f"name its fingerprint with --key: {old}" in await faults(books, keys=alone)
    assert "head key" not in await faults(books, Against(keys=[old, new]), alone)


async def test_c15_a_key_too_many_is_found(books: Books) -> None:
    """It would be published beside ours."""
    row = {
        "key_id": "deadbeef",
        "public_key": FORGER.public_key().public_bytes_raw(),
        "first_used_at": NOON,
    }
    async with books.database.begin() as connection:
        await connection.execute(insert(head_keys).values(row))
    assert "head key deadbeef: is not in RECORD_KEY" in await faults(books)
    assert await faults(books, Against(keys=[FORGED, fingerprint(KEYS.public_key)])) == ""


# -- what is passed off as destroyed ---------------------------------------------------------------


async def test_c15_a_withdrawal_passed_off_as_destroyed_is_found(books: Books) -> None:
    async with books.database.begin() as connection:
        withdrawn = ledger_entries.c.kind == "withdrawn"
        await connection.execute(update(ledger_entries).where(withdrawn).values(GONE))
        await connection.execute(delete(consent_withdrawals))
    name = "record r0, entry 5 (withdrawn)"
    assert f"{name}: was destroyed before its period" in await faults(books)
    assert f"{name}: is destroyed, and other entries of its record are not" in await faults(
        books, AT_ONCE
    )


async def test_c15_a_record_destroyed_before_its_time_is_found(books: Books) -> None:
    async with books.database.begin() as connection:
        mine = ledger_entries.c.record_id == "r3"
        await connection.execute(update(ledger_entries).where(mine).values(GONE))
    assert "record r3, entry 3 (given): was destroyed before" in await faults(books)
    books.clock.now += timedelta(days=400)
    assert await faults(books, Against(due=lambda now: now - timedelta(days=365))) == ""


async def test_c15_a_withdrawal_moved_to_a_record_of_its_own_is_found(books: Books) -> None:
    """Under another identifier it would not look like a part of a record that is there."""
    async with books.database.begin() as connection:
        withdrawn = ledger_entries.c.kind == "withdrawn"
        moved = GONE | {"record_id": "r9"}
        await connection.execute(update(ledger_entries).where(withdrawn).values(moved))
        await connection.execute(delete(consent_withdrawals))
    assert "record r9, entry 5 (withdrawn): nothing was given before" in await faults(
        books, AT_ONCE
    )


async def test_c15_what_is_destroyed_names_nothing_any_more(books: Books) -> None:
    async with books.database.begin() as connection:
        mine = ledger_entries.c.record_id == "r3"
        left = GONE | {"notice_version": exhibit.notice().version}
        await connection.execute(update(ledger_entries).where(mine).values(left))
    assert "something of it is there" in await faults(books, AT_ONCE)


# -- withdrawals -----------------------------------------------------------------------------------


async def test_c15_c16_a_withdrawal_that_no_entry_proves_is_found(books: Books) -> None:
    row = {"call_id": "CA3", "withdrawn_at": NOON + timedelta(days=1), "means": "portal"}
    async with books.database.begin() as connection:
        await connection.execute(insert(consent_withdrawals).values(row))
    assert await faults(books) == "record r3: is noted as withdrawn, and no entry proves it"


async def test_c15_c16_a_withdrawal_that_was_changed_or_deleted_is_found(books: Books) -> None:
    """So that a consent looks as if it held."""
    for values in ({"means": "key"}, {"withdrawn_at": NOON - timedelta(days=2000)}):
        async with books.database.begin() as connection:
            await connection.execute(update(consent_withdrawals).values(values))
        assert "names another moment or means" in await faults(books)
    async with books.database.begin() as connection:
        await connection.execute(delete(consent_withdrawals))
    assert "the row that stops its call is missing" in await faults(books)


async def test_c16_an_entry_may_come_minutes_after_its_row(books: Books) -> None:
    row = {"call_id": "CA3", "withdrawn_at": books.clock.now, "means": "key"}
    async with books.database.begin() as connection:
        await connection.execute(insert(consent_withdrawals).values(row))
    books.clock.now += timedelta(minutes=9)
    assert await faults(books) == ""
    books.clock.now += timedelta(minutes=2)
    assert "no entry proves it" in await faults(books)


async def test_c16_a_withdrawal_before_any_acceptance_needs_no_entry(books: Books) -> None:
    await books.ledger.withdraw("CA77", NOON, Means.PORTAL)
    books.clock.now += timedelta(days=1)
    assert await faults(books) == ""


async def test_c19_a_row_that_retention_took_first_is_no_fault(books: Books) -> None:
    async with books.database.begin() as connection:
        await connection.execute(delete(consent_withdrawals))
    assert await faults(books, AT_ONCE) == ""
