"""What is kept of calls that are over, and the numbers of a day: the port of it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final, Protocol, Self

from voice_agent.live.snapshot import Standing
from voice_agent.live.summary import Summary

HOURS: Final = 24
"""Hours of the clock; the hour that comes twice when summer time ends is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers of some calls, without anything about anybody.

    Attributes:
        calls: how many there were.
        accepted: of those, how many callers consented, withdrawn later or not.
        handed_over: how many were handed over to a telephone.
        held: how many an operator held.
        latency_ms: the median from the end of a turn to the answer that was heard; ``None`` if
            none was.
        latency_p95_ms: what nineteen of twenty answers stayed within, likewise.
    """

    calls: int = 0
    accepted: int = 0
    handed_over: int = 0
    held: int = 0
    latency_ms: int | None = None
    latency_p95_ms: int | None = None

    @classmethod
    def of(cls, summaries: Iterable[Summary]) -> Self:
        """The numbers of these calls."""
        some = list(summaries)
        latencies = sorted(each for summary in some for each in summary.latencies)
        return cls(
            calls=len(some),
            accepted=sum(summary.consent != Standing.NONE for summary in some),
            handed_over=sum(summary.ending == "handed_over" for summary in some),
            held=sum(summary.held_seconds > 0 for summary in some),
            latency_ms=round(statistics.median(latencies)) if latencies else None,
            latency_p95_ms=_nearest(latencies, 0.95),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNumbers:
    """Numbers of one day.

    Attributes:
        day: the day, on the company's clock.
        whole: of all its calls that are over.
        hours: of those that began in each hour of the clock, from 0 to 23.
    """

    day: date
    whole: Numbers
    hours: tuple[Numbers, ...]

    @classmethod
    def of(cls, day: date, summaries: Sequence[Summary], zone: tzinfo) -> Self:
        """The numbers of a day.

        Args:
            day: the day.
            summaries: its calls.
            zone: of the company's clock.
        """
        hours: list[list[Summary]] = [[] for _ in range(HOURS)]
        for summary in summaries:
            hours[datetime.fromtimestamp(summary.began_at, zone).hour].append(summary)
        return cls(day=day, whole=Numbers.of(summaries), hours=tuple(map(Numbers.of, hours)))


@dataclass(frozen=True, slots=True)
class KeptSummary:
    """A summary as it is kept.

    Attributes:
        call: stands for the call, see ``voice_agent.live.snapshot.call_key``.
        summary: what is told of it; without flows and holders where no consent stands.
    """

    call: str
    summary: Summary


class Summaries(Protocol):
    """Keeps what is left to tell of calls.

    Every method raises ``RecordsUnavailable`` when the records are away.
    """

    async def keep(self, call_id: str, summary: Summary) -> None:
        """Keep the summary of a call that is over; of one that was erased, nothing.

        Without a consent that stands, or of a call whose consent was withdrawn elsewhere, only
        numbers and the ending are kept. Keeping it again replaces it.

        Args:
            call_id: the carrier's identifier of the call.
            summary: followed to its end.

        Raises:
            ValueError: the call has not ended.
        """
        ...

    async def day(self, day: date) -> DayNumbers:
        """The numbers of a day, on the company's clock."""
        ...

    async def of_day(self, day: date) -> tuple[KeptSummary, ...]:
        """The calls that began that day, the newest first."""
        ...


def _nearest(ordered: Sequence[int], share: float) -> int | None:
    """The smallest value that this share of them does not exceed."""
    return ordered[math.ceil(len(ordered) * share) - 1] if ordered else None


def as_fields(summary: Summary) -> dict[str, Any]:
    """What is kept of a call for whoever it is about, as JSON has it: without who held it."""
    return {
        "language": summary.language,
        "direction": summary.direction,
        "ending": summary.ending,
        "state": str(summary.consent),
        "reason": summary.reason or None,
        "turns": summary.turns,
        "seconds": round(summary.seconds, 3),
        "held_seconds": round(summary.held_seconds, 3),
        "latency_ms": summary.latency_ms,
        "flows": summary.contents()["flows"],
    }
