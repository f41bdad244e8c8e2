"""Which worker rings up whom: exactly one call for every attempt, whatever becomes of a worker.

A worker claims a call, writes down that it dials, dials, and writes down what came of it. A claim
that was not dialled in time lapses, and another worker's claim takes its place: of the first one
nothing is left to dial with. An attempt that was to be dialled counts as made, even if nobody ever
hears of it again.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.outreach import OutreachPermit, permit, refused_always
from voice_agent.keyring import KeyRing
from voice_agent.outbound.claim import Appointment, Claim, Outcome
from voice_agent.outbound.number import read_number
from voice_agent.outbound.reminder import Policy, Reminder, State
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.do_not_call import is_listed
from voice_agent.storage.reminder_attempts import (
    CLAIMED,
    DIALLING,
    count_made,
    end,
    has_line,
    is_going_on,
    is_paused,
    next_due,
    reopen,
)
from voice_agent.storage.reminder_errands import SqlErrands
from voice_agent.storage.reminder_rows import ReminderRows, finish, reminder_of
from voice_agent.storage.tables import reminder_attempts, reminders
from voice_agent.storage.transaction import transaction

LOST_AFTER: Final = timedelta(hours=1)
"""An attempt of which nothing was heard for so long is over; no reminder takes so long."""

UNHEARD_AFTER: Final = timedelta(minutes=10)
"""The same for one that the carrier never named: a telephone that rings is heard of before."""

_REFUSED_AT_ONCE: Final = 20

_attempts: Final = reminder_attempts


class SqlClaims:
    """Hands out calls to workers. Every method may raise ``RecordsUnavailable``.

    Args:
        database: where reminders lie.
        keyring: opens their numbers.
        pseudonyms: stand for numbers.
        policy: what the company wants.
    """

    def __init__(
        self, database: Database, keyring: KeyRing, pseudonyms: Pseudonyms, policy: Policy
    ) -> None:
        self._database = database
        self._rows = ReminderRows(keyring)
        self._errands = SqlErrands(database, keyring)
        self._pseudonyms = pseudonyms
        self._policy = policy

    async def claim(self, now: datetime, worker: str) -> Claim | None:
        """Take the call that is due, of several the one whose appointment is nearest.

        Whatever was planned, a permit is made of what is known now; without one the reminder waits
        for the next plan.

        Args:
            now: the present, timezone-aware.
            worker: who asks, a word.

        Returns:
            The call, or ``None``: none is due, all are stopped, or all lines are taken.
        """
        try:
            async with self._transaction() as connection:
                await begin_writing(connection)
                if await is_paused(connection) or not await has_line(
                    connection, self._policy.at_once
                ):
                    return None
                for _ in range(_REFUSED_AT_ONCE):
                    row = await next_due(connection, now)
                    if row is None:
                        return None
                    claim = await self._take(connection, row, now, worker)
                    if claim is not None:
                        return claim
                return None
        except RecordsUnavailable as fault:
            if isinstance(fault.__cause__, IntegrityError):
                return None  # another worker is ringing up the same person: for the next look
            raise

    async def dial(self, claim: Claim, now: datetime) -> bool:
        """Spend the permit and write down that it is being dialled: right before the request.

        Args:
            claim: the call.
            now: the present.

        Returns:
            True: dial, once. False: do not; the claim has lapsed, all calls are stopped, or the
            number is on the do-not-call list by now.

        Raises:
            NotPermitted: the permit does not hold any more, or was spent. Do not dial.
        """
        claim.permit.spend(claim.reminder, claim.attempt, now)
        names = self._pseudonyms.listed_as(self._pseudonyms.all_of(claim.number))
        mine = _attempts.c.claim_id == claim.id
        held = mine, _attempts.c.state == CLAIMED, _attempts.c.until > now
        async with self._transaction() as connection:
            await begin_writing(connection)
            if await is_paused(connection):
                return False  # it lapses
            if await is_listed(connection, names):
                await connection.execute(delete(_attempts).where(*held))
                await finish(connection, [each.reminder for each in claim.appointments], "listed")
                return False
            change = update(_attempts).where(*held).values(state=DIALLING, dialled_at=now)
            return (await connection.execute(change)).rowcount > 0

    async def dialled(self, claim: Claim, call_id: str) -> None:
        """Write down what the carrier calls the call."""
        mine = update(_attempts).where(_attempts.c.claim_id == claim.id)
        async with self._transaction() as connection:
            await connection.execute(mine.values(call_id=call_id))

    async def ended(self, claim_id: str, outcome: Outcome, now: datetime) -> bool:
        """Write down what came of an attempt, unless the call itself reached something.

        The first outcome counts, and counts if it is late.

        An outcome that settles the matter deletes the number. After any other the reminder is open
        again, for as many attempts as are left.

        Args:
            claim_id: the claim's.
            outcome: what came of it.
            now: the present.

        Returns:
            False if it was known already, or nothing was dialled.
        """
        return await self._errands.ended(claim_id, outcome, now)

    async def settle(self, now: datetime) -> int:
        """Have claims lapse that nobody dialled in time, and end attempts nobody heard of again.

        Returns:
            How many attempts were lost: made, with an unknown outcome.
        """
        lapsed = _attempts.c.state == CLAIMED, _attempts.c.until <= now
        async with self._transaction() as connection:
            await begin_writing(connection)
            ids = (await connection.scalars(select(_attempts.c.reminder_id).where(*lapsed))).all()
            if ids:
                await connection.execute(delete(_attempts).where(*lapsed))
                await reopen(connection, ids)
            silent = or_(
                _attempts.c.dialled_at <= now - LOST_AFTER,
                and_(_attempts.c.call_id.is_(None), _attempts.c.dialled_at <= now - UNHEARD_AFTER),
            )
            lost = and_(_attempts.c.state == DIALLING, silent)
            return await end(connection, lost, Outcome.UNKNOWN, now)

    async def _take(
        self, connection: AsyncConnection, row: Row[Any], now: datetime, worker: str
    ) -> Claim | None:
        """Claim a reminder that is due and held, with those it is told with; or pass it over."""
        made = await self._permit(connection, row, now)
        if made is None:
            await reopen(connection, [row.reminder_id])
            return None
        permitted, number, lead = made
        also = await self._also(connection, row, now)
        claim_id, told = uuid4().hex, [lead, *also]
        values = [
            {
                "reminder_id": each.key,
                "attempt": each.attempts + 1,
                "lead_id": lead.key,
                "claim_id": claim_id,
                "worker": worker,
                "pseudonym": each.person,
                "state": CLAIMED,
                "claimed_at": now,
                "until": permitted.until,
            }
            for each in told
        ]
        await connection.execute(insert(_attempts), values)
        running = update(reminders).where(reminders.c.reminder_id.in_([each.key for each in told]))
        await connection.execute(running.values(state=State.RUNNING, next_at=None, lead_id=None))
        return Claim(
            id=claim_id,
            permit=permitted,
            appointments=tuple(
                Appointment(
                    reminder=each.key,
                    starts_at=each.starts_at,
                    appointment=each.appointment,
                    person=each.customer,
                )
                for each in told
            ),
            number=number,
            person=lead.person,
            language=lead.language,
        )

    async def _permit(
        self, connection: AsyncConnection, row: Row[Any], now: datetime
    ) -> tuple[OutreachPermit, str, Reminder] | None:
        """The permit, the number and the reminder; ``None`` where nobody may be rung up now."""
        number = (await self._rows.readable(connection, [row])).get(row.reminder_id)
        known = None if number is None else read_number(number, row.country)
        if number is None or known is None:
            return None
        people = self._pseudonyms.all_of(number)
        listed = await is_listed(connection, self._pseudonyms.listed_as(people))
        spoken = select(func.max(_attempts.c.claimed_at)).where(_attempts.c.pseudonym.in_(people))
        last_at = await connection.scalar(spoken)
        if last_at is not None and now < last_at + self._policy.spacing:
            return None
        if await is_going_on(connection, people) or self._policy.is_too_late(row.starts_at, now):
            return None
        lead = replace(
            reminder_of(row, await count_made(connection, row.reminder_id), last_at),
            country=known.country,
            special=known.special,
        )
        answer = permit(self._policy.facts(lead, now, listed=listed))
        return (answer, number, lead) if isinstance(answer, OutreachPermit) else None

    async def _also(
        self, connection: AsyncConnection, row: Row[Any], now: datetime
    ) -> list[Reminder]:
        """Further reminders of the same person that the call tells of."""
        wanted = select(reminders).where(
            reminders.c.lead_id == row.reminder_id,
            reminders.c.reminder_id != row.reminder_id,
            reminders.c.pseudonym == row.pseudonym,
            reminders.c.state == State.OPEN,
        )
        ordered = wanted.order_by(reminders.c.starts_at, reminders.c.reminder_id)
        rows = (await connection.execute(ordered.with_for_update(skip_locked=True))).all()
        found = [
            reminder_of(each, await count_made(connection, each.reminder_id), None) for each in rows
        ]
        return [
            each
            for each in found
            if refused_always(self._policy.facts(each, now, listed=False)) is None
        ]

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the list of reminders cannot be used")
