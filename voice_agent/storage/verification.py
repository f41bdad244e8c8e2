"""Checks the whole ledger: every entry, every node, every head, every notice (rule C15)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent import merkle
from consent.head import message
from consent.notice import Notice
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence import timestamp
from voice_agent.evidence.proof import fingerprint
from voice_agent.keyring import KeyRing, verify
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.entries import Entry
from voice_agent.storage.entry_checks import EntryChecks
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
        timestamps: how many of them have a timestamp that a pinned certificate verifies.
        notices: how many notices.
        signed_with: fingerprints of the keys that signed heads; compare with what was published.
        faults: what is wrong, a sentence each that names it; none, if all is right.
    """

    entries: int = 0
    destroyed: int = 0
    heads: int = 0
    timestamps: int = 0
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
        roots: pinned certificates of the timestamping authority; without them timestamps are not
            looked at.
    """

    def __init__(
        self, archive: LedgerArchive, keyring: KeyRing, roots: Sequence[x509.Certificate] = ()
    ) -> None:
        self._archive = archive
        self._keys = DataKeys(keyring)
        self._roots = roots

    async def verify(self) -> Verification:
        """Check everything, in one state of the database.

        Raises:
            RecordsUnavailable: the database is away.
        """
        async with self._archive.reading() as connection:
            reading = _Reading(connection, self._keys, self._roots)
            await reading.everything()
        return reading.found


class _Reading:
    """One pass over the ledger, within one transaction."""

    def __init__(
        self, connection: AsyncConnection, keys: DataKeys, roots: Sequence[x509.Certificate]
    ) -> None:
        self.found = Verification()
        self._connection = connection
        self._keys = keys
        self._roots = roots

    async def everything(self) -> None:
        """Check it all."""
        connection, faults = self._connection, self.found.faults
        checks = EntryChecks(await _notices(connection, self.found))
        heads = (await connection.execute(select(tree_heads).order_by(tree_heads.c.size))).all()
        tree = _Tree(frozenset(head.size for head in heads))
        size = max(tree.sizes, default=0)
        for first in range(0, size, _PAGE):
            await self._page(checks, tree, range(first, min(first + _PAGE, size)))
        last = await connection.scalar(select(func.max(ledger_entries.c.position)))
        if last is not None and last >= size:
            faults.append(f"entries {size} to {last}: no head was signed for them")
        if tree.broken_at is None:
            faults += await _extra_nodes(connection, size)
        await self._heads(heads, tree)
        faults += checks.unsigned(heads)

    async def _page(self, checks: EntryChecks, tree: _Tree, positions: range) -> None:
        """Check the entries in these places against their leaves, the leaves against the nodes."""
        found, first, last = self.found, positions[0], positions[-1]
        chosen = select(ledger_entries).where(ledger_entries.c.position.between(first, last))
        rows = {row.position: row for row in (await self._connection.execute(chosen)).all()}
        entries: dict[int, Entry] = {}
        for position, row in sorted(rows.items()):
            try:
                entries[position] = Entry.of_row(row)
            except ValueError:
                found.faults.append(f"record {row.record_id}, entry {position}: its kind is none")
        found.faults += _missing(position for position in positions if position not in rows)
        keys = await self._page_keys(entries.values())
        leaves = await _nodes(self._connection, 0, first, last)
        expected: list[merkle.Node] = []
        for position in positions:
            leaf = leaves.get(position)
            if leaf is not None and len(leaf) != merkle.HASH_BYTES:
                leaf = None
            if (entry := entries.get(position)) is not None:
                found.entries += 1
                found.destroyed += entry.destroyed
                found.faults += checks.check(entry, keys.get(entry.call_id or ""), leaf)
            expected += tree.grow(position, leaf)
        found.faults += await _compare(self._connection, expected)

    async def _page_keys(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        calls = {entry.call_id: entry for entry in entries if entry.call_id is not None}
        try:
            return await self._keys.get_all(self._connection, calls, KeyKind.PROOF)
        except VoiceAgentError:
            pass  # one of them is wrong: find out which
        keys: dict[str, bytes] = {}
        for call_id, entry in calls.items():
            try:
                keys |= await self._keys.get_all(self._connection, {call_id}, KeyKind.PROOF)
            except VoiceAgentError as fault:
                self.found.faults.append(
                    f"record {entry.record_id}: its key does not open: {fault}"
                )
        return keys

    async def _heads(self, heads: Sequence[Row[Any]], tree: _Tree) -> None:
        found = self.found
        rows = (await self._connection.execute(select(head_keys))).all()
        keys = {row.key_id: row.public_key for row in rows}
        before: datetime | None = None
        for head in heads:
            found.heads += 1
            public_key = keys.get(head.key_id, b"")
            signed = message(head.size, head.root, head.signed_at)
            if verify(public_key, head.signature, signed):
                found.signed_with.add(fingerprint(public_key))
            else:
                found.faults.append(f"head {head.size}: its signature by {head.key_id} is wrong")
            if head.signed_at.microsecond % 1000 or (before and head.signed_at <= before):
                found.faults.append(f"head {head.size}: its time was changed")
            before = head.signed_at
            if (root := tree.roots.get(head.size)) is None:
                found.faults.append(f"head {head.size}: its tree is broken at {tree.broken_at}")
            elif root != head.root:
                found.faults.append(f"head {head.size}: its root is not what the entries lead to")
            found.faults += self._timestamp(head, signed)

    def _timestamp(self, head: Row[Any], signed: bytes) -> Iterator[str]:
        if head.timestamp_token is None or not self._roots:
            return
        try:
            timestamp.verify(head.timestamp_token, signed, self._roots)
        except timestamp.TimestampWrong as fault:
            yield f"head {head.size}: its timestamp: {fault}"
        else:
            self.found.timestamps += 1


class _Tree:
    """The tree as its leaves make it.

    Attributes:
        sizes: of the trees that heads were signed for.
        roots: of those trees, by size.
        broken_at: position of the first leaf that is missing; from there on there is no tree.
    """

    def __init__(self, sizes: frozenset[int]) -> None:
        self.sizes = sizes
        self.roots: dict[int, bytes] = {0: merkle.EMPTY_ROOT} if 0 in sizes else {}
        self.broken_at: int | None = None
        self._frontier: tuple[bytes, ...] = ()

    def grow(self, position: int, leaf: bytes | None) -> list[merkle.Node]:
        """Add a leaf; returns the nodes that must be stored for it."""
        if leaf is None and self.broken_at is None:
            self.broken_at = position
        if leaf is None or self.broken_at is not None:
            return []
        growth = merkle.append(position, self._frontier, [leaf])
        self._frontier = growth.frontier
        if position + 1 in self.sizes:
            self.roots[position + 1] = merkle.root(self._frontier)
        return growth.nodes


def _missing(positions: Iterable[int]) -> Iterator[str]:
    """A fault for each run of positions without an entry."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and runs[-1][1] == position - 1:
            runs[-1][1] = position
        else:
            runs.append([position, position])
    for first, last in runs:
        yield (
            f"entry {first}: is missing"
            if first == last
            else (f"entries {first} to {last}: are missing")
        )


