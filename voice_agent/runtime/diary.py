"""What reminders ask the calendar: whether the appointments they are about stand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

from voice_agent.outbound.claim import Appointment
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.outcomes import Away

STANDS_S: Final = 10.0
"""Seconds the calendar has to say whether one stands: a call waits for it, and others for that."""


class Appointments(Protocol):
    """The calendar's appointments, and the reminders made of them."""

    async def refresh(self, now: datetime) -> Mapping[str, datetime | None] | None:
        """Have reminders agree with the calendar; see ``Known.starts``. ``None``: it is away."""
        ...

    async def start_of(self, appointment: str, person: PersonKey | None) -> datetime | Away | None:
        """When one begins now; ``None``: it is off."""
        ...


class Diary:
    """Asks it.

    Args:
        appointments: ``None`` where no appointments are made here: reminders then stand as they
            were given to us.
        clock: the wall clock, timezone-aware.
        stands_s: see ``STANDS_S``.
    """

    def __init__(
        self,
        appointments: Appointments | None,
        clock: Callable[[], datetime],
        stands_s: float = STANDS_S,
    ) -> None:
        self._appointments = appointments
        self._clock = clock
        self._stands_s = stands_s

    async def starts(self) -> Mapping[str, datetime | None] | None:
        """When the appointments of reminders begin now. ``None``: the calendar is away.

        Raises:
            RecordsUnavailable: the reminders do not agree with the calendar yet.
        """
        if self._appointments is None:
            return {}
        return await self._appointments.refresh(self._clock())

    async def stands(self, appointment: Appointment) -> bool | None:
        """Whether it begins when it was to; ``None``: the calendar is away."""
        if self._appointments is None or appointment.appointment is None:
            return True
        try:
            async with asyncio.timeout(self._stands_s):
                start = await self._appointments.start_of(
                    appointment.appointment, appointment.person
                )
        except TimeoutError:
            return None
        return None if isinstance(start, Away) else start == appointment.starts_at
