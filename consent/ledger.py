"""The port through which consent becomes durable."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from consent.receipt import ConsentRecord, Means, Receipt


class LedgerUnavailable(Exception):
    """The record could not be made durable; the caller is not heard and goes to a human (C4)."""


class ConsentLedger(Protocol):
    """Keeps consent records. A returned receipt means: this survives a power cut."""

    async def commit(self, record: ConsentRecord) -> Receipt:
        """Write the record durably and return its receipt.

        A call has one acceptance: committing again for the same ``call_id`` (a repeated webhook)
        returns the receipt of the record that is already there.

        Raises:
            LedgerUnavailable: disk full, database locked or away; or the consent of this call was
                withdrawn, which no repeated webhook brings back.
        """
        ...

    async def withdraw(self, call_id: str, at: datetime, means: Means = Means.KEY) -> None:
        """Record that the consent of this call was withdrawn; idempotent, the first time counts.

        Raises:
            LedgerUnavailable: as above; the call has stopped listening all the same.
        """
        ...

    async def expire(self, call_id: str, at: datetime) -> None:
        """Record that the call is over, and with it its consent (C11); idempotent.

        Nothing is written for a call without consent, or whose consent was withdrawn.

        Raises:
            LedgerUnavailable: as above.
        """
        ...

    async def find(self, call_id: str) -> Receipt | None:
        """The receipt of this call, or ``None`` when there is none, or it does not hold any more.

        Raises:
            LedgerUnavailable: as above.
        """
        ...

    async def withdrawn(self, call_ids: Collection[str]) -> frozenset[str]:
        """Which of these calls had their consent withdrawn, by whatever means, in any process.

        Raises:
            LedgerUnavailable: as above.
        """
        ...
