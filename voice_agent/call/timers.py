"""What a call is waiting for, and until when."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import StrEnum


class Timer(StrEnum):
    """A thing the call waits for."""

    KEY = "key"
    """A key, after the notice or an offer."""
    COMMIT = "commit"
    """The ledger's answer."""
    NO_INPUT = "no_input"
    """The caller to say something."""
    THINKING = "thinking"
    """The recogniser's or the understander's answer."""
    TOOL = "tool"
    """Something to be done for the caller."""
    FILLER = "filler"
    """An answer that is being looked for; then a word that it is."""
    SPEECH = "speech"
    """The synthesiser's answer."""
    MARK = "mark"
    """The carrier to say that something was heard."""
    LINE = "line"
    """Audio from the carrier while the caller is speaking."""
    TYPED = "typed"
    """The next digit of a number that is being typed."""
    QUEUE = "queue"
    """An operator for a caller who waits, or what became of the callback they asked for."""
    PLACE = "place"
    """The next time a waiting caller is told their place."""
    LIMIT = "limit"
    """The longest a call may last."""


class Timers:
    """Deadlines on the call's clock, seconds."""

    __slots__ = ("_at",)

    def __init__(self) -> None:
        self._at: dict[Timer, float] = {}

    def set(self, timer: Timer, at: float) -> None:
        """Set or move a deadline."""
        self._at[timer] = at

    def cancel(self, *timers: Timer) -> None:
        """Stop waiting; a timer that is not set is left alone."""
        for timer in timers:
            self._at.pop(timer, None)

    def keep(self, timers: AbstractSet[Timer]) -> None:
        """Stop waiting for anything else."""
        self._at = {timer: at for timer, at in self._at.items() if timer in timers}

    def __contains__(self, timer: Timer) -> bool:
        return timer in self._at

    @property
    def earliest(self) -> float | None:
        """The next deadline, or ``None``."""
        return min(self._at.values(), default=None)

    def take_due(self, now: float) -> Timer | None:
        """Remove and return the earliest deadline that has come, or ``None``."""
        due = min(self._at.items(), key=lambda item: item[1], default=None)
        if due is None or due[1] > now:
            return None
        del self._at[due[0]]
        return due[0]
