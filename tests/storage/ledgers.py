"""A ledger with records, notices and their recordings, for tests of what reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from consent.purpose import Purpose
from consent.receipt import ConsentEvent, Means, State
from tests.evidence import exhibit
from voice_agent.keyring import KeyRing
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.database import Database
from voice_agent.storage.ledger import SqlConsentLedger
from voice_agent.storage.notices import NoticeArchive
from voice_agent.storage.verification import Against, LedgerVerification, Verification

NOON = exhibit.NOON
KEYS = exhibit.KEYS
AT_ONCE = Against(due=lambda now: now)
"""A retention table by which everything may be destroyed at once."""


class Hands:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Books:
    """Who writes and who reads one ledger."""

    database: Database
    clock: Hands
    ledger: SqlConsentLedger
    archive: LedgerArchive
    notices: NoticeArchive

    @classmethod
    def of(cls, database: Database, keys: KeyRing = KEYS) -> Books:
        """Those of this database."""
        clock = Hands()
        return cls(
            database,
            clock,
            SqlConsentLedger(database, keys, clock),
            LedgerArchive(database, keys),
            NoticeArchive(database),
        )

    async def fill(self, calls: int = 5) -> None:
        """Records of calls CA0, CA1, ... a second apart; CA0 is withdrawn, CA1 expires."""
        await self.notices.keep(exhibit.notice(), exhibit.audio(), NOON)
        for number in range(calls):
            await self.give(number)
        self.clock.now += timedelta(seconds=1)
        await self.ledger.withdraw("CA0", self.clock.now, Means.PORTAL)
        self.clock.now += timedelta(seconds=1)
        await self.ledger.expire("CA1", self.clock.now)

    async def give(self, number: int, principal: str = exhibit.PERSON) -> None:
        """One more acceptance."""
        self.clock.now += timedelta(seconds=1)
        record = exhibit.record(f"r{number}", f"CA{number}", principal)
        earlier = min(self.clock.now - NOON, timedelta())
        await self.ledger.commit(
            replace(
                record,
                requested_at=record.requested_at + earlier,
                given_at=record.given_at + earlier,
            )
        )

    async def verify(self, keys: KeyRing = KEYS, against: Against | None = None) -> Verification:
        """Verify everything."""
        return await LedgerVerification(self.archive, keys, against, self.clock).verify()


def withdrawn(at: datetime) -> ConsentEvent:
    """What the portal writes."""
    return ConsentEvent(Purpose.CONVERSATION, State.WITHDRAWN, at, Means.PORTAL)
