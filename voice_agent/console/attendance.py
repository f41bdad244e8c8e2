"""Which operators are there: as long as a page of theirs is open."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
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
        clock: seconds since 1970.
    """

    live: LiveStore
    clock: Callable[[], float] = time.time
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
                await self.live.attend(standing(operator, sight, self.clock()))

    async def say(self, operator: Operator, available: bool) -> None:
        """The operator takes calls, or does not.

        Raises:
            LiveUnavailable: nobody can be told.
        """
        said = replace(_duty(operator), available=available, said_at=self.clock())
        await self.live.attend(said)

    async def _leave(self, account: str) -> None:
        await asyncio.sleep(GRACE_S)
        if not self._pages[account]:
            del self._pages[account]
            with contextlib.suppress(LiveUnavailable):
                await self.live.leave(account)


def standing(operator: Operator, sight: Sight, now: float) -> OnDuty:
    """How an operator is there now, from what they said last and the call they are in.

    Args:
        operator: who.
        sight: what is known of calls and operators.
        now: seconds since 1970. Whoever comes into a call takes no others from then on, until
            they say so again.
    """
    account = operator.account
    said = next((each for each in sight.duty if each.operator == account), _duty(operator))
    calls = sight.calls.values()
    held = (each.call for each in calls if account in (each.holder, *each.listeners))
    call = next(held, "")
    said_at = now if call and said.available else said.said_at
    available = said.available and not call
    return OnDuty(account, operator.name, available, call, said_at)


def _duty(operator: Operator) -> OnDuty:
    """An operator who has not said yet that they take calls."""
    return OnDuty(operator.account, operator.name, available=False)
