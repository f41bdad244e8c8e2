"""A head that somebody kept shows that the ledger was cut off, or set back to an older copy."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import delete

from tests.storage.forgers import FORGED, FORGER, cut_off
from tests.storage.ledgers import KEYS, Books
from voice_agent.evidence.proof import PublicKey, fingerprint
from voice_agent.evidence.published import NoSuchTree, Published, as_fields, differences, read
from voice_agent.storage.archive import LedgerDamaged
from voice_agent.storage.database import Database
from voice_agent.storage.tables import (
    consent_withdrawals,
    ledger_entries,
    ledger_nodes,
    tree_heads,
)
from voice_agent.storage.verification import Against

pytestmark = pytest.mark.integration  # a real database on a real disk


@pytest.fixture
async def books(database: Database) -> Books:
    """Five records and two later events: entries 0 to 6, a head after each."""
    books = Books.of(database)
    await books.fill()
    return books


async def faults(books: Books, *heads: Published, keys: list[str] | None = None) -> str:
    against = Against(heads=heads, keys=keys or ())
    return "\n".join((await books.verify(against=against)).faults)


async def published(books: Books, grown_from: int | None = None) -> Published:
    """What ``GET /privacy/ledger`` answers, as somebody keeps it."""
    keys, growth = await books.archive.public_keys(), None
    signed = await books.archive.head()
    if grown_from is not None:
        signed, proof = await books.archive.grown(grown_from)
        growth = grown_from, proof
    return read(json.dumps(as_fields(signed, keys, growth)).encode())


async def test_c15_what_was_cut_off_is_found_by_a_head_that_was_kept(books: Books) -> None:
    kept = await published(books)
    assert await faults(books, kept) == ""
    async with books.database.begin() as connection:
        await cut_off(connection, 5)
    assert await faults(books) == ""  # nothing in the ledger shows it
    found = await faults(books, kept)
    assert found == (
        "kept head 7: the ledger has 5 entries: it was cut off, or an older copy restored"
    )


async def test_c15_a_ledger_that_is_emptied_is_found_by_a_head_that_was_kept(books: Books) -> None:
    kept = await published(books)
    async with books.database.begin() as connection:
        for table in (ledger_entries, ledger_nodes, tree_heads, consent_withdrawals):
            await connection.execute(delete(table))
    assert "kept head 7: the ledger has 0 entries" in await faults(books, kept)


async def test_c15_what_was_cut_off_and_written_over_is_found(books: Books) -> None:
    """By our own server, which cannot know better."""
    kept = [await published(books)]
    async with books.database.begin() as connection:
        await cut_off(connection, 5)
    for number in range(6, 12):
        await books.give(number)
    kept.append(await published(books))
    assert await faults(books) == ""
    found = await faults(books, *kept)
    assert found == "kept head 7: its root is not what the entries lead to"


async def test_c15_a_kept_head_that_we_did_not_sign_compares_nothing(books: Books) -> None:
    kept = await published(books)
    head = replace(kept.head, signature=FORGER.sign(kept.head.message))
    forged = replace(kept, head=head)
    assert "kept head 7: its signature by" in await faults(books, forged)
    key = PublicKey(key_id="deadbeef", public_key=FORGER.public_key().public_bytes_raw())
    strange = replace(kept, head=replace(head, key_id="deadbeef"), keys=(key,))
    assert "deadbeef, which is not in RECORD_KEY" in await faults(books, strange)
    named = [FORGED, fingerprint(KEYS.public_key)]
    assert await faults(books, strange, keys=named) == ""


async def test_c15_everything_between_two_kept_heads_is_proved_offline(books: Books) -> None:
    heads = {7: await published(books)}
    for number in range(6, 20):
        await books.give(number)
        new = await published(books)
        heads[new.head.size] = new
    for size, old in heads.items():
        new = await published(books, size)
        assert list(differences(old, new)) == []
        assert list(differences(old, new, [fingerprint(KEYS.public_key)])) == []
        assert list(differences(old, new, [FORGED])) != []


async def test_c15_offline_too_a_ledger_that_was_cut_off_is_found(books: Books) -> None:
    old = await published(books)
    async with books.database.begin() as connection:
        await cut_off(connection, 5)
    assert "was cut off" in "".join(differences(old, await published(books)))
    for number in range(6, 12):
        await books.give(number)
    assert "no proof from 7 entries" in "".join(differences(old, await published(books)))
    assert "was written anew" in "".join(differences(old, await published(books, 7)))


async def test_c15_there_is_no_proof_from_a_size_the_ledger_does_not_have(books: Books) -> None:
    for size in (-1, 8, 2**40):
        with pytest.raises(NoSuchTree):
            await books.archive.grown(size)
    async with books.database.begin() as connection:
        await connection.execute(delete(ledger_nodes).where(ledger_nodes.c.level == 1))
    with pytest.raises(LedgerDamaged):
        await books.archive.grown(3)


async def test_an_empty_ledger_has_grown_from_nothing(database: Database) -> None:
    with pytest.raises(NoSuchTree):
        await Books.of(database).archive.grown(0)
