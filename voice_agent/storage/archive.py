"""Reads the consent ledger: what it holds of whom, and the proofs of it (C15, C20)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from consent import merkle
from consent.head import TreeHead
from consent.receipt import HeldRecord
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence.proof import Proof, PublicKey, SignedHead
from voice_agent.evidence.published import NoSuchTree
from voice_agent.keyring import KeyRing
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.appending import latest_head, read_nodes
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.entries import Entry, Kind, held_records
from voice_agent.storage.tables import (
    consent_withdrawals,
    head_keys,
    ledger_entries,
    tree_heads,
)


class LedgerArchive:
    """The reading side of the ledger, in whatever process.

    Every method raises ``RecordsUnavailable`` when the database is away, and ``SealDamaged`` or
    ``KeyMissing`` when something in it cannot be opened.

    Args:
        database: where the entries lie.
        keyring: opens them.
    """

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self._database = database
        self._keyring = keyring

    async def held(self, call_id: str) -> HeldRecord | None:
        """The record of a call."""
        found = await self._held(ledger_entries.c.call_id == call_id)
        return found[0] if found else None

    async def of_record(self, record_id: str) -> HeldRecord | None:
        """The record of this identifier."""
        found = await self._held(ledger_entries.c.record_id == record_id)
        return found[0] if found else None

    async def of_pseudonyms(self, pseudonyms: Collection[str]) -> tuple[HeldRecord, ...]:
        """The records of a person, in the order given."""
        return await self._held(ledger_entries.c.pseudonym.in_(pseudonyms))

    async def head(self) -> SignedHead | None:
        """The newest head, ``None`` while the ledger is empty."""
        async with self.reading() as connection:
            row = await latest_head(connection)
            return None if row is None else await self._signed(connection, row)

    async def grown(self, first: int) -> tuple[SignedHead, tuple[bytes, ...]]:
        """The newest head, and the proof that its tree begins with that of ``first`` leaves.

        Raises:
            NoSuchTree: the ledger never had, or has no more, so many entries.
            LedgerDamaged: a node of the tree is missing.
        """
        async with self.reading() as connection:
            row = await latest_head(connection)
            if row is None or not 0 <= first <= row.size:
                raise NoSuchTree("the ledger has not so many entries")
            nodes = await read_nodes(connection, merkle.places_for_consistency(first, row.size))
            try:
                proof = merkle.consistency_proof(first, row.size, nodes)
            except ValueError as error:
                raise LedgerDamaged("a node of the ledger's tree is missing") from error
            return await self._signed(connection, row), proof

    async def public_keys(self) -> tuple[PublicKey, ...]:
        """Every key that heads were ever signed with, in the order of their first use.

        Those of keys that were taken out of ``RECORD_KEY`` are what the database says.
        """
        wanted = select(head_keys).order_by(head_keys.c.first_used_at, head_keys.c.key_id)
        async with self.reading() as connection:
            rows = (await connection.execute(wanted)).all()
        ours = self._keyring.public_keys
        return tuple(
            PublicKey(key_id=row.key_id, public_key=ours.get(row.key_id, row.public_key))
            for row in rows
        )

    async def entries(self, record_id: str) -> tuple[Entry, ...]:
        """A record's entries as they lie there, destroyed ones too, in the order written."""
        async with self.reading() as connection:
            return tuple(await _entries(connection, ledger_entries.c.record_id == record_id))

    async def prove(self, record_id: str) -> tuple[SignedHead, tuple[Proof, ...]] | None:
        """The proofs of a record's entries, ``None`` for an unknown record.

        They lead to the first head with a timestamp that has them all, because that proves the
        earliest time; to the newest head where none has a timestamp.
        """
        async with self.reading() as connection:
            entries = await _entries(connection, ledger_entries.c.record_id == record_id)
            if not entries:
                return None
            row = await _head_over(connection, entries[-1].position)
            if row is None:
                raise LedgerDamaged("no head was signed for the entries of this record")
            calls = {entry.call_id for entry in entries if entry.call_id is not None}
            keys = await DataKeys(self._keyring).get_all(connection, calls, KeyKind.PROOF)
            places = [merkle.places_for_inclusion(each.position, row.size) for each in entries]
            nodes = await read_nodes(connection, {place for each in places for place in each})
            proofs = []
            for entry in entries:
                try:
                    path = merkle.inclusion_proof(entry.position, row.size, nodes)
                except ValueError as error:
                    raise LedgerDamaged("a node of the ledger's tree is missing") from error
                opened = entry.opened(keys.get(entry.call_id or ""))
                proofs.append(
                    Proof(position=entry.position, kind=entry.kind, opened=opened, path=path)
                )
            return await self._signed(connection, row), tuple(proofs)

    async def unfinished(self, before: datetime, most: int = 500) -> tuple[str, ...]:
        """Calls whose consent lacks its last entry: withdrawn, or given before this moment.

        A worker that died may have left them, or a carrier that never reported the call's end.
        """
        table = ledger_entries
        ended = select(table.c.call_id).where(
            table.c.kind.in_((Kind.WITHDRAWN, Kind.EXPIRED)), table.c.call_id.is_not(None)
        )
        proved = select(table.c.call_id).where(
            table.c.kind == Kind.WITHDRAWN, table.c.call_id.is_not(None)
        )
        withdrawn = select(consent_withdrawals.c.call_id).where(
            consent_withdrawals.c.call_id.not_in(proved)
        )
        given = select(table.c.call_id).where(table.c.kind == Kind.GIVEN)
        old = (table.c.written_at <= before) & table.c.call_id.not_in(ended)
        wanted = given.where(
            table.c.call_id.is_not(None), old | table.c.call_id.in_(withdrawn)
        ).order_by(table.c.position)
        async with self.reading() as connection:
            found = (await connection.scalars(wanted.limit(most))).all()
        return tuple(call_id for call_id in found if call_id is not None)

    async def restrict(
        self, connection: AsyncConnection, call_ids: Collection[str], at: datetime
    ) -> int:
        """Keep these calls' records for proof only; says how many records that newly concerns."""
        chosen = ledger_entries.c.call_id.in_(call_ids) & ledger_entries.c.restricted_at.is_(None)
        records = select(ledger_entries.c.record_id).where(chosen).distinct()
        count = len((await connection.scalars(records)).all())
        await connection.execute(update(ledger_entries).where(chosen).values(restricted_at=at))
        return count

    async def destroy(
        self, connection: AsyncConnection, positions: Collection[int], at: datetime
    ) -> int:
        """Destroy the records of these entries; their leaves stay in the tree (C15).

        What they say, and of whom, is destroyed, and the call's key with it. Always whole records:
        an acceptance whose withdrawal is gone would look as if it held. A record of which somebody
        else destroys an entry at this moment is left to them.
        """
        table = ledger_entries
        there = table.c.destroyed_at.is_(None)
        named = select(table.c.record_id).where(table.c.position.in_(positions), there)
        of_records = select(table.c.position, table.c.record_id, table.c.call_id).where(
            table.c.record_id.in_(named), there
        )
        every = (await connection.execute(of_records)).all()
        mine = (await connection.execute(of_records.with_for_update(skip_locked=True))).all()
        others = {row.record_id for row in set(every).difference(mine)}
        whole = [row for row in mine if row.record_id not in others]
        calls = {row.call_id for row in whole if row.call_id is not None}
        chosen = table.c.position.in_([row.position for row in whole]) & there
        gone = {
            "sealed": None,
            "call_id": None,
            "pseudonym": None,
            "notice_version": None,
            "restricted_at": None,
            "destroyed_at": at,
        }
        done = await connection.execute(update(ledger_entries).where(chosen).values(gone))
        await DataKeys.destroy(connection, calls, KeyKind.PROOF)
        return int(done.rowcount)

    async def notices_in_use(self, connection: AsyncConnection) -> frozenset[str]:
        """Versions of notices that a record names."""
        named = select(ledger_entries.c.notice_version).distinct()
        used = await connection.scalars(named.where(ledger_entries.c.notice_version.is_not(None)))
        return frozenset(used.all())

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database, whatever is written meanwhile.

        See the class for what is raised.
        """
        try:
            async with self._database.begin() as connection:
                await connection.exec_driver_sql(
                    "BEGIN"
                    if self._database.is_embedded
                    else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
                )
                yield connection
        except FAULTS as error:
            raise RecordsUnavailable("the ledger cannot be read or written") from error

    async def _held(self, chosen: ColumnElement[bool]) -> tuple[HeldRecord, ...]:
        async with self.reading() as connection:
            entries = await _entries(connection, chosen & ledger_entries.c.call_id.is_not(None))
            try:
                return tuple(await held_records(connection, self._keyring, entries))
            except ValueError as error:
                raise LedgerDamaged("an entry of the ledger does not say what it should") from error

    async def _signed(self, connection: AsyncConnection, row: Row[Any]) -> SignedHead:
        public_key = self._keyring.public_keys.get(row.key_id)
        if public_key is None:  # the head is older than the keys there are
            named = select(head_keys.c.public_key).where(head_keys.c.key_id == row.key_id)
            public_key = await connection.scalar(named)
        return SignedHead(
            head=TreeHead(
                size=row.size,
                root=row.root,
                signed_at=row.signed_at,
                key_id=row.key_id,
                signature=row.signature,
            ),
            public_key=public_key or b"",
            timestamp_token=row.timestamp_token,
        )


class LedgerDamaged(VoiceAgentError):
    """An entry opens, but is not what belongs in its place."""

    code = "ledger_damaged"


async def _entries(connection: AsyncConnection, chosen: ColumnElement[bool]) -> Sequence[Entry]:
    wanted = select(ledger_entries).where(chosen).order_by(ledger_entries.c.position)
    return [Entry.of_row(row) for row in (await connection.execute(wanted)).all()]


async def _head_over(connection: AsyncConnection, position: int) -> Row[Any] | None:
    """The first head with a timestamp over this entry, or else the newest."""
    over = select(tree_heads).where(tree_heads.c.size > position)
    stamped = over.where(tree_heads.c.timestamp_token.is_not(None))
    first = stamped.order_by(tree_heads.c.size).limit(1)
    newest = over.order_by(tree_heads.c.size.desc()).limit(1)
    found = (await connection.execute(first)).one_or_none()
    return found or (await connection.execute(newest)).one_or_none()
