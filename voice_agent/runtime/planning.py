"""Plans reminders again and again, as things stand: what is due next, and what is not any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

import structlog

from voice_agent.outbound.plan import OutboundPlan
from voice_agent.runtime.reminder_texts import ReminderTexts

log = structlog.get_logger(__name__)

Starts = Callable[[], Awaitable[Mapping[str, datetime | None] | None]]
"""When appointments begin now, see ``Known.starts``; ``None``: the calendar is away."""


class Plans(Protocol):
    """Reminders, as planning sees them. May raise ``RecordsUnavailable``."""

    async def plan(self, starts: Mapping[str, datetime | None]) -> OutboundPlan:
        """Plan, and write down what is due soon."""
        ...


class Planning:
    """One run of it after the other; two at once do no harm.

    Args:
        plans: plans.
        settle: has claims lapse that nobody dialled, and ends attempts nobody heard of again.
        starts: asks the calendar.
        texts: sends what is to be sent; ``None`` where nothing is.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        *,
        plans: Plans,
        settle: Callable[[datetime], Awaitable[int]],
        starts: Starts,
        texts: ReminderTexts | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._plans = plans
        self._settle = settle
        self._starts = starts
        self._texts = texts
        self._clock = clock

    async def run(self) -> None:
        """Settle, plan, send what is due. With the calendar away what was planned stays planned.

        Raises:
            RecordsUnavailable: it is for the next time.
        """
        lost = await self._settle(self._clock())
        if lost:
            log.warning("calls_lost", count=lost)
        starts = await self._starts()
        if starts is None:
            log.warning("not_planned", reason="calendar_away")
            return
        made = await self._plans.plan(starts)
        if self._texts is not None:
            await self._texts.send_due(made.texts)
