"""What is sealed with a call's content key, as a place: number and kept contents (C17, C20)."""

from __future__ import annotations

import base64
from collections.abc import Collection
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.purpose import Purpose
from consent.receipt import moment
from voice_agent.keyring import KeyMissing, KeyRing, SealDamaged, unseal
from voice_agent.runtime.place import Erased, Subject
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.contents import place_of
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.place import DatabasePlace, look_up, parts, remove
from voice_agent.storage.tables import data_keys, kept_contents, sealed_numbers

log = structlog.get_logger(__name__)


class ContentsPlace(DatabasePlace):
    """Sealed numbers, kept contents, and the keys they are sealed with.

    Args:
        database: where they lie.
        keyring: opens the keys.
        pseudonyms: stand for the numbers.
    """

    name = "contents"
    TABLES = (kept_contents, sealed_numbers, data_keys)

    def __init__(self, database: Database, keyring: KeyRing, pseudonyms: Pseudonyms) -> None:
        super().__init__(database)
        self._keys = DataKeys(keyring)
        self._pseudonyms = pseudonyms

    async def find_pseudonyms(self, call_ids: Collection[str]) -> frozenset[str]:
        """Every form of the numbers that are still sealed here.

        One that does not open names nobody, and does not stand in the way of an erasure.
        """
        found: set[str] = set()
        for call_id in call_ids:
            try:
                numbers = await self._numbers({call_id})
            except (SealDamaged, KeyMissing) as fault:
                log.warning("number_not_opened", code=fault.code)
                continue
            for _, _, number in numbers:
                found.update(self._pseudonyms.all_of(number))
        return frozenset(found)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """The number and the contents, opened.

        Raises:
            SealDamaged, KeyMissing: something cannot be opened.
        """
        numbers: list[dict[str, Any]] = [
            {
                "record": "number for a one-time code",
                "call_id": call_id,
                "number": number,
                "delete_at": moment(delete_at),
            }
            for call_id, delete_at, number in await self._numbers(subject.call_ids)
        ]
        return numbers + await self._contents(subject.call_ids)

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete them and destroy their keys: copies of the database stay shut as well."""
        del at
        async with self._transaction() as connection:
            return Erased(erased=await remove_contents(connection, subject.call_ids))

    async def _numbers(self, call_ids: Collection[str]) -> list[tuple[str, datetime, str]]:
        async with self._transaction() as connection:
            rows = await look_up(
                connection, select(sealed_numbers), sealed_numbers.c.call_id, call_ids
            )
            keys = await self._keys.get_all(
                connection, [row.call_id for row in rows], KeyKind.CONTENT
            )
        return [
            (
                row.call_id,
                row.delete_at,
                _opened(keys, row, f"sealed_numbers/{row.call_id}").decode(),
            )
            for row in rows
        ]

    async def _contents(self, call_ids: Collection[str]) -> list[dict[str, Any]]:
        async with self._transaction() as connection:
            rows = await look_up(
                connection, select(kept_contents), kept_contents.c.call_id, call_ids
            )
            keys = await self._keys.get_all(
                connection, [row.call_id for row in rows], KeyKind.CONTENT
            )
        found = []
        for row in rows:
            content = _opened(keys, row, place_of(row.content_id))
            text = Purpose(row.purpose) is Purpose.TRANSCRIPT
            found.append(
                {
                    "record": "kept content",
                    "call_id": row.call_id,
                    "purpose": row.purpose,
                    "kept_at": moment(row.kept_at),
                    "text" if text else "base64": (
                        content.decode() if text else base64.b64encode(content).decode()
                    ),
                }
            )
        return found


async def remove_contents(connection: AsyncConnection, call_ids: Collection[str]) -> int:
    """Remove what is sealed of these calls, and the keys; says how many rows beside the keys.

    The keys go first: whoever is just sealing something holds its key, and what they sealed is
    there to be found once they let go.
    """
    for some in parts(call_ids):
        await DataKeys.destroy(connection, some, KeyKind.CONTENT)
    erased = 0
    for table in (kept_contents, sealed_numbers):
        erased += await remove(connection, table.c.call_id, call_ids)
    return erased


def _opened(keys: Any, row: Any, place: str) -> bytes:
    key = keys.get(row.call_id)
    if key is None:
        raise SealDamaged("the key of something kept is missing")
    return unseal(key, row.sealed, place)
