"""Numbers of the day: how many calls there were, and how quickly they were answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the day.

    Attributes:
        begins: when it begins, in the company's time zone.
        calls: calls that began in it.
        latency_ms: the median from the end of a caller's turn to the answer, milliseconds;
            ``None`` where nothing was answered.
    """

    begins: datetime
    calls: int
    latency_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """The day so far, at all workers.

    Attributes:
        calls: calls that began.
        accepted: of them, those whose callers consented.
        handed_over: of them, those that were connected with a person.
        held: of them, those that an operator held in the console.
        spans: parts of equal length, in order, from the first one shown; none: no picture.
    """

    calls: int
    accepted: int
    handed_over: int
    held: int
    spans: tuple[Span, ...] = ()


class Figures(Protocol):
    """Counts; each open overview asks once a minute."""

    async def today(self) -> Today:
        """The day so far.

        Raises:
            VoiceAgentError: it is not known now; the page says so.
        """
        ...
