"""What goes on beside an open stream of events: signs of life both ways, and the session's end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from voice_agent.console.attendance import Attendance
from voice_agent.console.board import Sight
from voice_agent.console.ports import Guard, NotSignedIn
from voice_agent.console.role import Operator
from voice_agent.live.ports import HEARTBEAT_S

COMMENT_S: Final = 10.0
"""Seconds between two comments that show the page that the line is alive."""

SESSION_S: Final = 3.0
"""Seconds between two looks at the session."""


@dataclass(slots=True)
class Pulse:
    """Of one stream.

    Attributes:
        operator: whose page it is.
        guard: knows the session.
        attendance: is told that the operator is there.
    """

    operator: Operator
    guard: Guard
    attendance: Attendance
    _due: dict[str, float] = field(default_factory=dict)

    async def beat(self, sight: Sight) -> str:
        """Do what is due; ask at least every ``HEARTBEAT_S``.

        Returns:
            A comment for the stream, or nothing.

        Raises:
            NotSignedIn: the session is over.
        """
        if self._is_due("session", SESSION_S) and not await self.guard.still(self.operator):
            raise NotSignedIn("the session is over")
        if self._is_due("attendance", HEARTBEAT_S):
            await self.attendance.signs_of_life(self.operator, sight)
        return ": still here\n\n" if self._is_due("comment", COMMENT_S) else ""

    def _is_due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True
