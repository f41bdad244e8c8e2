"""What reminders ask the calendar: whether the appointments they are about stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from voice_agent.outbound.claim import Appointment
from voice_agent.tools.outcomes import Away

_MOMENT: Final = timedelta(seconds=1)

Reminded = Callable[[], Awaitable[Mapping[str, datetime]]]
"""Which appointments of the calendar there are reminders of, and when they were to begin."""


class Upcoming(Protocol):
    """An appointment of the calendar."""

    @property
    def id(self) -> str:
        """What the calendar calls it."""
        ...

    @property
    def start(self) -> datetime:
        """When it begins."""
        ...


class Coming(Protocol):
    """What there is in a span."""

    @property
    def appointments(self) -> Sequence[Upcoming]:
        """All that are booked."""
        ...


class Comings(Protocol):
    """The calendar, as far as reminders ask it."""

    async def coming(self, first: datetime, last: datetime) -> Coming | Away:
        """What begins from one moment on and before another."""
        ...


class Diary:
    """Asks the calendar.

    Args:
        calendar: ``None`` where no appointments are made here: reminders then stand as they were
            given to us.
        reminded: which appointments are asked after.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self, calendar: Comings | None, reminded: Reminded, clock: Callable[[], datetime]
    ) -> None:
        self._calendar = calendar
        self._reminded = reminded
        self._clock = clock

    async def starts(self) -> Mapping[str, datetime | None] | None:
        """When the appointments begin now; see ``Known.starts``. ``None``: the calendar is away.

        Raises:
            RecordsUnavailable: nobody can tell which are asked after.
        """
        if self._calendar is None:
            return {}
        wanted = await self._reminded()
        return await self._begin(wanted, max(wanted.values(), default=self._clock()))

    async def stands(self, appointment: Appointment) -> bool | None:
        """Whether it begins when it was to; ``None``: the calendar is away."""
        if self._calendar is None or appointment.appointment is None:
            return True
        name, at = appointment.appointment, appointment.starts_at
        found = await self._begin([name], at, at)
        return None if found is None else found[name] == at

    async def _begin(
        self, wanted: Collection[str], last: datetime, first: datetime | None = None
    ) -> Mapping[str, datetime | None] | None:
        """When these begin, if they do in this span, its end included."""
        if not wanted or self._calendar is None:
            return {}
        found = await self._calendar.coming(first or self._clock(), last + _MOMENT)
        if isinstance(found, Away):
            return None
        begin = {each.id: each.start for each in found.appointments}
        return {name: begin.get(name) for name in wanted}
