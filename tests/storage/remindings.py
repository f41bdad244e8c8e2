"""A company with reminders in a database, for tests; and a worker that rings people up.

As a program it is such a worker: it claims, "dials" by writing a line into a file, and may be
killed in the middle.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.outbound.company import GIVEN, NOW, POLICY
from tests.storage.household import KEYS, PEOPLE
from voice_agent.keyring import KeyRing
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.number import read_number
from voice_agent.outbound.reminder import Policy
from voice_agent.outbound.reminder_file import WantedReminder
from voice_agent.storage.database import Database
from voice_agent.storage.do_not_call import SqlDoNotCall
from voice_agent.storage.reminder_claims import SqlClaims
from voice_agent.storage.reminder_errands import SqlErrands
from voice_agent.storage.reminder_rows import ReminderRows
from voice_agent.storage.reminders import AT_ONCE, SqlReminders

ALL_AT_ONCE: Final = replace(POLICY, at_once=2000, per_second=1_000_000.0)
"""A policy by which everybody is due at once."""

STEPS: Final = ("claimed", "written", "dialled")
"""Where a worker can be killed: before it is written that it dials, before it does, after."""


@dataclass
class Company:
    """The stores over one database, with a clock that can be set.

    Attributes:
        database: the database.
        policy: what the company wants.
        now: what the clock says.
    """

    database: Database
    policy: Policy = ALL_AT_ONCE
    now: datetime = NOW
    keyring: KeyRing = field(default_factory=lambda: KEYS)

    def clock(self) -> datetime:
        return self.now

    @property
    def reminders(self) -> SqlReminders:
        rows = ReminderRows(self.keyring)
        return SqlReminders(self.database, rows, PEOPLE, self.policy, self.clock)

    @property
    def claims(self) -> SqlClaims:
        return SqlClaims(self.database, self.keyring, PEOPLE, self.policy)

    @property
    def errands(self) -> SqlErrands:
        return SqlErrands(self.database, self.keyring)

    @property
    def list(self) -> SqlDoNotCall:
        return SqlDoNotCall(self.database, PEOPLE, self.clock)

    async def fill(self, count: int) -> None:
        """So many people are to be reminded, and it is planned."""
        everybody = [wanted(number) for number in range(count)]
        for start in range(0, count, AT_ONCE):
            await self.reminders.put(everybody[start : start + AT_ONCE])
        await self.reminders.plan()


def number_of(person: int) -> str:
    """A number of one's own."""
    return f"+49151{20_000_000 + person}"


def wanted(person: int = 0, **changed: Any) -> WantedReminder:
    """Somebody wants to be reminded of an appointment tomorrow."""
    number = read_number(number_of(person), "DE")
    assert number is not None
    plain = WantedReminder(
        source=f"T-{person}", number=number, starts_at=NOW + timedelta(days=1), consent=GIVEN
    )
    return replace(plain, **changed)


async def work(claims: SqlClaims, name: str, log: Path, now: datetime, die: tuple[str, int]) -> int:
    """Ring up whoever is due; says how many. Dies at a step of the given call, if there is one."""
    done = 0
    while True:
        claim = await claims.claim(now, name)
        if claim is None:
            return done
        done += 1
        dying = done == die[1]
        _die(dying and die[0] == "claimed")
        if not await claims.dial(claim, now):
            continue
        _die(dying and die[0] == "written")
        with log.open("a") as file:
            file.write(f"{claim.reminder} {claim.attempt} {claim.number}\n")
        _die(dying and die[0] == "dialled")
        await claims.ended(claim.id, Outcome.TOLD, now)


def _die(now: bool) -> None:
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


async def _main(*arguments: str) -> None:
    address, name, log, now, step, call = arguments
    database = Database.open(address)
    try:
        claims = SqlClaims(database, KEYS, PEOPLE, ALL_AT_ONCE)
        moment = datetime.fromisoformat(now)
        sys.stdout.write(str(await work(claims, name, Path(log), moment, (step, int(call)))))
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
