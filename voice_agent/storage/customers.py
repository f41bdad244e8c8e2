"""People in the directory as rows: what is told of them sealed with a key of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.dialogue.flow_value import clean
from voice_agent.keyring import KeyRing, SealDamaged, seal, unseal
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.tables import customers
from voice_agent.tools.directory import MOST_ENTRIES, Entry, Record


class Customers:
    """Writes and opens rows. Every method works within the caller's transaction.

    Args:
        keyring: wraps the keys.
    """

    def __init__(self, keyring: KeyRing) -> None:
        self._keys = DataKeys(keyring)

    async def write(
        self,
        connection: AsyncConnection,
        customer_id: str,
        record: Record,
        known_by: Mapping[str, Any],
        at: datetime,
    ) -> bool:
        """Write somebody down as they are now; says whether they were not there before.

        Args:
            connection: within its transaction.
            customer_id: their key.
            record: what may be told to them.
            known_by: the columns ``pseudonym``, ``pin_hash`` and ``birth_hash``.
            at: the present.
        """
        key = await self._keys.get_or_make(connection, customer_id, KeyKind.CUSTOMER, at)
        sealed = seal(key, json.dumps(_as_json(record)).encode(), _place(customer_id))
        values = {**known_by, "sealed": sealed, "written_at": at}
        change = update(customers).where(customers.c.customer_id == customer_id).values(values)
        if (await connection.execute(change)).rowcount:
            return False
        await connection.execute(insert(customers).values(customer_id=customer_id, **values))
        return True

    async def one(self, connection: AsyncConnection, customer_id: str) -> Record | None:
        """What may be told to this person, ``None`` if nobody has this key.

        Raises:
            SealDamaged, KeyMissing: it cannot be opened.
        """
        wanted = select(customers).where(customers.c.customer_id == customer_id)
        row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else await self.opened(connection, row)

    async def remove(self, connection: AsyncConnection, customer_id: str) -> None:
        """Remove a customer and destroy their key."""
        await DataKeys.destroy(connection, [customer_id], KeyKind.CUSTOMER)
        await connection.execute(delete(customers).where(customers.c.customer_id == customer_id))

    async def opened(self, connection: AsyncConnection, row: Row[Any]) -> Record:
        """A row, opened; see ``one``."""
        name = row.customer_id
        key = await self._keys.get(connection, name, KeyKind.CUSTOMER)
        if key is None:
            raise SealDamaged("the key of a customer is missing")
        return _from_json(json.loads(unseal(key, row.sealed, _place(name))))


def _as_json(record: Record) -> dict[str, Any]:
    entries = [
        {
            "id": entry.id,
            "kind": entry.kind,
            "reference": entry.reference,
            "status": entry.status,
            "day": entry.day.isoformat(),
            "amount": entry.amount,
        }
        for entry in record.entries[:MOST_ENTRIES]
    ]
    return {"name": record.name, "entries": entries}


def _from_json(said: dict[str, Any]) -> Record:
    """The record, cleaned once more: whoever wrote it, it is data, and it is going to be said."""
    entries = (
        Entry(
            id=each["id"],
            kind=clean(each["kind"]),
            reference=clean(each["reference"]),
            status=clean(each["status"]),
            day=date.fromisoformat(each["day"]),
            amount=clean(each["amount"]),
        )
        for each in said["entries"][:MOST_ENTRIES]
    )
    latest_first = sorted(entries, key=lambda entry: (entry.day, entry.id), reverse=True)
    return Record(clean(said["name"]), tuple(latest_first))


def _place(customer_id: str) -> str:
    """Where what was sealed opens, and nowhere else."""
    return f"customers/{customer_id}"
