"""Which operators are there: as long as a page of theirs is open."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from voice_agent.console.board import Sight
from voice_agent.console.role import Operator, Right
from voice_agent.live.ports import LiveStore, LiveUnavailable, OnDuty

GRACE_S: Final = 4.0
"""Seconds between two pages: whoever goes from one to the next has not gone."""


@dataclass(slots=True)
class Attendance:
    """Operators with pages of this process.

    Attributes:
        live: what the workers share.
    """

    live: LiveStore
    _pages: Counter[str] = field(default_factory=Counter)
    _leaving: set[asyncio.Task[None]] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def present(self, operator: Operator) -> AsyncIterator[None]:
        """A page of the operator is open for as long as the block lasts."""
        self._pages[operator.account] += 1
        try:
            yield
        finally:
            self._pages[operator.account] -= 1
            task = asyncio.create_task(self._leave(operator.account), name="console leave")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def signs_of_life(self, operator: Operator, sight: Sight) -> None:
        """Say that the operator is still there, as they said they are."""
        if operator.may(Right.TAKE_OVER):
            with contextlib.suppress(LiveUnavailable):
                await self.live.attend(standing(operator, sight))

    async def say(self, operator: Operator, available: bool) -> None:
        """The operator takes calls, or does not.

        Raises:
            LiveUnavailable: nobody can be told.
        """
        await self.live.attend(OnDuty(operator.account, operator.name, available))

    async def _leave(self, account: str) -> None:
        await asyncio.sleep(GRACE_S)
        if not self._pages[account]:
            del self._pages[account]
            with contextlib.suppress(LiveUnavailable):
                await self.live.leave(account)


def standing(operator: Operator, sight: Sight) -> OnDuty:
    """How an operator is there now, from what they said last and the call they are in."""
    said = next((each for each in sight.duty if each.operator == operator.account), None)
    account = operator.account
    calls = sight.calls.values()
    held = (each.call for each in calls if account in (each.holder, *each.listeners))
    call = next(held, "")
    available = said is not None and said.available and not call
    return OnDuty(operator.account, operator.name, available, call)
