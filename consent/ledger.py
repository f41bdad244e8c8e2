"""The port through which consent becomes durable."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from consent.receipt import ConsentRecord, Receipt


class LedgerUnavailable(Exception):
    """The record could not be made durable; the caller is not heard and goes to a human (C4)."""


class ConsentLedger(Protocol):
    """Keeps consent records. A returned receipt means: this survives a power cut."""

    async def commit(self, record: ConsentRecord) -> Receipt:
        """Write the record durably and return its receipt.

        A call has one acceptance: committing again for the same ``call_id`` (a repeated webhook)
        returns the receipt of the record that is already there.

        Raises:
            LedgerUnavailable: disk full, database locked or away.
        """
        ...

    async def withdraw(self, call_id: str, at: datetime) -> None:
        """Record that the consent of this call was withdrawn; idempotent.

        Raises:
            LedgerUnavailable: as above; the call has stopped listening all the same.
        """
        ...

    async def find(self, call_id: str) -> Receipt | None:
        """The receipt of this call, or ``None`` when there is none or it was withdrawn.

        Raises:
            LedgerUnavailable: as above.
        """
        ...