async def _nodes(
    connection: AsyncConnection, level: int, first: int, last: int
) -> dict[int, bytes]:
    wanted = select(ledger_nodes.c.place, ledger_nodes.c.hash).where(
        ledger_nodes.c.level == level, ledger_nodes.c.place.between(first, last)
    )
    return {row.place: row.hash for row in (await connection.execute(wanted)).all()}


async def _compare(connection: AsyncConnection, expected: list[merkle.Node]) -> list[str]:
    """Whether the stored nodes are the ones the leaves lead to."""
    faults = []
    levels: dict[int, dict[int, bytes]] = {}
    for node in expected:
        levels.setdefault(node.level, {})[node.index] = node.hash
    for level, nodes in levels.items():
        stored = await _nodes(connection, level, min(nodes), max(nodes))
        faults += [
            f"node {level}/{place}: is not what its leaves lead to"
            for place, value in nodes.items()
            if stored.get(place) != value
        ]
    return faults


async def _extra_nodes(connection: AsyncConnection, size: int) -> list[str]:
    count = await connection.scalar(select(func.count()).select_from(ledger_nodes)) or 0
    right = sum(size >> level for level in range(size.bit_length()))
    return [] if count <= right else [f"nodes: {count - right} belong to no tree"]


async def _notices(connection: AsyncConnection, found: Verification) -> frozenset[str]:
    """The notices that are what their version says; faults for the others."""
    audio: dict[str, set[str]] = {}
    async for row in await connection.stream(select(notice_audio)):
        audio.setdefault(row.version, set()).add(row.sha256)
        if hashlib.sha256(row.wav).hexdigest() != row.sha256:
            found.faults.append(f"notice {row.version}: its recording {row.sha256} was changed")
    right = set()
    async for row in await connection.stream(select(notices.c.version, notices.c.content)):
        found.notices += 1
        if hashlib.sha256(row.content).hexdigest() != row.version:
            found.faults.append(f"notice {row.version}: is not what its version says")
            continue
        right.add(row.version)
        try:
            named = set(Notice.parse(row.content).audio.values())
        except ValueError as fault:
            found.faults.append(f"notice {row.version}: {fault}")
            continue
        found.faults += [
            f"notice {row.version}: its recording {name} is missing"
            for name in sorted(named - audio.get(row.version, set()))
        ]
    return frozenset(right)
