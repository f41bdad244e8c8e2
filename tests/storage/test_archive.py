"""What the ledger holds of whom, its proofs, its restriction and its destruction."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from consent import merkle
from consent.receipt import HeldRecord, State
from tests.databases import ON_POSTGRESQL
from tests.evidence import exhibit
from tests.storage.ledgers import AT_ONCE, NOON, Books, withdrawn
from voice_agent.evidence.bundle import read, write
from voice_agent.evidence.checking import check
from voice_agent.keyring import KeyMissing, KeyRing, SealDamaged
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.archive import LedgerArchive, LedgerDamaged
from voice_agent.storage.database import Database
from voice_agent.storage.proving import NotProvable, collect
from voice_agent.storage.tables import data_keys, ledger_entries, ledger_nodes, notices, tree_heads

pytestmark = pytest.mark.integration  # a real database on a real disk

OTHER = "00112233." + "ef" * 32


@pytest.fixture
async def books(database: Database) -> Books:
    books = Books.of(database)
    await books.fill()
    return books


async def destroy(books: Books, *positions: int) -> int:
    async with books.database.begin() as connection:
        return await books.archive.destroy(connection, positions, NOON)


async def test_c13_a_record_is_found_by_call_and_by_itself_with_what_happened_since(
    books: Books,
) -> None:
    at = NOON + timedelta(seconds=6)
    held = HeldRecord(exhibit.record("r0", "CA0"), 0, (withdrawn(at),))
    assert await books.archive.held("CA0") == held
    assert await books.archive.of_record("r0") == held
    assert await books.archive.held("CA9") is None
    assert await books.archive.of_record("CA0") is None


async def test_the_records_of_a_person_are_theirs_alone_in_order(books: Books) -> None:
    await books.give(7, OTHER)
    found = await books.archive.of_pseudonyms([exhibit.PERSON])
    assert [each.record.call_id for each in found] == [f"CA{n}" for n in range(5)]
    assert [each.state for each in found][:3] == [State.WITHDRAWN, State.EXPIRED, State.GIVEN]
    assert [each.record.call_id for each in await books.archive.of_pseudonyms([OTHER])] == ["CA7"]
    assert await books.archive.of_pseudonyms([]) == ()


async def test_c15_every_entry_is_proved_by_the_newest_head(books: Books) -> None:
    for number in range(5):
        proved = await books.archive.prove(f"r{number}")
        assert proved is not None
        signed, proofs = proved
        assert signed.head.size == 7
        assert len(proofs) == (2 if number < 2 else 1)
        for proof in proofs:
            assert merkle.verify_inclusion(
                merkle.leaf_hash(proof.opened), proof.position, 7, proof.path, signed.head.root
            )
    assert await books.archive.prove("r9") is None


async def test_an_empty_ledger_has_no_head_and_proves_nothing(database: Database) -> None:
    archive = Books.of(database).archive
    assert await archive.head() is None
    assert await archive.public_keys() == ()
    assert await archive.prove("r0") is None


async def test_a_head_with_a_timestamp_is_preferred_where_it_has_all_entries(books: Books) -> None:
    async with books.database.begin() as connection:
        stamped = tree_heads.c.size.in_([3, 5])
        await connection.execute(update(tree_heads).where(stamped).values(timestamp_token=b"x"))
    sizes = {}
    for record_id in ("r0", "r2", "r3"):
        proved = await books.archive.prove(record_id)
        assert proved is not None
        sizes[record_id] = proved[0].head.size
    assert sizes == {"r0": 7, "r2": 3, "r3": 5}  # r0's withdrawal came after both


async def test_a_key_stays_published_after_it_was_replaced(books: Books) -> None:
    new = KeyRing([b"n" * 32, b"r" * 32])
    await Books.of(books.database, new).give(8)
    keys = await books.archive.public_keys()
    assert [key.public_key for key in keys] == [exhibit.KEYS.public_key, new.public_key]
    signed = await books.archive.head()
    assert signed is not None
    assert signed.public_key == new.public_key
    assert (await books.verify(new)).faults == []


async def test_c20_a_restricted_record_stays_provable(books: Books) -> None:
    async with books.database.begin() as connection:
        assert await books.archive.restrict(connection, ["CA0", "CA3", "CA9"], NOON) == 2
        assert await books.archive.restrict(connection, ["CA0"], NOON) == 0
    held = await books.archive.held("CA0")
    assert held is not None
    assert held.restricted
    assert (await books.verify()).faults == []
    await check_bundle(books, "r0")


async def check_bundle(books: Books, record_id: str) -> bytes:
    held = await books.archive.of_record(record_id)
    assert held is not None
    bundle, _ = await collect(books.archive, books.notices, held)
    assert check(bundle).faults == []
    return write(bundle)


# -- destruction -----------------------------------------------------------------------------------


async def test_c15_after_a_record_is_destroyed_the_rest_still_verifies(books: Books) -> None:
    before = await check_bundle(books, "r0")
    assert await destroy(books, 0, 5) == 2
    found = await books.verify(against=AT_ONCE)
    assert found.faults == []
    assert (found.entries, found.destroyed) == (7, 2)
    await check_bundle(books, "r1")
    assert check(read(before)).faults == []  # a proof that was given away stays one
    await books.give(8)
    assert (await books.verify(against=AT_ONCE)).faults == []


async def test_c15_nothing_of_a_destroyed_record_is_left(books: Books) -> None:
    await destroy(books, 0, 5)
    assert await books.archive.held("CA0") is None
    assert await books.archive.of_record("r0") is None
    with pytest.raises(SealDamaged):
        await books.archive.prove("r0")
    entries = await books.archive.entries("r0")
    assert [(each.position, each.destroyed) for each in entries] == [(0, True), (5, True)]
    assert all(each.sealed is None and each.call_id is None for each in entries)
    async with books.database.begin() as connection:
        left = set((await connection.scalars(select(data_keys.c.call_id))).all())
    assert left == {"CA1", "CA2", "CA3", "CA4"}


async def test_c15_a_record_is_destroyed_as_a_whole_and_its_key_with_it(books: Books) -> None:
    assert await destroy(books, 5) == 2
    async with books.database.begin() as connection:
        assert "CA0" not in (await connection.scalars(select(data_keys.c.call_id))).all()
    assert (await books.verify(against=AT_ONCE)).faults == []
    assert await destroy(books, 0, 5, 99) == 0


@ON_POSTGRESQL
async def test_c15_a_record_that_somebody_else_is_destroying_is_left_to_them(books: Books) -> None:
    async with books.database.begin() as other:
        row = select(ledger_entries).where(ledger_entries.c.position == 5)
        await other.execute(row.with_for_update())
        assert await destroy(books, 0, 1) == 2
    assert [each.destroyed for each in await books.archive.entries("r0")] == [False, False]
    assert await destroy(books, 0, 1) == 2


async def test_c12_a_notice_is_in_use_while_a_record_names_it(books: Books) -> None:
    async with books.database.begin() as connection:
        assert await books.archive.notices_in_use(connection) == {exhibit.notice().version}
    await destroy(books, *range(7))
    async with books.database.begin() as connection:
        assert await books.archive.notices_in_use(connection) == frozenset()


# -- what cannot be proved -------------------------------------------------------------------------


async def test_c13_a_record_whose_notice_is_gone_is_not_provable(books: Books) -> None:
    held = await books.archive.held("CA0")
    assert held is not None
    async with books.database.begin() as connection:
        await connection.execute(delete(notices))
    with pytest.raises(NotProvable, match=exhibit.notice().version):
        await collect(books.archive, books.notices, held)


async def test_what_is_damaged_is_told_by_its_code(books: Books) -> None:
    with pytest.raises(KeyMissing, match="RECORD_KEY"):
        await LedgerArchive(books.database, KeyRing([b"x" * 32])).held("CA0")
    async with books.database.begin() as connection:
        moved = update(ledger_entries).where(ledger_entries.c.position == 2).values(pseudonym="x")
        await connection.execute(moved)
        await connection.execute(delete(ledger_nodes).where(ledger_nodes.c.level == 1))
    with pytest.raises(LedgerDamaged):
        await books.archive.held("CA2")
    with pytest.raises(LedgerDamaged, match="node"):
        await books.archive.prove("r0")


async def test_a_database_that_is_damaged_is_told(damaged: Path) -> None:
    away = Database.open(f"sqlite+aiosqlite:///{damaged}")
    with pytest.raises(RecordsUnavailable):
        await LedgerArchive(away, exhibit.KEYS).held("CA0")
    await away.close()
