"""Replacing ``RECORD_KEY`` and ``PSEUDONYM_KEY``: what is still under an old one (C17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, func, literal_column, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyMissing, KeyRing, SealDamaged
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.appending import latest_head
from voice_agent.storage.data_keys import DataKeys
from voice_agent.storage.database import Database
from voice_agent.storage.tables import (
    appointments,
    calls,
    customers,
    data_keys,
    do_not_call,
    identity_failures,
    inbox_entries,
    ledger_entries,
    message_counts,
    reminder_attempts,
    reminder_consents,
    reminders,
)
from voice_agent.storage.transaction import transaction

BATCH: Final = 500
"""Keys re-wrapped in one transaction."""

_WITH_PSEUDONYMS: Final = (
    appointments,
    calls,
    customers,
    do_not_call,
    identity_failures,
    inbox_entries,
    ledger_entries,
    message_counts,
    reminder_attempts,
    reminder_consents,
    reminders,
)
_ID: Final = 8  # hex digits of a key's identifier, before the point of a pseudonym


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped:
    """What became of the data keys.

    Attributes:
        done: were under an old key, and are under the present one now.
        missing: are under a key that ``RECORD_KEY`` does not hold.
        damaged: do not open with the key they name.
    """

    done: int
    missing: int
    damaged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """What is under which key, by the keys' identifiers.

    Attributes:
        record_keys: the keys of ``RECORD_KEY``, the present one first.
        pseudonym_keys: those of ``PSEUDONYM_KEY``.
        data_keys: how many data keys are wrapped in each.
        pseudonyms: how many rows of each table name a person by each.
        head_key: which of them signed the ledger's newest head; ``None`` while there is none.
    """

    record_keys: tuple[str, ...]
    pseudonym_keys: tuple[str, ...]
    data_keys: Mapping[str, int]
    pseudonyms: Mapping[str, Mapping[str, int]]
    head_key: str | None = None

    @property
    def needed_record_keys(self) -> frozenset[str]:
        """Keys that something is wrapped in or the newest head signed with, and the present one.

        The ledger writes nothing on top of a head that it cannot verify.
        """
        needed = {*self.data_keys, self.record_keys[0]}
        return frozenset(needed if self.head_key is None else {*needed, self.head_key})

    @property
    def needed_pseudonym_keys(self) -> frozenset[str]:
        """Keys that something is named by, and the present one."""
        named = (key for found in self.pseudonyms.values() for key in found)
        return frozenset((*named, self.pseudonym_keys[0]))

    @property
    def idle_record_keys(self) -> tuple[str, ...]:
        """Keys that may go."""
        return tuple(key for key in self.record_keys if key not in self.needed_record_keys)

    @property
    def idle_pseudonym_keys(self) -> tuple[str, ...]:
        """Keys that may go."""
        return tuple(key for key in self.pseudonym_keys if key not in self.needed_pseudonym_keys)

    @property
    def missing_record_keys(self) -> tuple[str, ...]:
        """Keys that are needed, and that are not there."""
        return tuple(sorted(self.needed_record_keys.difference(self.record_keys)))

    def as_fields(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "record_keys": list(self.record_keys),
            "pseudonym_keys": list(self.pseudonym_keys),
            "data_keys": dict(self.data_keys),
            "pseudonyms": {table: dict(keys) for table, keys in self.pseudonyms.items()},
            "head_key": self.head_key,
            "idle_record_keys": list(self.idle_record_keys),
            "idle_pseudonym_keys": list(self.idle_pseudonym_keys),
            "missing_record_keys": list(self.missing_record_keys),
        }


class Rotation:
    """Re-wraps data keys while calls run. Every method may raise ``RecordsUnavailable``.

    A pseudonym cannot be made anew without its number: those under an old key leave by retention.

    Args:
        database: where the keys lie.
        keyring: the keys there are.
        pseudonyms: likewise.
    """

    def __init__(self, database: Database, keyring: KeyRing, pseudonyms: Pseudonyms) -> None:
        self._database = database
        self._keyring = keyring
        self._pseudonyms = pseudonyms

    async def use(self) -> KeyUse:
        """What is under which key."""
        async with self._transaction() as connection:
            head = await latest_head(connection)
            wrapped = await _count_by(
                connection, data_keys, func.substr(data_keys.c.wrapped, _whole(1), _whole(4))
            )
            named = {
                table.name: await _count_by(
                    connection, table, func.substr(table.c.pseudonym, _whole(1), _whole(_ID + 1))
                )
                for table in _WITH_PSEUDONYMS
            }
        return KeyUse(
            record_keys=self._keyring.known,
            pseudonym_keys=self._pseudonyms.known,
            data_keys={bytes(start).hex(): count for start, count in wrapped.items()},
            pseudonyms={
                # A caller without a number has a random pseudonym, under no key.
                table: {
                    start.removesuffix("."): count
                    for start, count in found.items()
                    if start.endswith(".")
                }
                for table, found in named.items()
            },
            head_key=None if head is None else head.key_id,
        )

    async def rewrap(self) -> Rewrapped:
        """Wrap every data key in the present ``RECORD_KEY``.

        Being cut off in the middle does no harm, nor does another worker's doing the same.
        """
        found = Counter[str]()
        last: Row[Any] | None = None
        while True:
            async with self._transaction() as connection:
                rows = await _next(connection, last)
                for row in rows:
                    found[await self._rewrap(connection, row)] += 1
            if not rows:
                return Rewrapped(
                    done=found["done"], missing=found["missing"], damaged=found["damaged"]
                )
            last = rows[-1]

    async def _rewrap(self, connection: AsyncConnection, row: Row[Any]) -> str:
        try:
            wrapped = DataKeys(self._keyring).rewrap(row.wrapped, row.call_id, row.kind)
        except KeyMissing:
            return "missing"
        except SealDamaged:
            return "damaged"
        if wrapped is None:
            return "present"
        seen = (
            data_keys.c.call_id == row.call_id,
            data_keys.c.kind == row.kind,
            data_keys.c.wrapped == row.wrapped,
        )
        change = await connection.execute(update(data_keys).where(*seen).values(wrapped=wrapped))
        return "done" if change.rowcount else "present"  # another worker was first, or it is gone

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the data keys cannot be read or written")


async def _next(connection: AsyncConnection, last: Row[Any] | None) -> list[Row[Any]]:
    """The next keys in the order of their names."""
    name = tuple_(data_keys.c.call_id, data_keys.c.kind)
    wanted = select(data_keys).order_by(data_keys.c.call_id, data_keys.c.kind).limit(BATCH)
    if last is not None:
        wanted = wanted.where(name > tuple_(last.call_id, last.kind))
    return list((await connection.execute(wanted)).all())


async def _count_by(
    connection: AsyncConnection, table: Table, start: ColumnElement[Any]
) -> dict[Any, int]:
    """How many rows begin how; those without a value are left out."""
    begins = start.label("begins")
    wanted = select(begins, func.count()).select_from(table).group_by(begins)
    rows = (await connection.execute(wanted)).all()
    return {row[0]: row[1] for row in rows if row[0] is not None}


def _whole(number: int) -> ColumnElement[int]:
    """A number written out, so that a database sees one expression in two places as the same."""
    return literal_column(str(number))
