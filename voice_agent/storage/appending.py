"""Appends to the ledger's tree: which requests become entries, and the new signed head."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent import merkle
from consent.head import message
from consent.receipt import (
    ConsentEvent,
    ConsentRecord,
    Means,
    Receipt,
    State,
    later_events,
)
from voice_agent.evidence.proof import SALT_BYTES
from voice_agent.keyring import KeyRing, SealDamaged
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.entries import Kind, entries_of, held_records, place, sealed_entry
from voice_agent.storage.tables import (
    consent_withdrawals,
    data_keys,
    head_keys,
    ledger_entries,
    ledger_nodes,
    tree_heads,
)

_MILLISECOND: Final = timedelta(milliseconds=1)
"""What the times of two heads differ by at least: they are signed in milliseconds."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A caller accepted."""

    record: ConsentRecord

    @property
    def call_id(self) -> str:
        """The call it is about."""
        return self.record.call_id


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The consent of a call was withdrawn, which stands in ``consent_withdrawals`` already."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Expiry:
    """A call is over."""

    call_id: str
    at: datetime


Request = Acceptance | Withdrawal | Expiry
"""What can be asked of the ledger."""


@dataclass(slots=True)
class _Page:
    """What is known of the calls that are asked about, and what is to be written.

    Attributes:
        records: the acceptance of each call.
        kinds: which entries each call has.
        withdrawn: when and how the consents of calls were withdrawn.
        keys: proof key of each call that has one.
        leaves: hashes of the new entries, in order.
        rows: what is to be inserted, by table.
    """

    records: dict[str, ConsentRecord]
    kinds: dict[str, set[Kind]]
    withdrawn: dict[str, tuple[datetime, Means]]
    keys: dict[str, bytes]
    leaves: list[bytes] = field(default_factory=list)
    key_rows: list[dict[str, object]] = field(default_factory=list)
    entry_rows: list[dict[str, object]] = field(default_factory=list)

    def has(self, call_id: str, kind: Kind) -> bool:
        return kind in self.kinds.get(call_id, ())


