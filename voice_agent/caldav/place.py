"""Our appointments on a calendar server as a place of personal data (C20)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from voice_agent.caldav.diary import Diary, Entry
from voice_agent.caldav.server import CalDavServer, CalendarUnavailable
from voice_agent.runtime.place import Erased, Subject
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.tools.opening import Span
from voice_agent.tools.plan import Plan

LOOK_LIMIT_S: Final = 30.0
"""Seconds a look through all calendars may take."""

_BACK: Final = timedelta(days=3 * 366)
_AHEAD: Final = timedelta(days=400)


class CalDavPlace:
    """Appointments that were booked in a person's calls, or with their number.

    What people wrote into the calendar themselves is the company's own and not looked at.

    Args:
        server: the server.
        diary: reads it.
        plan: whose calendars there are.
        clock: the wall clock, timezone-aware.
    """

    name = "calendar"
    tables: frozenset[str] = frozenset()

    def __init__(
        self, server: CalDavServer, diary: Diary, plan: Plan, clock: Callable[[], datetime]
    ) -> None:
        self._server = server
        self._diary = diary
        self._plan = plan
        self._clock = clock

    async def find_calls(self, pseudonyms: Collection[str]) -> frozenset[str]:
        """No calls: a number that was left may be another person's than the caller's."""
        del pseudonyms
        return frozenset()

    async def find_pseudonyms(self, call_ids: Collection[str]) -> frozenset[str]:
        """No pseudonyms, likewise."""
        del call_ids
        return frozenset()

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """The appointments."""
        async with _bounded():
            found = await self._of(subject)
        return [each.own.appointment.as_fields() for each in found if each.own is not None]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete them. One that is still to come is cancelled by it."""
        del at
        async with _bounded():
            found = await self._of(subject)
            for each in found:
                if not await self._server.delete(each.item):
                    raise RecordsUnavailable("an appointment was changed meanwhile")
        return Erased(erased=len(found))

    async def _of(self, subject: Subject) -> list[Entry]:
        now = self._clock()
        span = Span(now - _BACK, now + _AHEAD)
        return [
            each
            for each in await self._diary.entries(self._plan.resources, span)
            if each.own is not None
            and (
                each.own.appointment.call_id in subject.call_ids
                or each.own.pseudonym in subject.pseudonyms
            )
        ]


@asynccontextmanager
async def _bounded() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(LOOK_LIMIT_S):
            yield
    except (CalendarUnavailable, TimeoutError) as fault:
        raise RecordsUnavailable("the calendar server cannot be used") from fault
