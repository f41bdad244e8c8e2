"""Checks the rows that stop calls against the entries that prove the withdrawals (C15, C16)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.receipt import ConsentEvent, moment
from voice_agent.storage.entries import Entry
from voice_agent.storage.tables import consent_withdrawals

OWED: Final = timedelta(minutes=10)
"""So long after its row an entry may be missing: it is written right after it."""


class _Withdrawal(NamedTuple):
    """What a row says: when in the form that entries have it, and how."""

    at: datetime
    means: str


class WithdrawalChecks:
    """Compares in both directions; whether a consent holds is asked of the rows alone.

    Of a call without an acceptance, or whose acceptance is destroyed, no entry is to be expected.

    Args:
        rows: the rows by call.
        now: the present moment, timezone-aware.
        due: entries of this moment or earlier may be destroyed by now, and their rows deleted;
            ``None`` if none may.
    """

    def __init__(self, rows: dict[str, _Withdrawal], now: datetime, due: datetime | None) -> None:
        self._rows = rows
        self._now = now
        self._due = due
        self._unproved: dict[str, str] = {}

    @classmethod
    async def read(cls, connection: AsyncConnection, now: datetime, due: datetime | None) -> Self:
        """With the rows there are."""
        rows = (await connection.execute(select(consent_withdrawals))).all()
        found = {row.call_id: _Withdrawal(row.withdrawn_at, row.means) for row in rows}
        return cls(found, now, due)

    def given(self, entry: Entry) -> None:
        """An acceptance."""
        if entry.call_id in self._rows:
            self._unproved[entry.call_id] = entry.record_id

    def withdrawn(self, entry: Entry, events: Sequence[ConsentEvent]) -> Iterator[str]:
        """What is wrong between a withdrawal's entry and its row."""
        row = self._rows.get(entry.call_id or "")
        if row is None:
            if self._due is None or entry.written_at > self._due:
                yield "the row that stops its call is missing"
            return
        self._unproved.pop(entry.call_id or "", None)
        said = {(moment(event.at), event.means) for event in events}
        if said != {(moment(row.at), row.means)}:
            yield "the row that stops its call names another moment or means"

    def unproved(self) -> Iterator[str]:
        """Rows whose entries are missing; to be asked at the end."""
        for call_id, record_id in self._unproved.items():
            if abs(self._now - self._rows[call_id].at) > OWED:
                yield f"record {record_id}: is noted as withdrawn, and no entry proves it"
