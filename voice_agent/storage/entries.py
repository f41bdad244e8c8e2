"""The ledger's entries as they lie in the database: sealed, each under its call's own key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent import merkle
from consent.receipt import ConsentEvent, ConsentRecord, HeldRecord, read_later_events
from voice_agent.evidence.proof import SALT_BYTES
from voice_agent.keyring import KeyRing, SealDamaged, seal, unseal
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.tables import ledger_entries


class Kind(StrEnum):
    """What an entry says."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry.

    Attributes:
        position: its place in the tree, from 0.
        record_id: the record it belongs to.
        kind: what it says.
        call_id: the call, ``None`` once it is destroyed.
        pseudonym: of who consented, ``None`` once it is destroyed.
        notice_version: the notice, for an acceptance.
        sealed: salt and content, encrypted; ``None`` once they are destroyed.
        written_at: when it was written.
        restricted: it is kept for proof only.
        destroyed: salt and content are gone.
    """

    position: int
    record_id: str
    kind: Kind
    call_id: str | None
    pseudonym: str | None
    notice_version: str | None
    sealed: bytes | None
    written_at: datetime
    restricted: bool
    destroyed: bool

    @classmethod
    def of_row(cls, row: Row[Any]) -> Entry:
        """Read a row of the table.

        Raises:
            ValueError: its kind is none.
        """
        return cls(
            position=row.position,
            record_id=row.record_id,
            kind=Kind(row.kind),
            call_id=row.call_id,
            pseudonym=row.pseudonym,
            notice_version=row.notice_version,
            sealed=row.sealed,
            written_at=row.written_at,
            restricted=row.restricted_at is not None,
            destroyed=row.destroyed_at is not None,
        )

    def opened(self, key: bytes | None) -> bytes:
        """Salt and content, which the leaf is the hash of.

        Raises:
            SealDamaged: they were changed, or they or their key are gone.
        """
        if self.sealed is None or self.call_id is None or key is None:
            raise SealDamaged("the content of a ledger entry is missing")
        opened = unseal(key, self.sealed, place(self.record_id, self.call_id, self.kind))
        if len(opened) <= SALT_BYTES:
            raise SealDamaged("the content of a ledger entry is too short")
        return opened


def place(record_id: str, call_id: str, kind: Kind) -> str:
    """Where an entry's content opens, and nowhere else."""
    return f"ledger_entries/{record_id}/{call_id}/{kind}"


def sealed_entry(key: bytes, salt: bytes, content: bytes, where: str) -> tuple[bytes, bytes]:
    """The leaf's hash, and salt and content encrypted for their place."""
    opened = salt + content
    return merkle.leaf_hash(opened), seal(key, opened, where)


async def entries_of(connection: AsyncConnection, call_ids: Collection[str]) -> list[Entry]:
    """The entries of these calls that have not been destroyed, in the order written."""
    chosen = select(ledger_entries).where(ledger_entries.c.call_id.in_(call_ids))
    rows = (await connection.execute(chosen.order_by(ledger_entries.c.position))).all()
    return [Entry.of_row(row) for row in rows]


async def held_records(
    connection: AsyncConnection, keyring: KeyRing, entries: Sequence[Entry]
) -> list[HeldRecord]:
    """Open the entries of some calls, all of each call's, and put them together.

    Raises:
        SealDamaged, KeyMissing: an entry cannot be opened.
        ValueError: an entry does not say what it should.
    """
    calls = {entry.call_id for entry in entries if entry.call_id is not None}
    keys = await DataKeys(keyring).get_all(connection, calls, KeyKind.PROOF)
    records: dict[str, tuple[Entry, ConsentRecord]] = {}
    later: dict[str, list[ConsentEvent]] = {}
    for entry in sorted(entries, key=lambda each: each.position):
        content = entry.opened(keys.get(entry.call_id or ""))[SALT_BYTES:]
        if entry.kind is Kind.GIVEN:
            record = ConsentRecord.parse(content)
            _insist(entry, record.record_id)
            if record.call_id != entry.call_id or record.principal != entry.pseudonym:
                raise ValueError("a ledger entry lies under another call or person")
            records[entry.record_id] = (entry, record)
        else:
            record_id, events = read_later_events(content)
            _insist(entry, record_id)
            later.setdefault(entry.record_id, []).extend(events)
    return [
        HeldRecord(
            record=record,
            position=entry.position,
            later=tuple(later.get(record_id, ())),
            restricted=entry.restricted,
        )
        for record_id, (entry, record) in records.items()
    ]


def _insist(entry: Entry, record_id: str) -> None:
    if entry.record_id != record_id:
        raise ValueError("a ledger entry lies under another record")
