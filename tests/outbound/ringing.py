"""A worker that rings people up: the real dialler on a database, a Redis and a carrier.

As a program it is one until it is told to stop, is killed, or dies at a step of its first call.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tests.outbound.carrier import ACCOUNT, OURS
from tests.outbound.company import NOW, POLICY
from tests.storage.household import KEYS, PEOPLE
from tests.storage.remindings import Company
from voice_agent.outbound.claim import Appointment, Claim
from voice_agent.outbound.reminder import Policy
from voice_agent.runtime.dialler import Dialler
from voice_agent.runtime.jobs import Job, Jobs
from voice_agent.runtime.pace import Pace
from voice_agent.runtime.planning import Planning
from voice_agent.storage.database import Database
from voice_agent.storage.jobs import SqlJobBook
from voice_agent.storage.reminder_claims import SqlClaims
from voice_agent.storage.reminder_undialled import SqlUndialled
from voice_agent.twilio.client import TwilioClient
from voice_agent.twilio.outbound_calls import OutboundCalls

BUSY: Final = replace(POLICY, at_once=40, per_second=50.0, call=timedelta(seconds=0.5))
"""A company that rings up many people at once."""

EVERY: Final = timedelta(seconds=15)
"""Between two plans; a real worker leaves a minute."""

OURSELVES: Final = OutboundCalls("https://agent.example", 900)


def running_clock(begun: float, at: datetime = NOW) -> Callable[[], datetime]:
    """A clock that says ``at`` at the real moment ``begun``, and goes on."""
    return lambda: at + timedelta(seconds=time.time() - begun)


def client(url: str) -> TwilioClient:
    """Of a carrier that listens there."""
    return TwilioClient(
        account_sid=ACCOUNT, secret="s3cret", number=OURS, base_url=url, calls=OURSELVES
    )


STEPS: Final = ("claimed", "written", "asked", "told")
"""Where a worker can die: before and after it is written that it dials, before and after it is
written what the carrier calls the call."""


class Mortal:
    """A worker's way to the carrier, and what it asks and writes beside it, dying at a step."""

    def __init__(self, claims: SqlClaims, carrier: TwilioClient, step: str) -> None:
        self._claims = claims
        self._carrier = carrier
        self._step = step

    async def stands(self, appointment: Appointment) -> bool | None:
        """Every appointment stands."""
        del appointment
        self._die("claimed")
        return True

    async def call(self, to: str, claim: str, language: str) -> str:
        self._die("written")
        call_id = await self._carrier.call(to, claim, language)
        self._die("asked")
        return call_id

    async def claim(self, now: datetime, worker: str) -> Claim | None:
        return await self._claims.claim(now, worker)

    async def dial(self, claim: Claim, now: datetime) -> bool:
        return await self._claims.dial(claim, now)

    async def dialled(self, claim: Claim, call_id: str) -> None:
        await self._claims.dialled(claim, call_id)
        self._die("told")

    def _die(self, step: str) -> None:
        if step == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


async def nothing_known() -> dict[str, datetime | None]:
    """The calendar knows of none."""
    return {}


async def work(  # noqa: PLR0917 (what a worker is told)
    address: str, redis: str, url: str, clock: Callable[[], datetime], policy: Policy, step: str
) -> None:
    """Be a worker until the process is told to stop."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    database, carrier = Database.open(address), client(url)
    company = Company(database, policy)
    claims = SqlClaims(database, KEYS, PEOPLE, policy)
    # The company's own clock stands still; planning goes by this one.
    company.clock = clock  # type: ignore[method-assign]
    planning = Planning(
        plans=company.reminders,
        settle=claims.settle,
        starts=nothing_known,
        texts=None,
        clock=clock,
    )
    mortal = Mortal(claims, carrier, step)
    dialler = Dialler(
        claims=mortal,
        undialled=SqlUndialled(database),
        dialling=mortal,
        pace=Pace(policy.per_second, redis),
        stands=mortal.stands,
        halt=company.reminders.pause,
        clock=clock,
        worker="w",
        look_s=0.05,
    )
    job = Job(name="reminders", every=EVERY, longest=2 * EVERY, work=planning.run)
    jobs = Jobs([job], SqlJobBook(database), clock, look_seconds=0.5)
    try:
        jobs.start()
        dialler.start()
        await stopping.wait()
    finally:
        await jobs.stop()
        await dialler.stop()
        await carrier.close()
        await database.close()


if __name__ == "__main__":
    where, counted, carried, begun_at, shows, dies = sys.argv[1:]
    its_clock = running_clock(float(begun_at), datetime.fromisoformat(shows))
    asyncio.run(work(where, counted, carried, its_clock, BUSY, dies))
