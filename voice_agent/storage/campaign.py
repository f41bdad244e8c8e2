"""How the reminders stand, asked of the database: numbers and times, nobody's name or number."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.outreach import VALID
from voice_agent.outbound.campaign import (
    RUNNING,
    AttemptLine,
    HourOfCalls,
    Pause,
    ReminderLine,
    Standing,
)
from voice_agent.outbound.plan import OutboundPlan, Why
from voice_agent.outbound.reminder import State
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_attempts import KIND, going_on, is_made
from voice_agent.storage.reminders import BY_OPERATOR, SqlReminders
from voice_agent.storage.tables import outreach, reminder_attempts, reminders
from voice_agent.storage.transaction import transaction

FRESH: Final = timedelta(seconds=10)
"""So long a standing is shown again: planning ten thousand reminders takes a second."""

PART: Final = 500
"""Lines that are read at once."""

FOLLOWING: Final = 5
"""Calls to come that are shown."""

_attempts: Final = reminder_attempts
_PAUSED_AT: Final = select(outreach.c.paused_at).where(outreach.c.kind == KIND)
_SHOWN: Final = [
    reminders.c[name] for name in ("reminder_id", "starts_at", "language", "state", "outcome")
]


class SqlCampaign:
    """Implements ``voice_agent.outbound.campaign.Campaign``.

    Args:
        database: where the reminders lie.
        reminders: plans them, stops them.
        zone: of the company's clock.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        database: Database,
        reminders: SqlReminders,
        zone: tzinfo,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._reminders = reminders
        self._zone = zone
        self._clock = clock
        self._looking = asyncio.Lock()
        self._last: tuple[Standing, OutboundPlan] | None = None
        self._changes = 0

    @property
    def zone(self) -> tzinfo:
        """Of the company's clock."""
        return self._zone

    async def standing(self) -> Standing:
        """How things stand; see the port. However many pages ask, it is planned once."""
        standing, _ = await self._look()
        return standing

    async def lines(self) -> AsyncIterator[ReminderLine]:
        """Every reminder; see the port. No transaction lasts longer than a part."""
        _, plan = await self._look()
        last: Row[Any] | None = None
        while True:
            async with self._transaction() as connection:
                rows = await _part(connection, last)
                made = await _made(connection, [row.reminder_id for row in rows])
            for row in rows:
                yield _line(row, made.get(row.reminder_id, ()), plan)
            if len(rows) < PART:
                return
            last = rows[-1]

    async def pause(self) -> bool:
        """Stop all reminders; see the port."""
        changed = await self._reminders.pause()
        self._forget()
        return changed

    async def resume(self) -> bool:
        """Go on; see the port."""
        changed = await self._reminders.resume()
        self._forget()
        return changed

    def _forget(self) -> None:
        """What is known is not so any more, and neither is what is being asked now."""
        self._last = None
        self._changes += 1

    async def _look(self) -> tuple[Standing, OutboundPlan]:
        async with self._looking:
            now, changes = self._clock(), self._changes
            last = self._last
            if last is not None and timedelta() <= now - last[0].at < FRESH:
                return last
            found = await self._ask(now)
            self._last = found if changes == self._changes else None
            return found

    async def _ask(self, now: datetime) -> tuple[Standing, OutboundPlan]:
        overview = await self._reminders.overview()
        plan, day = overview.plan, now.astimezone(self._zone).date()
        async with self._transaction() as connection:
            running = await going_on(connection)
            since = await connection.scalar(_PAUSED_AT)
            hours = await self._hours(connection, day)
        left = Counter(str(why) for why in plan.left.values())
        del left[Why.RUNNING]  # somebody is being rung up about these
        standing = Standing(
            at=now,
            states=overview.states,
            outcomes=overview.outcomes,
            running=running,
            calls=len(plan.calls),
            texts=len(plan.texts),
            following=tuple(call.at for call in plan.calls[:FOLLOWING]),
            left=dict(sorted(left.items())),
            pause=None
            if since is None
            else Pause(since=since, reason=overview.reason or BY_OPERATOR),
            day=day,
            hours=hours,
        )
        return standing, plan

    async def _hours(self, connection: AsyncConnection, day: date) -> tuple[HourOfCalls, ...]:
        """The calls of a day; one that tells of several reminders is one call."""
        first, after = (
            datetime.combine(each, time(), self._zone).astimezone(UTC)
            for each in (day, day + timedelta(days=1))
        )
        at = _attempts.c.dialled_at
        is_lead = _attempts.c.reminder_id == _attempts.c.lead_id
        claimed = _attempts.c.claimed_at >= first - VALID  # this one is indexed
        wanted = select(at, _attempts.c.outcome).where(claimed, at >= first, at < after, is_lead)
        counts: dict[int, Counter[str]] = {}
        async for row in await connection.stream(wanted):
            hour = row.dialled_at.astimezone(self._zone).hour
            counts.setdefault(hour, Counter())[row.outcome or RUNNING] += 1
        shown = range(min(counts), max(counts) + 1) if counts else ()
        return tuple(
            HourOfCalls(
                begins=datetime.combine(day, time(hour), self._zone),
                calls=dict(counts.get(hour, {})),
            )
            for hour in shown
        )

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "how the reminders stand cannot be read")


async def _part(connection: AsyncConnection, last: Row[Any] | None) -> Sequence[Row[Any]]:
    """The reminders after one, the nearest appointment first."""
    wanted = select(*_SHOWN).order_by(reminders.c.starts_at, reminders.c.reminder_id)
    if last is not None:
        same = reminders.c.starts_at == last.starts_at
        later = reminders.c.starts_at > last.starts_at
        wanted = wanted.where(or_(later, and_(same, reminders.c.reminder_id > last.reminder_id)))
    return (await connection.execute(wanted.limit(PART))).all()


async def _made(
    connection: AsyncConnection, reminder_ids: Sequence[str]
) -> dict[str, list[AttemptLine]]:
    """The attempts at these that were made, in order."""
    wanted = (
        select(
            _attempts.c.reminder_id,
            _attempts.c.attempt,
            _attempts.c.dialled_at,
            _attempts.c.outcome,
        )
        .where(_attempts.c.reminder_id.in_(reminder_ids), is_made())
        .order_by(_attempts.c.reminder_id, _attempts.c.attempt)
    )
    found: dict[str, list[AttemptLine]] = {}
    for row in (await connection.execute(wanted)).all():
        line = AttemptLine(at=row.dialled_at, outcome=row.outcome or RUNNING)
        found.setdefault(row.reminder_id, []).append(line)
    return found


def _line(row: Row[Any], attempts: Sequence[AttemptLine], plan: OutboundPlan) -> ReminderLine:
    return ReminderLine(
        key=row.reminder_id,
        starts_at=row.starts_at,
        language=row.language,
        state=State(row.state),
        attempts=tuple(attempts),
        reason=str(row.outcome or plan.left.get(row.reminder_id, "")),
    )
