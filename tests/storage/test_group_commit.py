"""What waits to be written is written together; what one call spoils costs the others nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from consent.ledger import LedgerUnavailable
from consent.receipt import Receipt
from tests.evidence import exhibit
from tests.storage.ledgers import NOON, Books
from voice_agent.storage.database import Database
from voice_agent.storage.ledger import MOST_TOGETHER
from voice_agent.storage.tables import ledger_entries, tree_heads

pytestmark = pytest.mark.integration  # a real database on a real disk


@pytest.fixture
async def books(database: Database) -> Books:
    books = Books.of(database)
    await books.notices.keep(exhibit.notice(), exhibit.audio(), NOON)
    return books


async def heads(books: Books) -> int:
    async with books.database.begin() as connection:
        return await connection.scalar(select(func.count()).select_from(tree_heads)) or 0


Outcomes = Sequence[Receipt | BaseException | None]


async def together(books: Books, *calls: tuple[str, str]) -> Outcomes:
    """Commit records of these calls at once."""
    records = [exhibit.record(record_id, call_id) for call_id, record_id in calls]
    return await asyncio.gather(
        *(books.ledger.commit(record) for record in records), return_exceptions=True
    )


def refused(outcomes: Outcomes) -> list[int]:
    """Which of them got no receipt."""
    return [at for at, each in enumerate(outcomes) if not isinstance(each, Receipt)]


async def test_what_waits_is_written_together(books: Books) -> None:
    count = 2 * MOST_TOGETHER
    outcomes = await together(books, *((f"CA{n}", f"r{n}") for n in range(count)))
    assert [each.record_id for each in outcomes if isinstance(each, Receipt)] == [
        f"r{n}" for n in range(count)
    ]
    assert await heads(books) == 2
    assert (await books.verify()).faults == []


async def test_who_does_not_wait_any_more_gets_no_record(books: Books) -> None:
    """The call was told that it was not saved; the others are not kept waiting."""
    tasks = [
        asyncio.create_task(books.ledger.commit(exhibit.record(f"r{n}", f"CA{n}")))
        for n in range(8)
    ]
    await asyncio.sleep(0)
    tasks[3].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert refused(outcomes) == [3]
    assert isinstance(outcomes[3], asyncio.CancelledError)
    assert await books.archive.held("CA3") is None
    assert (await books.verify()).faults == []


async def test_who_stops_waiting_while_it_is_written_does_not_disturb_the_others(
    books: Books,
) -> None:
    """Whether the record is there or not: it is whole, or not there at all."""
    for pause in range(30):
        tasks = [
            asyncio.create_task(
                books.ledger.commit(exhibit.record(f"r{pause}-{n}", f"CA{pause}-{n}"))
            )
            for n in range(3)
        ]
        for _ in range(pause):
            await asyncio.sleep(0)
        tasks[1].cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert set(refused(outcomes)) <= {1}
    await books.ledger.settle()
    assert (await books.verify()).faults == []


async def test_a_database_that_fails_in_the_middle_leaves_nothing_half_written(
    books: Books,
) -> None:
    """Entries and nodes are in, then the head cannot be written."""
    await books.give(0)
    async with books.database.begin() as connection:
        await connection.execute(text("ALTER TABLE tree_heads RENAME TO gone"))
    outcomes = await together(books, *((f"CA{n}", f"r{n}") for n in range(1, 20)))
    assert all(isinstance(each, LedgerUnavailable) for each in outcomes)
    async with books.database.begin() as connection:
        await connection.execute(text("ALTER TABLE gone RENAME TO tree_heads"))
    assert refused(await together(books, *((f"CA{n}", f"r{n}") for n in range(1, 20)))) == []
    found = await books.verify()
    assert (found.faults, found.entries, found.heads) == ([], 20, 2)


async def test_c16_a_damaged_entry_costs_its_own_call_the_proof_alone(books: Books) -> None:
    assert refused(await together(books, *((f"CA{n}", f"r{n}") for n in range(12)))) == []
    async with books.database.begin() as connection:
        chosen = update(ledger_entries).where(ledger_entries.c.record_id.in_(["r3", "r8"]))
        await connection.execute(chosen.values(sealed=b"x" * 100))
    outcomes = await asyncio.gather(
        *(books.ledger.withdraw(f"CA{n}", NOON) for n in range(12)), return_exceptions=True
    )
    assert outcomes == [None] * 12
    everybody = [f"CA{n}" for n in range(12)]
    assert await books.ledger.withdrawn(everybody) == set(everybody)
    # The withdrawals count; of two the entry that proves it cannot be written.
    assert await books.archive.unfinished(NOON - timedelta(days=1)) == ("CA3", "CA8")


async def test_a_record_number_that_is_used_already_costs_its_call_alone(books: Books) -> None:
    await books.give(0)
    calls = [(f"CA{n}", f"r{n}") for n in range(1, 12)]
    calls[4] = ("CA5", "r0")
    assert refused(await together(books, *calls)) == [4]
    assert refused(await together(books, ("CA20", "r20"), ("CA21", "r20"))) == [1]
    assert (await books.verify()).faults == []


@pytest.mark.parametrize("call_id", ["CA" + "0" * 100, "CA\x00", "CA\ud800", ""])
async def test_an_identifier_that_a_database_would_refuse_costs_its_call_alone(
    books: Books, call_id: str
) -> None:
    calls = [(f"CA{n}", f"r{n}") for n in range(1, 6)]
    outcomes = await asyncio.gather(
        together(books, *calls), books.ledger.withdraw(call_id, NOON), return_exceptions=True
    )
    assert isinstance(outcomes[0], list)
    assert refused(outcomes[0]) == []
    assert isinstance(outcomes[1], LedgerUnavailable)
    assert (await books.verify()).entries == 5


async def test_the_same_call_twice_in_one_transaction_has_one_record(books: Books) -> None:
    outcomes = await together(books, ("CA1", "r1"), ("CA1", "r2"), ("CA2", "r3"))
    assert [each.record_id for each in outcomes if isinstance(each, Receipt)] == ["r1", "r1", "r3"]
    assert (await books.verify()).entries == 2
