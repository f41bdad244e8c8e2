"""Looks at one call, written down once for a page and the stream that it opens at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from voice_agent.console.ports import Guard
from voice_agent.console.role import Operator

ONE_LOOK_S: Final = 10.0
"""Seconds from a page to its stream within which both are one look."""

_READ: Final = "call.read"


@dataclass(frozen=True, slots=True)
class Looks:
    """Of one process: a stream that opens at another one is written down for itself.

    Every method raises ``RecordsUnavailable`` if the look cannot be written down, so that nothing
    may be shown.

    Attributes:
        guard: writes them down.
        clock: seconds, of any beginning.
    """

    guard: Guard
    clock: Callable[[], float] = time.monotonic
    _pages: dict[tuple[str, str, str], float] = field(default_factory=dict)

    async def page(self, operator: Operator, call: str) -> None:
        """A call's page is loaded."""
        await self.guard.note(operator, _READ, call)
        now = self.clock()
        for each in [each for each, at in self._pages.items() if now - at > ONE_LOOK_S]:
            del self._pages[each]
        self._pages[_place(operator, call)] = now

    async def stream(self, operator: Operator, call: str) -> None:
        """A call's events are asked for: a look of its own, unless its page was just loaded."""
        loaded_at = self._pages.pop(_place(operator, call), float("-inf"))
        if self.clock() - loaded_at > ONE_LOOK_S:
            await self.guard.note(operator, _READ, call)


def _place(operator: Operator, call: str) -> tuple[str, str, str]:
    return operator.account, operator.session, call
