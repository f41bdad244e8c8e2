"""The consent ledger at 100,000 records: appends, proofs, verification; SQLite, one process."""

from __future__ import annotations

import asyncio
import math
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from consent.receipt import ConsentRecord
from tests.evidence import exhibit
from tests.storage.ledgers import Books
from voice_agent.storage.database import Database
from voice_agent.storage.ledger import SqlConsentLedger
from voice_agent.storage.verification import LedgerVerification

RECORDS: Final = 100_000
AT_ONCE: Final = 1_000
"""Callers who press the key at the same moment."""

ONE_BY_ONE: Final = 1_000
"""Of the records so many are written one after the other."""

PROOFS: Final = 1_000

HEADING: Final = "| what | measured | wanted |\n| --- | --- | --- |"


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, and print a table.

    Args:
        arguments: where the database is made; a temporary directory when it is left out.
    """
    with tempfile.TemporaryDirectory(dir=next(iter(arguments), None)) as place:
        file = Path(place) / "ledger.db"
        asyncio.run(_measure(file))
        _row("database, MB", f"{file.stat().st_size / 2**20:.0f}", "")


async def _measure(file: Path) -> None:
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    await database.upgrade()
    books = Books.of(database)
    ledger = SqlConsentLedger(database, exhibit.KEYS)
    await books.notices.keep(exhibit.notice(), exhibit.audio(), exhibit.NOON)
    print(HEADING)
    together = RECORDS - ONE_BY_ONE
    begin = time.perf_counter()
    for first in range(0, together, AT_ONCE):
        numbers = range(first, first + AT_ONCE)
        await asyncio.gather(*(ledger.commit(_record(number)) for number in numbers))
    rate = together / (time.perf_counter() - begin)
    _row(f"appends a second, {AT_ONCE} at once", f"{rate:.0f}", "at least 500")
    begin = time.perf_counter()
    for number in range(together, RECORDS):
        await ledger.commit(_record(number))
    rate = ONE_BY_ONE / (time.perf_counter() - begin)
    _row("appends a second, one by one", f"{rate:.0f}", "")
    await _prove(books)
    begin = time.perf_counter()
    found = await LedgerVerification(books.archive, exhibit.KEYS).verify()
    seconds = time.perf_counter() - begin
    _row(f"verify all {found.entries}, s", f"{seconds:.1f}", "under 30")
    _row("faults", f"{len(found.faults)}", "0")
    await database.close()


async def _prove(books: Books) -> None:
    """Inclusion proofs of records anywhere in the tree, keys and decryption included."""
    chosen = random.Random(1)  # noqa: S311 (which records are proved is no secret)
    times = []
    for _ in range(PROOFS):
        number = chosen.randrange(RECORDS)
        begin = time.perf_counter()
        proved = await books.archive.prove(f"r{number}")
        times.append((time.perf_counter() - begin) * 1000)
        assert proved is not None
    times.sort()
    _row(f"inclusion proof at {RECORDS}, median, ms", f"{times[PROOFS // 2]:.2f}", "under 10")
    worst = times[math.ceil(0.99 * PROOFS) - 1]
    _row("the same, p99, ms", f"{worst:.2f}", "under 10")


def _record(number: int) -> ConsentRecord:
    return exhibit.record(f"r{number}", f"CA{number:032x}")


def _row(what: str, measured: str, wanted: str) -> None:
    print(f"| {what} | {measured} | {wanted} |", flush=True)
