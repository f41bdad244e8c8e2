"""Rows of the inbox: what one says and its number are each sealed with a key of their own (C17)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Row, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing, SealDamaged, seal, unseal
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.place import parts
from voice_agent.storage.tables import data_keys, inbox_entries
from voice_agent.tools.inbox import Entry, EntryKind, Held

_SAID: Final = ("name", "text", "recipient", "category", "wish", "date", "time")


class InboxEntries:
    """Writes and opens rows. Every method works within the caller's transaction.

    Args:
        keyring: wraps the keys.
        pseudonym_of: the pseudonym of a telephone number.
    """

    def __init__(self, keyring: KeyRing, pseudonym_of: Callable[[str], str]) -> None:
        self._keys = DataKeys(keyring)
        self._pseudonym_of = pseudonym_of

    async def write(
        self,
        connection: AsyncConnection,
        entry: Entry,
        *,
        reference: str,
        request: str,
        at: datetime,
        number_until: datetime,
    ) -> None:
        """Write a new one.

        Args:
            connection: within its transaction.
            entry: what was left.
            reference: its number, free.
            request: SHA-256 of what names the request.
            at: the present.
            number_until: so long the telephone number is kept at most.
        """
        name, phone = uuid4().hex, entry.phone
        said = json.dumps({each: getattr(entry, each) for each in _SAID})
        sealed = await self._seal(connection, name, KeyKind.INBOX, said, at)
        number = (
            None
            if phone is None
            else await self._seal(connection, name, KeyKind.INBOX_NUMBER, phone, at)
        )
        row = {
            "entry_id": name,
            "reference": reference,
            "request_sha256": request,
            "kind": entry.kind,
            "call_id": entry.call_id,
            "pseudonym": None if phone is None else self._pseudonym_of(phone),
            "language": entry.language,
            "sealed": sealed,
            "sealed_number": number,
            "number_until": number_until,
            "filed_at": at,
        }
        await connection.execute(insert(inbox_entries).values(row))

    async def opened(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]], now: datetime | None = None
    ) -> tuple[Held, ...]:
        """Rows, opened.

        Args:
            connection: within its transaction.
            rows: the rows.
            now: the present, for whoever is to use it: a number whose time is over is left out,
                deleted or not. For who asks what is kept of them, none.

        Raises:
            SealDamaged, KeyMissing: one cannot be opened.
        """
        keys: dict[KeyKind, dict[str, bytes]] = {KeyKind.INBOX: {}, KeyKind.INBOX_NUMBER: {}}
        for some in parts({row.entry_id for row in rows}):
            for kind, found in keys.items():
                found.update(await self._keys.get_all(connection, some, kind))
        return tuple(
            _opened(row, keys[KeyKind.INBOX], keys[KeyKind.INBOX_NUMBER], now) for row in rows
        )

    @staticmethod
    async def finish(connection: AsyncConnection, entry_id: str, at: datetime) -> None:
        """Note that an entry was dealt with, and delete its number with the key."""
        done = update(inbox_entries).where(inbox_entries.c.entry_id == entry_id)
        await connection.execute(done.values(done_at=at, sealed_number=None))
        await DataKeys.destroy(connection, [entry_id], KeyKind.INBOX_NUMBER)

    @staticmethod
    async def remove(connection: AsyncConnection, entry_ids: Collection[str]) -> int:
        """Remove entries and their keys; says how many there were."""
        gone = 0
        for some in parts(entry_ids):
            for kind in (KeyKind.INBOX, KeyKind.INBOX_NUMBER):
                await DataKeys.destroy(connection, some, kind)
            chosen = inbox_entries.c.entry_id.in_(some)
            gone += (await connection.execute(delete(inbox_entries).where(chosen))).rowcount
        return gone

    async def _seal(
        self, connection: AsyncConnection, name: str, kind: KeyKind, text: str, at: datetime
    ) -> bytes:
        key, row = self._keys.make(name, kind, at)
        await connection.execute(insert(data_keys).values(row))
        return seal(key, text.encode(), _place(name, kind))


def _opened(
    row: Row[Any], keys: Mapping[str, bytes], number_keys: Mapping[str, bytes], now: datetime | None
) -> Held:
    said = json.loads(_unseal(row.sealed, row.entry_id, KeyKind.INBOX, keys))
    phone = None
    if row.sealed_number is not None and (now is None or now < row.number_until):
        phone = _unseal(row.sealed_number, row.entry_id, KeyKind.INBOX_NUMBER, number_keys)
    return Held(
        reference=row.reference,
        entry=Entry(
            kind=EntryKind(row.kind),
            call_id=row.call_id,
            language=row.language,
            phone=phone,
            **said,
        ),
        filed_at=row.filed_at,
        number_until=row.number_until,
        done_at=row.done_at,
    )


def _unseal(sealed: bytes, name: str, kind: KeyKind, keys: Mapping[str, bytes]) -> str:
    if name not in keys:
        raise SealDamaged("the key of an entry of the inbox is missing")
    return unseal(keys[name], sealed, _place(name, kind)).decode()


def _place(name: str, kind: KeyKind) -> str:
    """Where what was sealed opens, and nowhere else."""
    return f"inbox_entries/{name}/{kind}"
