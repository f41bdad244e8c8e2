"""The directory as a place of personal data (C20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing
from voice_agent.runtime.place import Erased, Subject
from voice_agent.storage.customers import Customers
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.place import DatabasePlace, fields, known, look_up, parts, plain, remove
from voice_agent.storage.tables import customers, identity_failures


class CustomersPlace(DatabasePlace):
    """Everybody in the directory who has a person's number, and failures to prove it.

    Args:
        database: where they lie.
        keyring: opens their keys.
    """

    name = "directory"
    TABLES = (customers, identity_failures)

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        super().__init__(database)
        self._rows = Customers(keyring)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """What is kept of them, opened; of secrets only that there are some.

        Raises:
            SealDamaged, KeyMissing: something cannot be opened.
        """
        wanted = select(customers).order_by(customers.c.customer_id)
        async with self._transaction() as connection:
            rows = await look_up(connection, wanted, customers.c.pseudonym, subject.pseudonyms)
            found = [(row, await self._rows.opened(connection, row)) for row in rows]
            failures = await look_up(
                connection,
                select(identity_failures),
                identity_failures.c.pseudonym,
                subject.pseudonyms,
            )
        people = [
            {
                "record": "customer",
                "customer": row.customer_id,
                "name": record.name,
                "has_pin": row.pin_hash is not None,
                "has_birth_date": row.birth_hash is not None,
                "written_at": plain(row.written_at),
                "entries": [
                    {
                        "kind": entry.kind,
                        "reference": entry.reference,
                        "status": entry.status,
                        "date": plain(entry.day),
                        "amount": entry.amount,
                    }
                    for entry in record.entries
                ],
            }
            for row, record in found
        ]
        return [*people, *(fields(identity_failures, row) for row in failures)]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete them and destroy their keys. Whom the company imports again is there again."""
        del at
        async with self._transaction() as connection:
            return Erased(erased=await remove_customers(connection, subject))


async def remove_customers(connection: AsyncConnection, subject: Subject) -> int:
    """Remove whoever has a person's number, and the keys; says how many rows there were."""
    pseudonyms = subject.pseudonyms
    names = await known(connection, customers.c.customer_id, customers.c.pseudonym, pseudonyms)
    gone = await remove(connection, identity_failures.c.pseudonym, pseudonyms)
    for some in parts(names):
        await DataKeys.destroy(connection, some, KeyKind.CUSTOMER)
        mine = customers.c.customer_id.in_(some)
        gone += (await connection.execute(delete(customers).where(mine))).rowcount
    return gone
