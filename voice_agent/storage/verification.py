"""Checks the whole ledger: every entry, every node, every head, every notice (rule C15)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent import merkle
from consent.head import message
from consent.receipt import ConsentRecord, read_later_events
from voice_agent.errors import VoiceAgentError
from voice_agent.keyring import KeyRing, verify
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.entries import SALT_BYTES, Entry, Kind
from voice_agent.storage.tables import (
    head_keys,
    ledger_entries,
    ledger_nodes,
    notice_audio,
    notices,
    tree_heads,
)

_PAGE: Final = 1000
"""Rows read at once."""


@dataclass(slots=True)
class Verification:
    """What was found.

    Attributes:
        entries: how many entries were checked.
        destroyed: how many of them have had their content destroyed.
        heads: how many signed heads.
        notices: how many notices.
        signed_with: identifiers of the keys that signed heads; compare with what was published.
        faults: what is wrong, a sentence each that names it; none, if all is right.
    """

    entries: int = 0
    destroyed: int = 0
    heads: int = 0
    notices: int = 0
    signed_with: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """True if nothing is wrong."""
        return not self.faults


class LedgerVerification:
    """Reads the ledger from its first entry to its last and trusts none of it.

    Args:
        archive: opens the transaction.
        keyring: opens the entries.
    """

    def __init__(self, archive: LedgerArchive, keyring: KeyRing) -> None:
        self._archive = archive
        self._keys = DataKeys(keyring)

    async def verify(self) -> Verification:
        """Check everything.

        Raises:
            RecordsUnavailable: the database is away.
        """
        found = Verification()
        async with self._archive.reading() as connection:
            known = await _versions(connection, found)
            # In this order: what is written meanwhile has a head as well.
            last = await connection.scalar(select(func.max(ledger_entries.c.position)))
            sizes = frozenset((await connection.scalars(select(tree_heads.c.size))).all())
            if last is not None and max(sizes, default=0) <= last:
                found.faults.append(
                    f"entries {max(sizes, default=0)} to {last}: no head was signed for them"
                )
            roots = await self._entries(connection, found, known, sizes)
            await _heads(connection, found, roots, max(sizes, default=0))
        return found

    async def _entries(
        self,
        connection: AsyncConnection,
        found: Verification,
        known: frozenset[str],
        sizes: frozenset[int],
    ) -> dict[int, bytes]:
        """Check each entry against its leaf and the leaves against the nodes; the roots by size."""
        roots: dict[int, bytes] = {}
        frontier: tuple[bytes, ...] = ()
        expected: list[merkle.Node] = []
        async for page in _pages(connection, max(sizes, default=0)):
            keys, broken = await self._page_keys(connection, page)
            found.faults += broken
            leaves = await _leaves(connection, page[0].position, page[-1].position)
            for entry in page:
                if entry.position != found.entries:
                    found.faults.append(f"entry {found.entries}: is missing")
                    return roots
                leaf = leaves.get(entry.position, b"")
                found.faults += _check(entry, keys.get(entry.call_id or ""), leaf, known)
                if len(leaf) != merkle.HASH_BYTES:
                    return roots
                growth = merkle.append(entry.position, frontier, [leaf])
                frontier, expected = growth.frontier, [*expected, *growth.nodes]
                found.entries += 1
                found.destroyed += entry.destroyed
                if found.entries in sizes:
                    roots[found.entries] = merkle.root(frontier)
            found.faults += await _compare(connection, expected)
            expected = []
        return roots

    async def _page_keys(
        self, connection: AsyncConnection, page: list[Entry]
    ) -> tuple[dict[str, bytes], list[str]]:
        calls = {entry.call_id for entry in page if entry.call_id is not None}
        try:
            return dict(await self._keys.get_all(connection, calls, KeyKind.PROOF)), []
        except VoiceAgentError:
            pass  # one of them is wrong: find out which
        keys: dict[str, bytes] = {}
        faults = []
        for entry in page:
            if entry.call_id is None or entry.call_id in keys:
                continue
            try:
                keys |= await self._keys.get_all(connection, {entry.call_id}, KeyKind.PROOF)
            except VoiceAgentError as fault:
                faults.append(f"record {entry.record_id}: its key does not open: {fault}")
        return keys, faults


def _check(entry: Entry, key: bytes | None, leaf: bytes, known: frozenset[str]) -> Iterator[str]:
    name = f"record {entry.record_id}, entry {entry.position} ({entry.kind})"
    if len(leaf) != merkle.HASH_BYTES:
        yield f"{name}: its leaf is missing"
        return
    if entry.destroyed:
        if entry.sealed is not None or entry.call_id is not None or entry.pseudonym is not None:
            yield f"{name}: is noted as destroyed, and something of it is there"
        return
    try:
        opened = entry.opened(key)
        content = opened[SALT_BYTES:]
        if entry.kind is Kind.GIVEN:
            record = ConsentRecord.parse(content)
            named = (record.record_id, record.call_id, record.principal, record.notice_version)
            row = (entry.record_id, entry.call_id, entry.pseudonym, entry.notice_version)
            if named != row:
                yield f"{name}: lies under another record, call, person or notice"
            if record.notice_version not in known:
                yield f"{name}: its notice {record.notice_version} is missing"
        elif read_later_events(content)[0] != entry.record_id:
            yield f"{name}: lies under another record"
    except (VoiceAgentError, ValueError) as fault:
        yield f"{name}: {fault}"
        return
    if merkle.leaf_hash(opened) != leaf:
        yield f"{name}: is not what the tree was built of"


async def _pages(connection: AsyncConnection, size: int) -> AsyncIterator[list[Entry]]:
    last = -1
    while True:
        after = select(ledger_entries).where(
            ledger_entries.c.position > last, ledger_entries.c.position < size
        )
        rows = (
            await connection.execute(after.order_by(ledger_entries.c.position).limit(_PAGE))
        ).all()
        if not rows:
            return
        last = rows[-1].position
        yield [Entry.of_row(row) for row in rows]


async def _leaves(connection: AsyncConnection, first: int, last: int) -> dict[int, bytes]:
    wanted = select(ledger_nodes.c.place, ledger_nodes.c.hash).where(
        ledger_nodes.c.level == 0, ledger_nodes.c.place.between(first, last)
    )
    return {row.place: row.hash for row in (await connection.execute(wanted)).all()}


async def _compare(connection: AsyncConnection, expected: list[merkle.Node]) -> list[str]:
    """Whether the stored nodes are the ones the leaves lead to."""
    faults = []
    levels: dict[int, dict[int, bytes]] = {}
    for node in expected:
        levels.setdefault(node.level, {})[node.index] = node.hash
    for level, nodes in levels.items():
        wanted = select(ledger_nodes.c.place, ledger_nodes.c.hash).where(
            ledger_nodes.c.level == level, ledger_nodes.c.place.between(min(nodes), max(nodes))
        )
        stored = {row.place: row.hash for row in (await connection.execute(wanted)).all()}
        faults += [
            f"node {level}/{place}: is not what its leaves lead to"
            for place, value in nodes.items()
            if stored.get(place) != value
        ]
    return faults


async def _heads(
    connection: AsyncConnection, found: Verification, roots: dict[int, bytes], size: int
) -> None:
    if found.entries < size and not found.faults:
        found.faults.append(f"entries {found.entries} to {size - 1}: are missing")
    keys = {
        row.key_id: row.public_key for row in (await connection.execute(select(head_keys))).all()
    }
    chosen = select(tree_heads).where(tree_heads.c.size <= size).order_by(tree_heads.c.size)
    rows = (await connection.execute(chosen)).all()
    for row in rows:
        found.heads += 1
        found.signed_with.add(row.key_id)
        found.faults += _check_head(row, keys.get(row.key_id, b""), roots)


def _check_head(row: Row[Any], public_key: bytes, roots: dict[int, bytes]) -> Iterator[str]:
    if not verify(public_key, row.signature, message(row.size, row.root, row.signed_at)):
        yield f"head {row.size}: its signature by key {row.key_id} is wrong"
    if roots.get(row.size) != row.root:
        yield f"head {row.size}: its root is not the one the entries lead to"


async def _versions(connection: AsyncConnection, found: Verification) -> frozenset[str]:
    """The notices that are what their version says; faults for the others."""
    right = set()
    async for row in await connection.stream(select(notices.c.version, notices.c.content)):
        found.notices += 1
        if hashlib.sha256(row.content).hexdigest() == row.version:
            right.add(row.version)
        else:
            found.faults.append(f"notice {row.version}: is not what its version says")
    async for row in await connection.stream(select(notice_audio)):
        if hashlib.sha256(row.wav).hexdigest() != row.sha256:
            found.faults.append(f"notice {row.version}: its recording {row.sha256} was changed")
    return frozenset(right)
