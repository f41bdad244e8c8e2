"""The figures of a day, from what is kept of calls that are over and from those that run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Final, Protocol

from voice_agent.console.figures import Span, Today
from voice_agent.live.ports import LiveStore
from voice_agent.live.snapshot import CallSnapshot, Standing
from voice_agent.runtime.summaries import DayNumbers

OFFICE: Final = (8, 18)
"""Hours that are shown even if nobody rang: the first, and the one after the last."""


class Days(Protocol):
    """Numbers of days; ``voice_agent.storage.summaries.SqlSummaries`` is one."""

    @property
    def zone(self) -> tzinfo:
        """Of the company's clock."""
        ...

    def today(self) -> date:
        """The day it is, on the company's clock."""
        ...

    async def day(self, day: date) -> DayNumbers:
        """The numbers of a day."""
        ...


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Counts; see ``Figures``.

    Attributes:
        days: calls that are over.
        live: calls that run.
    """

    days: Days
    live: LiveStore

    async def today(self) -> Today:
        """The day so far.

        Raises:
            VoiceAgentError: the records or the live store are away.
        """
        numbers = await self.days.day(self.days.today())
        running = [each for each in await self.live.calls() if self._day(each) == numbers.day]
        whole = numbers.whole
        return Today(
            calls=whole.calls + len(running),
            accepted=whole.accepted + sum(each.consent != Standing.NONE for each in running),
            handed_over=whole.handed_over,
            held=whole.held + sum(bool(each.holder) for each in running),
            spans=tuple(self._spans(numbers, running)),
        )

    def _spans(self, numbers: DayNumbers, running: list[CallSnapshot]) -> Iterator[Span]:
        counts = [each.calls for each in numbers.hours]
        for each in running:
            counts[self._at(each).hour] += 1
        rung = [hour for hour, count in enumerate(counts) if count]
        first, after = min([OFFICE[0], *rung]), max([OFFICE[1], *(hour + 1 for hour in rung)])
        for hour in range(first, after):
            begins = datetime.combine(numbers.day, time(hour), self.days.zone)
            yield Span(begins, counts[hour], numbers.hours[hour].latency_ms)

    def _at(self, call: CallSnapshot) -> datetime:
        return datetime.fromtimestamp(call.began_at, self.days.zone)

    def _day(self, call: CallSnapshot) -> date:
        return self._at(call).date()
