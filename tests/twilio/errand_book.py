"""The calls we make, in memory: as the database keeps them, but for its durability."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.errand import Errand
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.tools.appointment import PersonKey

_LAST_WORDS: Final = {Outcome.DECLINED, Outcome.WRONG_PERSON}


@dataclass(kw_only=True)
class _Attempt:
    errand: Errand
    call_id: str | None = None
    reached: Outcome | None = None
    outcome: Outcome | None = None


@dataclass
class ErrandBook:
    """Implements ``Errands``.

    Attributes:
        attempts: by claim.
        away: no question is answered.
        hangs: no question is answered, and nobody is told so.
        asked: names of the questions, in order.
    """

    attempts: dict[str, _Attempt] = field(default_factory=dict)
    away: bool = False
    hangs: bool = False
    asked: list[str] = field(default_factory=list)

    def dial(self, errand: Errand) -> None:
        """A claim is being dialled."""
        self.attempts[errand.claim] = _Attempt(errand=errand)

    async def answered(self, claim: str, call_id: str) -> Errand | None:
        """See the port."""
        await self._ask("answered")
        attempt = self.attempts.get(claim)
        if attempt is None or attempt.outcome or attempt.call_id not in {None, call_id}:
            return None
        attempt.call_id = call_id
        return attempt.errand

    async def of_call(self, call_id: str) -> Errand | None:
        """See the port."""
        await self._ask("of_call")
        return next(
            (
                each.errand
                for each in self.attempts.values()
                if each.call_id == call_id and each.outcome is None
            ),
            None,
        )

    async def verified(self, claim: str, person: PersonKey) -> None:
        """See the port."""
        await self._ask("verified")
        attempt = self.attempts[claim]
        attempt.errand = replace(attempt.errand, person=person)

    async def reached(self, claim: str, outcome: Outcome, reminder: str | None = None) -> None:
        """See the port; these calls are about one reminder each."""
        del reminder
        await self._ask("reached")
        attempt = self.attempts.get(claim)
        if attempt is not None and attempt.reached not in _LAST_WORDS:
            attempt.reached = outcome

    async def ended(self, claim: str, outcome: Outcome, now: datetime) -> bool:
        """See the port."""
        del now
        await self._ask("ended")
        attempt = self.attempts.get(claim)
        if attempt is None or attempt.outcome is not None:
            return False
        attempt.outcome = attempt.reached or outcome
        return True

    def outcome(self, claim: str) -> Outcome | None:
        """What came of an attempt, if it is over."""
        return self.attempts[claim].outcome

    async def _ask(self, question: str) -> None:
        self.asked.append(question)
        if self.hangs:
            await self._hang()
        if self.away:
            raise RecordsUnavailable("the errands are away")

    async def _hang(self) -> None:
        await asyncio.Event().wait()
