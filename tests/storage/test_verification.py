"""Whatever is changed in the ledger's tables is found and named; what is destroyed is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.evidence import exhibit
from tests.storage.ledgers import AT_ONCE, NOON, Books
from voice_agent.keyring import KeyRing
from voice_agent.storage.database import Database
from voice_agent.storage.tables import (
    consent_withdrawals,
    data_keys,
    head_keys,
    ledger_entries,
    ledger_nodes,
    metadata,
    notice_audio,
    notices,
    tree_heads,
)

pytestmark = pytest.mark.integration  # a real database on a real disk

VERSION = exhibit.notice().version


@pytest.fixture
async def books(database: Database) -> Books:
    """Five records and two later events: entries 0 to 6, a head after each."""
    books = Books.of(database)
    await books.fill()
    assert (await books.verify()).faults == []
    return books


async def test_c15_what_nobody_touched_is_right(books: Books) -> None:
    found = await books.verify()
    assert found.is_right
    assert (found.entries, found.heads, found.notices, found.destroyed) == (7, 7, 1, 0)
    assert len(found.signed_with) == 1


async def test_an_empty_ledger_is_right(database: Database) -> None:
    found = await Books.of(database).verify()
    assert (found.faults, found.entries) == ([], 0)


Change = Callable[[bytes], bytes]


def flipped(at: int) -> Change:
    """One bit of the byte at this place, counted from the end where it is negative."""

    def change(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[at] ^= 1
        return bytes(changed)

    return change


CELLS: list[tuple[Table, dict[str, Any], str, str]] = [
    (ledger_entries, {"position": 3}, "sealed", "record r3, entry 3 (given)"),
    (ledger_entries, {"position": 5}, "sealed", "record r0, entry 5 (withdrawn)"),
    (ledger_nodes, {"level": 0, "place": 2}, "hash", "record r2, entry 2 (given)"),
    (ledger_nodes, {"level": 1, "place": 1}, "hash", "node 1/1"),
    (ledger_nodes, {"level": 2, "place": 0}, "hash", "node 2/0"),
    (tree_heads, {"size": 4}, "root", "head 4"),
    (tree_heads, {"size": 7}, "signature", "head 7"),
    (head_keys, {}, "public_key", "head key "),
    (data_keys, {"call_id": "CA2"}, "wrapped", "record r2"),
    (notices, {}, "content", f"notice {VERSION}"),
    (notice_audio, {"sha256": next(iter(exhibit.audio()))}, "wav", f"notice {VERSION}"),
]
"""Cells of bytes, and how a fault of each is called."""


def chosen(table: Table, row: dict[str, Any]) -> list[Any]:
    return [table.c[name] == value for name, value in row.items()]


@pytest.mark.parametrize(
    ("table", "row", "column", "named"), CELLS, ids=[f"{c[0].name}-{c[2]}-{c[3]}" for c in CELLS]
)
async def test_c15_any_byte_that_is_changed_is_found_and_named(
    books: Books, table: Table, row: dict[str, Any], column: str, named: str
) -> None:
    """Its first, its last, and a dozen between."""
    where = chosen(table, row)
    async with books.database.begin() as connection:
        content = await connection.scalar(select(table.c[column]).where(*where))
    assert content is not None
    places = {0, 1, len(content) - 1, *range(0, len(content), max(1, len(content) // 12))}
    for at in sorted(places):
        async with books.database.begin() as connection:
            wrong = {column: flipped(at)(content)}
            await connection.execute(update(table).where(*where).values(wrong))
        faults = (await books.verify()).faults
        assert any(named in fault for fault in faults), (at, faults)
    async with books.database.begin() as connection:
        await connection.execute(update(table).where(*where).values({column: content}))
    assert (await books.verify()).faults == []


VALUES: list[tuple[Table, dict[str, Any], dict[str, Any], str]] = [
    (ledger_entries, {"position": 3}, {"sealed": None}, "record r3, entry 3 (given): the content"),
    (ledger_entries, {"position": 3}, {"sealed": b""}, "record r3, entry 3 (given)"),
    (ledger_entries, {"position": 3}, {"call_id": "CA9"}, "record r3, entry 3 (given)"),
    (ledger_entries, {"position": 3}, {"call_id": None}, "record r3, entry 3 (given)"),
    (ledger_entries, {"position": 3}, {"record_id": "r9"}, "record r9, entry 3 (given)"),
    (ledger_entries, {"position": 3}, {"kind": "expired"}, "record r3, entry 3 (expired)"),
    (ledger_entries, {"position": 3}, {"kind": "refused"}, "record r3, entry 3: its kind"),
    (ledger_entries, {"position": 3}, {"pseudonym": "x"}, "record r3, entry 3 (given)"),
    (ledger_entries, {"position": 5}, {"pseudonym": "x"}, "record r0, entry 5 (withdrawn)"),
    (ledger_entries, {"position": 3}, {"notice_version": "x"}, "record r3, entry 3 (given)"),
    (ledger_entries, {"position": 5}, {"notice_version": "x"}, "record r0, entry 5 (withdrawn)"),
    (ledger_entries, {"position": 3}, {"destroyed_at": NOON}, "record r3, entry 3 (given)"),
    (ledger_entries, {"position": 3}, {"written_at": NOON}, "record r3, entry 3 (given)"),
    (
        tree_heads,
        {"size": 4},
        {"signed_at": NOON + timedelta(seconds=4, milliseconds=1)},
        "head 4: its signature",
    ),
    (
        tree_heads,
        {"size": 4},
        {"signed_at": NOON + timedelta(seconds=4, microseconds=1)},
        "head 4: its time",
    ),
    (tree_heads, {"size": 4}, {"key_id": "00000000"}, "head 4: its signature"),
    (tree_heads, {"size": 7}, {"size": 8}, "head 8"),
    (ledger_nodes, {"level": 0, "place": 2}, {"hash": b"x"}, "record r2, entry 2 (given)"),
    (data_keys, {"call_id": "CA2"}, {"kind": "content"}, "record r2, entry 2 (given)"),
    (notices, {}, {"content": b"{}"}, f"notice {VERSION}"),
    (consent_withdrawals, {}, {"means": "key"}, "record r0, entry 5 (withdrawn): the row"),
    (consent_withdrawals, {}, {"withdrawn_at": NOON}, "record r0, entry 5 (withdrawn): the row"),
    (consent_withdrawals, {}, {"call_id": "CA3"}, "record r0, entry 5 (withdrawn): the row"),
]


@pytest.mark.parametrize(
    ("table", "row", "values", "named"),
    VALUES,
    ids=[f"{each[0].name}-{each[1]}-{next(iter(each[2]))}-{at}" for at, each in enumerate(VALUES)],
)
async def test_c15_any_value_that_is_changed_is_found_and_named(
    books: Books, table: Table, row: dict[str, Any], values: dict[str, Any], named: str
) -> None:
    async with books.database.begin() as connection:
        done = await connection.execute(update(table).where(*chosen(table, row)).values(values))
    assert done.rowcount == 1
    faults = (await books.verify()).faults
    assert any(fault.startswith(named) for fault in faults), faults


ROWS: list[tuple[Table, dict[str, Any], str]] = [
    (ledger_entries, {"position": 0}, "entry 0: is missing"),
    (ledger_entries, {"position": 3}, "entry 3: is missing"),
    (ledger_entries, {"position": 6}, "entry 6: is missing"),
    (ledger_entries, {}, "entries 0 to 6: are missing"),
    (ledger_nodes, {"level": 0, "place": 3}, "record r3, entry 3 (given): its leaf is missing"),
    (ledger_nodes, {"level": 1, "place": 0}, "node 1/0"),
    (ledger_nodes, {"level": 2, "place": 0}, "node 2/0"),
    (tree_heads, {"size": 7}, "entries 6 to 6: no head"),
    (tree_heads, {"size": 4}, "record r3, entry 3 (given): the head of its time"),
    (tree_heads, {}, "entries 0 to 6: no head"),
    (head_keys, {}, "head key "),
    (data_keys, {"call_id": "CA2"}, "record r2, entry 2 (given)"),
    (consent_withdrawals, {}, "record r0, entry 5 (withdrawn): the row that stops its call"),
    (notices, {}, f"record r0, entry 0 (given): its notice {VERSION} is missing"),
    (notice_audio, {"sha256": next(iter(exhibit.audio()))}, f"notice {VERSION}: its recording"),
]


@pytest.mark.parametrize(
    ("table", "row", "named"), ROWS, ids=[f"{each[0].name}-{each[1]}" for each in ROWS]
)
async def test_c15_any_row_that_is_deleted_is_missed(
    books: Books, table: Table, row: dict[str, Any], named: str
) -> None:
    async with books.database.begin() as connection:
        await connection.execute(delete(table).where(*chosen(table, row)))
    faults = (await books.verify()).faults
    assert any(fault.startswith(named) for fault in faults), faults


async def rows_of(connection: AsyncConnection, *positions: int) -> list[dict[str, Any]]:
    wanted = select(ledger_entries).where(ledger_entries.c.position.in_(positions))
    ordered = wanted.order_by(ledger_entries.c.position)
    return [dict(row) for row in (await connection.execute(ordered)).mappings()]


async def replace_rows(connection: AsyncConnection, *rows: dict[str, Any]) -> None:
    places = [row["position"] for row in rows]
    await connection.execute(delete(ledger_entries).where(ledger_entries.c.position.in_(places)))
    await connection.execute(insert(ledger_entries), list(rows))


async def test_c15_two_entries_that_change_places_are_found_and_named(books: Books) -> None:
    async with books.database.begin() as connection:
        first, second = await rows_of(connection, 2, 4)
        await replace_rows(connection, first | {"position": 4}, second | {"position": 2})
    faults = (await books.verify()).faults
    for named in ("record r2, entry 4 (given)", "record r4, entry 2 (given)"):
        assert any(named in fault for fault in faults), faults


async def test_c15_an_entry_with_another_calls_content_is_found_and_named(books: Books) -> None:
    async with books.database.begin() as connection:
        first, second = await rows_of(connection, 2, 4)
        await replace_rows(connection, first | {"sealed": second["sealed"]})
    assert any("record r2, entry 2" in fault for fault in (await books.verify()).faults)


async def test_c15_an_entry_under_another_call_that_has_a_key_is_found(books: Books) -> None:
    async with books.database.begin() as connection:
        first, second = await rows_of(connection, 2, 4)
        await replace_rows(
            connection,
            first | {"call_id": second["call_id"]},
            second | {"call_id": first["call_id"]},
        )
    faults = (await books.verify()).faults
    assert any("record r2, entry 2" in fault for fault in faults)
    assert any("record r4, entry 4" in fault for fault in faults)


async def test_c15_an_entry_too_many_is_found(books: Books) -> None:
    async with books.database.begin() as connection:
        (row,) = await rows_of(connection, 4)
        more = row | {"position": 7, "record_id": "r9", "call_id": "CA9"}
        await connection.execute(insert(ledger_entries).values(more))
    assert "entries 7 to 7: no head was signed for them" in (await books.verify()).faults


async def test_c15_a_node_too_many_is_found(books: Books) -> None:
    async with books.database.begin() as connection:
        extra = {"level": 0, "place": 7, "hash": b"x" * 32}
        await connection.execute(insert(ledger_nodes).values(extra))
    assert (await books.verify()).faults == ["nodes: 1 belong to no tree"]


async def test_c15_one_fault_does_not_hide_another(books: Books) -> None:
    async with books.database.begin() as connection:
        gone = ledger_entries.c.position.in_([0, 1, 4])
        await connection.execute(delete(ledger_entries).where(gone))
        await connection.execute(
            update(data_keys).where(data_keys.c.call_id == "CA2").values(wrapped=b"x")
        )
        await connection.execute(
            update(data_keys).where(data_keys.c.call_id == "CA3").values(wrapped=b"x" * 60)
        )
    faults = (await books.verify()).faults
    for named in ("entries 0 to 1: are", "entry 4: is", "record r2: its key", "record r3: its key"):
        assert any(fault.startswith(named) for fault in faults), faults


async def test_c17_without_the_key_nothing_opens_and_the_key_is_named(books: Books) -> None:
    found = await books.verify(KeyRing([b"x" * 32]))
    assert len([fault for fault in found.faults if "RECORD_KEY: the key" in fault]) == 5


async def test_c15_a_clock_that_was_set_back_makes_no_fault(books: Books) -> None:
    """And heads keep their order."""
    books.clock.now = NOON - timedelta(days=1)
    for number in range(6, 9):
        await books.give(number)
    assert (await books.verify()).faults == []
    async with books.database.begin() as connection:
        times = (
            await connection.scalars(select(tree_heads.c.signed_at).order_by(tree_heads.c.size))
        ).all()
    assert sorted(set(times)) == list(times)


async def test_c15_verifying_while_others_write_and_destroy_finds_no_fault(
    books: Books, address: str
) -> None:
    other = Database.open(address)
    writer = Books.of(other)
    writer.clock.now = NOON + timedelta(hours=1)
    books.clock.now = NOON + timedelta(hours=2)

    async def write() -> None:
        for number in range(10, 30):
            await writer.give(number)
            async with other.begin() as connection:
                await writer.archive.destroy(connection, [number - 8], NOON)

    writing = asyncio.create_task(write())
    while not writing.done():
        assert (await books.verify(against=AT_ONCE)).faults == []
    await writing
    await other.close()
    assert (await books.verify(against=AT_ONCE)).destroyed > 10


async def test_c15_writers_in_several_processes_keep_one_tree(
    database: Database, address: str
) -> None:
    """Two engines on one address, each with a ledger of its own, both writing at once."""
    others = [Database.open(address) for _ in range(2)]
    writers = [Books.of(each) for each in (database, *others)]
    await writers[0].notices.keep(exhibit.notice(), exhibit.audio(), NOON)
    await asyncio.gather(*(writers[n % 3].give(n) for n in range(60)))
    await asyncio.gather(*(writers[n % 3].ledger.expire(f"CA{n}", NOON) for n in range(0, 60, 2)))
    found = await writers[1].verify()
    async with database.begin() as connection:
        positions = (await connection.scalars(select(ledger_entries.c.position))).all()
    for other in others:
        await other.close()
    assert sorted(positions) == list(range(90))
    assert (found.faults, found.entries) == ([], 90)


async def test_c15_a_broken_tree_is_not_written_on(books: Books) -> None:
    """Nothing is signed on top of what is not what the last head says."""
    async with books.database.begin() as connection:
        place = (ledger_nodes.c.level == 2) & (ledger_nodes.c.place == 0)
        await connection.execute(update(ledger_nodes).where(place).values(hash=b"x" * 32))
    with pytest.raises(Exception, match="SealDamaged"):
        await books.give(8)
    assert await books.ledger.find("CA8") is None


def test_every_table_of_the_ledger_is_among_those_that_are_changed_here() -> None:
    tried = {each[0] for each in (*CELLS, *ROWS, *VALUES)}
    ledgers = {
        table
        for table in metadata.sorted_tables
        if table.name.startswith(("ledger", "tree", "head", "notice", "data_keys", "consent"))
    }
    assert tried == ledgers
