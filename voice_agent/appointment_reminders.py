"""Reminders follow the calendar: made of its appointments, moved and ended with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from voice_agent.outbound.agreed import ReminderConsents
from voice_agent.outbound.reminder import Policy
from voice_agent.storage.calendar_reminders import CalendarReminders, wanted_reminder
from voice_agent.storage.reminders import AT_ONCE, SqlReminders
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.calendar import Calendar
from voice_agent.tools.outcomes import Away, Coming, Found

log = structlog.get_logger(__name__)

MARGIN: Final = timedelta(days=1)
"""So much further ahead than anybody is rung up the calendar is looked at."""


class AppointmentReminders:
    """Makes reminders of appointments whose people agreed to be reminded.

    Where the calendar is away nothing is made up: what is known stays as it is.

    Args:
        calendar: the appointments.
        consents: who agreed.
        compared: tells what reminders lack.
        reminders: takes them in.
        policy: what the company wants.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        *,
        calendar: Calendar,
        consents: ReminderConsents,
        compared: CalendarReminders,
        reminders: SqlReminders,
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._calendar = calendar
        self._consents = consents
        self._compared = compared
        self._reminders = reminders
        self._policy = policy
        self._clock = clock

    async def refresh(self, now: datetime) -> Mapping[str, datetime | None] | None:
        """Have reminders agree with the calendar; to be done every minute or so, before planning.

        Two at once do no harm. An appointment that the company lists a reminder of itself, for the
        same time, gets no second one.

        Args:
            now: the present, timezone-aware.

        Returns:
            When the appointments of reminders begin now, by what the calendar calls them; ``None``:
            it is off. Nothing at all where the calendar is away: then nothing is planned anew.

        Raises:
            RecordsUnavailable: the database is away. Some reminders may be taken in, others not.
        """
        last = self._ahead(now)
        found = await self._calendar.coming(now, last)
        if isinstance(found, Away):
            log.warning("reminders_not_refreshed")
            return None
        compared = await self._compared.compare(found.appointments, last)
        await self._compared.remove((*compared.again, *compared.unwanted))
        soon = now + self._policy.last
        missing = [each for each in compared.missing if each.start > soon]
        for first in range(0, len(missing), AT_ONCE):
            some = missing[first : first + AT_ONCE]
            agreed = await self._consents.of({each.person for each in some})
            wanted = (
                wanted_reminder(each, agreed[each.person]) for each in some if each.person in agreed
            )
            await self._reminders.put([each for each in wanted if each is not None])
        return compared.starts

    async def start_of(self, appointment: str, person: PersonKey | None) -> datetime | Away | None:
        """When an appointment begins now, asked of the calendar itself: before somebody is rung up.

        Args:
            appointment: what the calendar calls it.
            person: whose it is; ``None`` if that is not known, and then whosever it is.

        Returns:
            The time; ``None``: it is off, over, or another's. ``Away``: nobody can say, so nobody
            is rung up about it.
        """
        if person is None:
            now = self._clock()
            found: Found | Coming | Away = await self._calendar.coming(now, self._ahead(now))
        else:
            found = await self._calendar.appointments(person)
        if isinstance(found, Away):
            return found
        return next((each.start for each in found.appointments if each.id == appointment), None)

    def _ahead(self, now: datetime) -> datetime:
        return now + self._policy.first + MARGIN
