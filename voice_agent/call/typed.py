"""A number that is being typed: which digits there are so far, and when it is over."""

from __future__ import annotations

from typing import Final

from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.flow_outcome import Asked

MOST_DIGITS: Final = 32
"""Digits of the longest number; nobody types more on purpose."""

FEWEST_DIGITS: Final = 2
"""Digits of the shortest number; a single key means what it always means."""


class Typed:
    """Digits as they are typed, until a pause, the hash key or the last digit ends the number.

    They are personal: forgotten with the words of the call, and seen by no onlooker.

    Args:
        timers: the call's deadlines.
        pause_s: seconds without a key that end a number.
    """

    def __init__(self, timers: Timers, pause_s: float) -> None:
        self._timers = timers
        self._pause_s = pause_s
        self._asked: Asked | None = None
        self._digits = ""
        self._waited = False

    @property
    def asked(self) -> Asked | None:
        """The question that is being answered by typing, or ``None``."""
        return self._asked

    def add(self, digit: str, asked: Asked, now: float) -> bool:
        """Take one more digit; true if no more can follow."""
        self._asked = asked
        self._digits += digit
        self._waited = False
        self._timers.set(Timer.TYPED, now + self._pause_s)
        return len(self._digits) >= min(asked.most or MOST_DIGITS, MOST_DIGITS)

    def wait_once_more(self, now: float) -> bool:
        """Wait for one more pause; false if that was done since the last digit."""
        if self._waited:
            return False
        self._waited = True
        self._timers.set(Timer.TYPED, now + self._pause_s)
        return True

    def take(self) -> str:
        """The digits, which are kept here no longer."""
        digits = self._digits
        self.clear()
        return digits

    def clear(self) -> None:
        """Forget what was typed."""
        self._asked, self._digits, self._waited = None, "", False
        self._timers.cancel(Timer.TYPED)
