"""What a call that we made is about, as its tools see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """An appointment that somebody was rung up about, and that nothing was said to yet.

    Attributes:
        reminder: the reminder's key.
        starts_at: when the appointment began when the call was planned, timezone-aware.
        appointment: what the calendar calls it; ``None``: it is in none of ours.
        is_theirs: it is known to be the appointment of whoever was rung up; else it may be that of
            somebody else with the same number.
    """

    reminder: str
    starts_at: datetime
    appointment: str | None
    is_theirs: bool
