"""Errands whose records answer in bounded time, as a carrier's webhook needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.errand import Errand, Errands
from voice_agent.runtime.registrar import records_in_time
from voice_agent.tools.appointment import PersonKey


@dataclass(frozen=True, slots=True)
class PunctualErrands:
    """Implements ``Errands``: others', and a database that hangs counts as away.

    Attributes:
        errands: the others.
    """

    errands: Errands

    async def answered(self, claim: str, call_id: str) -> Errand | None:
        """See the port."""
        async with records_in_time():
            return await self.errands.answered(claim, call_id)

    async def of_call(self, call_id: str) -> Errand | None:
        """See the port."""
        async with records_in_time():
            return await self.errands.of_call(call_id)

    async def verified(self, claim: str, person: PersonKey) -> None:
        """See the port."""
        async with records_in_time():
            await self.errands.verified(claim, person)

    async def reached(self, claim: str, outcome: Outcome, reminder: str | None = None) -> None:
        """See the port."""
        async with records_in_time():
            await self.errands.reached(claim, outcome, reminder)

    async def ended(self, claim: str, outcome: Outcome, now: datetime) -> bool:
        """See the port."""
        async with records_in_time():
            return await self.errands.ended(claim, outcome, now)