class Append:
    """Writes requests into the tree, within the caller's transaction and under its lock.

    Args:
        keyring: encrypts the entries and signs the head.
        clock: the wall clock, timezone-aware.
    """

    def __init__(self, keyring: KeyRing, clock: Callable[[], datetime]) -> None:
        self._keyring = keyring
        self._keys = DataKeys(keyring)
        self._clock = clock

    async def __call__(
        self, connection: AsyncConnection, requests: Sequence[Request]
    ) -> list[Receipt | None]:
        """Write what is new of them.

        Returns:
            For each request, in order, the receipt of its call's consent if that holds.

        Raises:
            SealDamaged: the last head was not signed with the key it names, or the tree does not
                have the root it says.
            KeyMissing: an entry cannot be opened, or the last head not be verified, with the keys
                there are.
            ValueError: an entry does not say what it should.
        """
        now = self._clock()
        page = await self._read(connection, {request.call_id for request in requests})
        receipts = [self._take(page, request, now) for request in requests]
        if page.leaves:
            await self._grow(connection, page, now)
        return receipts

    async def _read(self, connection: AsyncConnection, call_ids: Collection[str]) -> _Page:
        entries = await entries_of(connection, call_ids)
        held = await held_records(connection, self._keyring, entries)
        kinds: dict[str, set[Kind]] = {}
        for entry in entries:
            kinds.setdefault(entry.call_id or "", set()).add(entry.kind)
        chosen = select(consent_withdrawals).where(consent_withdrawals.c.call_id.in_(call_ids))
        rows = (await connection.execute(chosen)).all()
        return _Page(
            records={each.record.call_id: each.record for each in held},
            kinds=kinds,
            withdrawn={row.call_id: (row.withdrawn_at, Means(row.means)) for row in rows},
            keys=dict(await self._keys.get_all(connection, call_ids, KeyKind.PROOF)),
        )

    def _take(self, page: _Page, request: Request, now: datetime) -> Receipt | None:
        call_id = request.call_id
        match request:
            case Acceptance(record=record):
                if call_id not in page.withdrawn and not page.has(call_id, Kind.GIVEN):
                    self._enter(page, record, Kind.GIVEN, record.canonical(), now)
                    page.records[call_id] = record
            case Withdrawal() | Expiry() if (how := page.withdrawn.get(call_id)) is not None:
                if not page.has(call_id, Kind.WITHDRAWN):
                    self._follow(page, call_id, (State.WITHDRAWN, *how), now)
            case Withdrawal():
                pass  # its row was deleted with everything else in the meantime
            case Expiry(at=at):
                if not page.has(call_id, Kind.EXPIRED):
                    self._follow(page, call_id, (State.EXPIRED, at, None), now)
        given = page.records.get(call_id)
        if given is None or call_id in page.withdrawn or page.has(call_id, Kind.EXPIRED):
            return None
        return Receipt(given.record_id, call_id, given.purposes)

    def _follow(
        self,
        page: _Page,
        call_id: str,
        happened: tuple[State, datetime, Means | None],
        now: datetime,
    ) -> None:
        record = page.records.get(call_id)
        if record is None:
            return  # nothing was given
        events = tuple(ConsentEvent(purpose, *happened) for purpose in sorted(record.purposes))
        content = later_events(record.record_id, events)
        self._enter(page, record, Kind(happened[0]), content, now)

    def _enter(
        self,
        page: _Page,
        record: ConsentRecord,
        kind: Kind,
        content: bytes,
        now: datetime,
    ) -> None:
        call_id = record.call_id
        key = page.keys.get(call_id)
        if key is None:
            key, row = self._keys.make(call_id, KeyKind.PROOF, now)
            page.keys[call_id] = key
            page.key_rows.append(row)
        salt = secrets.token_bytes(SALT_BYTES)
        leaf, sealed = sealed_entry(key, salt, content, place(record.record_id, call_id, kind))
        page.leaves.append(leaf)
        page.kinds.setdefault(call_id, set()).add(kind)
        page.entry_rows.append(
            {
                "record_id": record.record_id,
                "kind": kind,
                "call_id": call_id,
                "pseudonym": record.principal,
                "notice_version": record.notice_version if kind is Kind.GIVEN else None,
                "sealed": sealed,
            }
        )

    async def _grow(self, connection: AsyncConnection, page: _Page, now: datetime) -> None:
        last = await latest_head(connection)
        size = 0
        if last is not None:
            size = last.size
            # What stands in the database may have been put there by anybody: before something is
            # signed on top of it one of our own keys must have signed it.
            signed = message(last.size, last.root, last.signed_at)
            self._keyring.insist_signed(last.key_id, last.signature, signed)
        frontier = await read_nodes(connection, merkle.frontier_places(size))
        roots = [frontier[each] for each in merkle.frontier_places(size) if each in frontier]
        if len(roots) != size.bit_count() or (last and merkle.root(roots) != last.root):
            raise SealDamaged("the ledger's tree is not the one its last head was signed for")
        growth = merkle.append(size, roots, page.leaves)
        # One time for the entries and their head, and a later one for each head: so a head that is
        # missing is missed. A clock that was set back makes no later head look earlier.
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if last is not None:
            at = max(at, last.signed_at + _MILLISECOND)
        entries = [
            {"position": position, "written_at": at, **row}
            for position, row in enumerate(page.entry_rows, size)
        ]
        if page.key_rows:
            await connection.execute(insert(data_keys), page.key_rows)
        await connection.execute(insert(ledger_entries), entries)
        nodes = [
            {"level": node.level, "place": node.index, "hash": node.hash} for node in growth.nodes
        ]
        await connection.execute(insert(ledger_nodes), nodes)
        if last is None or last.key_id != self._keyring.present:
            await self._publish_key(connection, at)
        await self._sign(connection, size + len(entries), merkle.root(growth.frontier), at)

    async def _sign(
        self, connection: AsyncConnection, size: int, root: bytes, signed_at: datetime
    ) -> None:
        signature = self._keyring.sign(message(size, root, signed_at))
        head = {
            "size": size,
            "root": root,
            "signed_at": signed_at,
            "key_id": self._keyring.present,
            "signature": signature,
        }
        await connection.execute(insert(tree_heads).values(head))

    async def _publish_key(self, connection: AsyncConnection, at: datetime) -> None:
        """Keep the public key for as long as heads signed with it."""
        known = select(head_keys.c.key_id).where(head_keys.c.key_id == self._keyring.present)
        if await connection.scalar(known) is None:
            row = {
                "key_id": self._keyring.present,
                "public_key": self._keyring.public_key,
                "first_used_at": at,
            }
            await connection.execute(insert(head_keys).values(row))


async def latest_head(connection: AsyncConnection) -> Row[Any] | None:
    """The last head's row, or ``None`` while the ledger is empty."""
    newest = select(tree_heads).order_by(tree_heads.c.size.desc()).limit(1)
    return (await connection.execute(newest)).one_or_none()


async def read_nodes(
    connection: AsyncConnection, places: Iterable[merkle.Place]
) -> dict[merkle.Place, bytes]:
    """The stored nodes at these places; one that is missing is left out."""
    levels: dict[int, list[int]] = {}
    for each in places:
        levels.setdefault(each.level, []).append(each.index)
    # Level by level, because of pairs SQLite would look through the whole table.
    chosen = [
        and_(ledger_nodes.c.level == level, ledger_nodes.c.place.in_(indexes))
        for level, indexes in levels.items()
    ]
    if not chosen:
        return {}
    rows = (await connection.execute(select(ledger_nodes).where(or_(*chosen)))).all()
    return {merkle.Place(row.level, row.place): row.hash for row in rows}
