"""Checks the whole ledger: every entry, every node, every head, every notice (rule C15)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent import merkle
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence.published import Published
from voice_agent.keyring import KeyRing
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.entries import Entry
from voice_agent.storage.entry_checks import EntryChecks
from voice_agent.storage.head_checks import HeadChecks
from voice_agent.storage.notice_checks import NoticeChecks
from voice_agent.storage.retention import SKEW
from voice_agent.storage.tables import head_keys, ledger_entries, tree_heads
from voice_agent.storage.tree_checks import Tree, compare, extra_nodes, leaves, missing
from voice_agent.storage.withdrawal_checks import WithdrawalChecks

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
        unchecked_timestamps: how many have one, and there is no certificate to verify it with.
        newest_timestamp: size of the newest head with a verified timestamp, and its moment.
        notices: how many notices.
        signed_with: fingerprints of the keys that signed heads; compare with what was published.
        faults: what is wrong, a sentence each that names it; none, if all is right.
    """

    entries: int = 0
    destroyed: int = 0
    heads: int = 0
    timestamps: int = 0
    unchecked_timestamps: int = 0
    newest_timestamp: tuple[int, datetime] | None = None
    notices: int = 0
    signed_with: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """True if nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What the ledger is compared with that does not come from it.

    Attributes:
        roots: pinned certificates of the timestamping authority; without them timestamps are
            counted, and only what they are about is checked.
        keys: public keys or fingerprints of them, hex in lower case. If there are any, all heads
            must be signed with one of them; else with one that ``RECORD_KEY`` has.
        heads: what was published and kept elsewhere.
        due: what entries may be destroyed at the moment it is given: those of the moment it
            returns or earlier, none if that is ``None``.
    """

    roots: Sequence[x509.Certificate] = ()
    keys: Collection[str] = ()
    heads: Sequence[Published] = ()
    due: Callable[[datetime], datetime | None] = lambda _: None


def _now() -> datetime:
    return datetime.now(UTC)


class LedgerVerification:
    """Reads the ledger from its first entry to its last and trusts none of it.

    Whether the newest entries were cut off, or all of it replaced by an older copy, the ledger
    itself cannot show: that takes a head that was kept elsewhere.

    Args:
        archive: opens the transaction.
        keyring: opens the entries; heads are verified with the keys derived from it.
        against: what else it is compared with.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        archive: LedgerArchive,
        keyring: KeyRing,
        against: Against | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._archive = archive
        self._keyring = keyring
        self._against = against or Against()
        self._clock = clock

    async def verify(self) -> Verification:
        """Check everything, in one state of the database.

        Raises:
            RecordsUnavailable: the database is away.
        """
        async with self._archive.reading() as connection:
            reading = _Reading(connection, self._keyring, self._against)
            await reading.everything(self._clock)
        return reading.found


class _Reading:
    """One pass over the ledger, within one transaction."""

    def __init__(self, connection: AsyncConnection, keyring: KeyRing, against: Against) -> None:
        self.found = Verification()
        self._connection = connection
        self._keyring = keyring
        self._keys = DataKeys(keyring)
        self._against = against

    async def everything(self, clock: Callable[[], datetime]) -> None:
        """Check it all."""
        connection, found = self._connection, self.found
        notices = NoticeChecks()
        await notices.read(connection)
        found.notices = notices.count
        # Later than the state that is seen: nothing of it is from the future.
        now = clock()
        due = self._against.due(now + SKEW)
        withdrawals = await WithdrawalChecks.read(connection, now, due)
        checks = EntryChecks(notices.right, withdrawals, due)
        heads = (await connection.execute(select(tree_heads).order_by(tree_heads.c.size))).all()
        size = max((head.size for head in heads), default=0)
        kept = self._against.heads
        tree = Tree(frozenset({*(head.size for head in heads), *(each.head.size for each in kept)}))
        for first in range(0, size, _PAGE):
            await self._page(checks, tree, range(first, min(first + _PAGE, size)))
        last = await connection.scalar(select(func.max(ledger_entries.c.position)))
        if last is not None and last >= size:
            found.faults.append(f"entries {size} to {last}: no head was signed for them")
        if tree.broken_at is None:
            found.faults += await extra_nodes(connection, size)
        head_checks = await self._head_checks()
        for head in heads:
            found.heads += 1
            found.faults += head_checks.check(head, tree)
        found.faults += head_checks.keys()
        for each in kept:
            found.faults += head_checks.kept(each, tree, size)
        found.signed_with = head_checks.signed_with
        found.timestamps = head_checks.timestamps
        found.unchecked_timestamps = head_checks.unchecked
        found.newest_timestamp = head_checks.newest
        found.faults += checks.unsigned(heads)
        found.faults += checks.partly_destroyed()
        found.faults += withdrawals.unproved()
        found.faults += notices.faults

    async def _head_checks(self) -> HeadChecks:
        rows = (await self._connection.execute(select(head_keys))).all()
        stored = {row.key_id: row.public_key for row in rows}
        against = self._against
        return HeadChecks(self._keyring.public_keys, stored, against.keys, against.roots)

    async def _page(self, checks: EntryChecks, tree: Tree, positions: range) -> None:
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
        found.faults += missing(position for position in positions if position not in rows)
        keys = await self._page_keys(entries.values())
        stored = await leaves(self._connection, first, last)
        expected: list[merkle.Node] = []
        for position in positions:
            leaf = stored.get(position)
            if (entry := entries.get(position)) is not None:
                found.entries += 1
                found.destroyed += entry.destroyed
                found.faults += checks.check(entry, keys.get(entry.call_id or ""), leaf)
            expected += tree.grow(position, leaf)
        found.faults += await compare(self._connection, expected)

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
