"""Checks single ledger entries: what they say, whose they are, which leaf and head is theirs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from consent import merkle
from consent.receipt import ConsentRecord, read_later_events
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence.proof import SALT_BYTES
from voice_agent.storage.entries import Entry, Kind


class EntryChecks:
    """Checks entries in the order of their positions, and remembers what later ones depend on.

    Args:
        notices: versions of the notices that are kept, and right.
    """

    def __init__(self, notices: frozenset[str]) -> None:
        self._notices = notices
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
        if entry.destroyed:
            if entry.sealed is not None or entry.call_id is not None or entry.pseudonym is not None:
                yield f"{name}: is noted as destroyed, and something of it is there"
            return
        try:
            opened = entry.opened(key)
            yield from (f"{name}: {fault}" for fault in self._says(entry, opened[SALT_BYTES:]))
        except (VoiceAgentError, ValueError) as fault:
            yield f"{name}: {fault}"
            return
        if leaf is not None and merkle.leaf_hash(opened) != leaf:
            yield f"{name}: is not what the tree was built of"

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
        if entry.record_id not in self._given:
            yield "nothing was given before"
        # Where what was given is destroyed already, nobody can say whose it was.
        elif self._given[entry.record_id] not in {(None, None), (entry.call_id, entry.pseudonym)}:
            yield "lies under another call or person"
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
