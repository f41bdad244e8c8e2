"""Checks ledger entries: what they say, whose they are, which leaf and head is theirs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from consent import merkle
from consent.receipt import ConsentRecord, read_later_events
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence.proof import SALT_BYTES
from voice_agent.storage.entries import Entry, Kind
from voice_agent.storage.withdrawal_checks import WithdrawalChecks


class EntryChecks:
    """Checks entries in the order of their positions, and remembers what later ones depend on.

    Args:
        notices: versions of the notices that are kept, and right.
        withdrawals: compares withdrawals with the rows that stop calls.
        due: entries of this moment or earlier may be destroyed by now; ``None`` if none may.
    """

    def __init__(
        self, notices: Collection[str], withdrawals: WithdrawalChecks, due: datetime | None
    ) -> None:
        self._notices = notices
        self._withdrawals = withdrawals
        self._due = due
        self._kept: set[str] = set()
        self._destroyed: dict[str, str] = {}
        self._given: dict[str, tuple[str | None, str | None]] = {}
        self._written: list[tuple[int, datetime, str]] = []

    def check(self, entry: Entry, key: bytes | None, leaf: bytes | None) -> Iterator[str]:
        """What is wrong with an entry, a sentence each.

        Args:
            entry: the entry.
            key: its call's key, if there is one.
            leaf: its leaf's hash, ``None`` if that is missing.
        """
        name = f"record {entry.record_id}, entry {entry.position} ({entry.kind})"
        self._written.append((entry.position, entry.written_at, name))
        if leaf is None:
            yield f"{name}: its leaf is missing"
        if entry.kind is Kind.GIVEN:
            self._given[entry.record_id] = (entry.call_id, entry.pseudonym)
        elif entry.record_id not in self._given:
            yield f"{name}: nothing was given before"
        if entry.destroyed:
            self._destroyed[entry.record_id] = name
            yield from (f"{name}: {fault}" for fault in self._gone(entry))
            return
        self._kept.add(entry.record_id)
        if entry.kind is Kind.GIVEN:
            self._withdrawals.given(entry)
        try:
            opened = entry.opened(key)
            yield from (f"{name}: {fault}" for fault in self._says(entry, opened[SALT_BYTES:]))
        except (VoiceAgentError, ValueError) as fault:
            yield f"{name}: {fault}"
            return
        if leaf is not None and merkle.leaf_hash(opened) != leaf:
            yield f"{name}: is not what the tree was built of"

    def _gone(self, entry: Entry) -> Iterator[str]:
        left = (entry.sealed, entry.call_id, entry.pseudonym, entry.notice_version)
        if any(value is not None for value in left):
            yield "is noted as destroyed, and something of it is there"
        if self._due is None or entry.written_at > self._due:
            yield "was destroyed before its period in retention.yaml is over"

    def partly_destroyed(self) -> Iterator[str]:
        """Entries that were destroyed without the others of their records."""
        for record_id, name in self._destroyed.items():
            if record_id in self._kept:
                yield f"{name}: is destroyed, and other entries of its record are not"

    def _says(self, entry: Entry, content: bytes) -> Iterator[str]:
        """Raises ``ValueError`` if the content is nothing that belongs into a ledger."""
        if entry.kind is Kind.GIVEN:
            record = ConsentRecord.parse(content)
            named = (record.record_id, record.call_id, record.principal, record.notice_version)
            row = (entry.record_id, entry.call_id, entry.pseudonym, entry.notice_version)
            if named != row:
                yield "lies under another record, call, person or notice"
            if record.notice_version not in self._notices:
                yield f"its notice {record.notice_version} is missing"
            return
        record_id, events = read_later_events(content)
        if record_id != entry.record_id:
            yield "lies under another record"
        if not events or any(event.state.value != entry.kind.value for event in events):
            yield "says something else"
        # Where what was given is destroyed already, nobody can say whose it was.
        mine = (entry.call_id, entry.pseudonym)
        if self._given.get(entry.record_id, mine) not in {(None, None), mine}:
            yield "lies under another call or person"
        if entry.kind is Kind.WITHDRAWN:
            yield from self._withdrawals.withdrawn(entry, events)
        if entry.notice_version is not None:
            yield "names a notice, as only what was given does"

    def unsigned(self, heads: Sequence[Row[Any]]) -> Iterator[str]:
        """Entries that were not written when the head over them was signed.

        An entry and its head have one time. So a head that was deleted is missed, and a time that
        was changed is noticed.
        """
        sizes = [head.size for head in heads]
        for position, written_at, name in self._written:
            over = bisect_right(sizes, position)
            if over < len(heads) and heads[over].signed_at != written_at:
                yield f"{name}: the head of its time is missing, or its time was changed"
