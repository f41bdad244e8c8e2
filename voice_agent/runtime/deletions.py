"""Has the carrier delete its records of erased persons, again and again until they are gone (C20).

A carrier cannot delete a call that is not over yet (Twilio: 20009), may be away, or may refuse for
days. What is still to be deleted is a list; a job takes what is due from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

import structlog

from consent.receipt import moment
from voice_agent.errors import CarrierError
from voice_agent.runtime.carrier import CarrierRecords

log = structlog.get_logger(__name__)

FIRST_PAUSE: Final = timedelta(minutes=1)
"""After the first try; doubled with each further one. Longer than one request with its repetitions
can take, so that no other worker asks for the same at the same time."""

LONGEST_PAUSE: Final = timedelta(hours=12)

MOST: Final = 50
"""Deletions of one run; a carrier takes about one request a second."""


class RecordKind(StrEnum):
    """What the carrier keeps."""

    CALL = "call"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """One record that the carrier is to delete.

    Attributes:
        kind: what it is.
        carrier_id: the carrier's identifier of it.
        tries: how often it was asked for.
        next_at: when it may be asked for again.
    """

    kind: RecordKind
    carrier_id: str
    tries: int
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """What the carrier has not deleted yet; no identifiers.

    Attributes:
        left: how many records.
        oldest: when the oldest of them was first asked for.
        codes: how many by the carrier's last code; 0 where it gave none, or was not asked yet.
    """

    left: int
    oldest: datetime | None
    codes: Mapping[int, int]

    def as_fields(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "left": self.left,
            "oldest": None if self.oldest is None else moment(self.oldest),
            "codes": {str(code): count for code, count in self.codes.items()},
        }


class DeletionList(Protocol):
    """What is still to be deleted. Every method may raise ``RecordsUnavailable``."""

    async def due(self, at: datetime, most: int) -> Sequence[Deletion]:
        """Those that may be asked for now, the ones that wait longest first."""
        ...

    async def claim(self, deletion: Deletion, next_at: datetime) -> bool:
        """True for one of all who want it: it is asked for by nobody else before ``next_at``."""
        ...

    async def gone(self, deletion: Deletion) -> None:
        """The record is gone at the carrier: take it off the list. Idempotent."""
        ...

    async def failed(self, deletion: Deletion, error_code: int | None) -> None:
        """Note what the carrier said."""
        ...

    async def residue(self) -> Residue:
        """What is left."""
        ...


class Deletions:
    """Asks the carrier.

    Args:
        records: the carrier's records.
        waiting: the list.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self, records: CarrierRecords, waiting: DeletionList, clock: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._waiting = waiting
        self._clock = clock

    async def run(self) -> None:
        """Ask for what is due. A carrier that does not answer is left in peace until next time.

        Raises:
            RecordsUnavailable: the list cannot be read or written; what was asked for stays on it.
        """
        asked, refused = 0, Counter[int]()
        for deletion in await self._waiting.due(self._clock(), MOST):
            if not await self._waiting.claim(deletion, self._clock() + pause(deletion.tries)):
                continue  # another worker asks for it
            asked += 1
            try:
                await self._delete(deletion)
            except CarrierError as fault:
                await self._waiting.failed(deletion, fault.carrier_code)
                refused[fault.carrier_code or 0] += 1
                if fault.carrier_code is None:
                    break
            else:
                await self._waiting.gone(deletion)
        if asked:
            log.info("carrier_deletions", count=asked - refused.total())
        for code, count in refused.items():
            log.warning("carrier_deletions_refused", carrier_code=code, count=count)

    async def residue(self) -> Residue:
        """What is left.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        return await self._waiting.residue()

    async def _delete(self, deletion: Deletion) -> None:
        match deletion.kind:
            case RecordKind.CALL:
                await self._records.delete_call(deletion.carrier_id)
            case RecordKind.MESSAGE:
                await self._records.delete_message(deletion.carrier_id)


def pause(tries: int) -> timedelta:
    """How long to wait after the next try, if there were so many before."""
    doublings = 1 << min(tries, 16)  # of more the pause would only be cut off again
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
