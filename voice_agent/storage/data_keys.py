"""The keys that one call's things are encrypted with, wrapped in ``RECORD_KEY`` (rule C17)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing, new_data_key
from voice_agent.storage.tables import data_keys


class KeyKind(StrEnum):
    """What a call's key opens."""

    PROOF = "proof"
    """The consent record and its events; destroyed when the proof is not needed any more."""
    CONTENT = "content"
    """Everything else that is kept about the call; destroyed when its person is erased."""
    APPOINTMENT = "appointment"
    """One appointment, by whose identifier the key is kept; destroyed with it."""
    CUSTOMER = "customer"
    """One person in the directory, by whose key it is kept; destroyed with what is kept of them."""
    INBOX = "inbox"
    """What one entry of the inbox says, by whose identifier the key is kept; destroyed with it."""
    INBOX_NUMBER = "inbox_number"
    """Its telephone number, likewise; destroyed as soon as that is not needed any more."""
    OPERATOR = "operator"
    """The secret of one account's codes, by whose identifier it is kept; destroyed with it."""
    REMINDER_NUMBER = "reminder_number"
    """The number to be rung up about a reminder, by whose identifier the key is kept; likewise."""
    REMINDER_CONSENT = "reminder_consent"
    """The number of somebody who agreed to be reminded, by whose key it is kept; likewise."""


class DataKeys:
    """Reads and writes the table. Every method works within the caller's transaction.

    Args:
        keyring: wraps and unwraps.
    """

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def get(self, connection: AsyncConnection, call_id: str, kind: KeyKind) -> bytes | None:
        """The key, or ``None`` where there is none any more.

        Raises:
            KeyMissing: it is wrapped with a key that ``RECORD_KEY`` does not hold.
            SealDamaged: it was changed.
        """
        return (await self.get_all(connection, (call_id,), kind)).get(call_id)

    async def get_all(
        self,
        connection: AsyncConnection,
        call_ids: Collection[str],
        kind: KeyKind,
        *,
        hold: bool = False,
    ) -> Mapping[str, bytes]:
        """The keys there are, by call; see ``get``.

        With ``hold`` nobody can destroy them before the transaction ends.
        """
        if not call_ids:
            return {}
        wanted = select(data_keys.c.call_id, data_keys.c.wrapped).where(
            data_keys.c.call_id.in_(call_ids), data_keys.c.kind == kind
        )
        if hold:
            wanted = wanted.with_for_update()
        rows = (await connection.execute(wanted)).all()
        return {
            row.call_id: self._keyring.unwrap(row.wrapped, _place(row.call_id, kind))
            for row in rows
        }

    async def get_or_make(
        self, connection: AsyncConnection, call_id: str, kind: KeyKind, at: datetime
    ) -> bytes:
        """The key, made if there is none, and held until the transaction ends.

        What is sealed with it in the same transaction is there before anybody can destroy it.

        Raises:
            KeyMissing, SealDamaged: as ``get``.
            IntegrityError: another transaction made it meanwhile.
        """
        found = (await self.get_all(connection, (call_id,), kind, hold=True)).get(call_id)
        if found is not None:
            return found
        made, row = self.make(call_id, kind, at)
        await connection.execute(insert(data_keys).values(row))
        return made

    def make(self, call_id: str, kind: KeyKind, at: datetime) -> tuple[bytes, dict[str, object]]:
        """A new key, and its row for the table."""
        key = new_data_key()
        wrapped = self._keyring.wrap(key, _place(call_id, kind))
        return key, {"call_id": call_id, "kind": kind, "wrapped": wrapped, "made_at": at}

    @staticmethod
    async def destroy(
        connection: AsyncConnection, call_ids: Collection[str], kind: KeyKind
    ) -> None:
        """Delete the keys: whatever they opened stays shut.

        In copies of the database too, once ``RECORD_KEY`` has been replaced and the old one gone.
        """
        chosen = data_keys.c.call_id.in_(call_ids), data_keys.c.kind == kind
        await connection.execute(delete(data_keys).where(*chosen))

    def rewrap(self, wrapped: bytes, call_id: str, kind: str) -> bytes | None:
        """The same key under the present ``RECORD_KEY``, or ``None`` if it is under it already.

        Raises:
            KeyMissing, SealDamaged: as ``get``.
        """
        if self._keyring.wrapped_with(wrapped) == self._keyring.present:
            return None
        place = _place(call_id, kind)
        return self._keyring.wrap(self._keyring.unwrap(wrapped, place), place)


def _place(call_id: str, kind: str) -> str:
    return f"data_keys/{call_id}/{kind}"
