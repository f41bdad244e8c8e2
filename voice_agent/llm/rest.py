"""When a model that keeps failing is left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

FAILURES: Final = 3
"""In a row, and it is left alone."""

REST_S: Final = 30.0
"""Seconds until one question tries it again."""


class Rest:
    """Counts failures in a row. After ``FAILURES`` nobody asks for ``REST_S``, then one does.

    Args:
        clock: seconds of a clock that only goes forward.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    def allows(self) -> bool:
        """True if the model may be asked now; of those who ask after a rest only the first may."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + REST_S
            return True

    def succeeded(self) -> None:
        """It answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """It did not."""
        with self._lock:
            self._failures += 1
            self._until = self._clock() + REST_S
