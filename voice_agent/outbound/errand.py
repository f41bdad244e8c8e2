"""What a call that we made is about, and the port by which it is asked for and reported on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from voice_agent.outbound.claim import Appointment, Outcome
from voice_agent.tools.appointment import PersonKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Why somebody was rung up.

    Attributes:
        claim: the claim's id, which stands in every address the carrier comes back to.
        number: who was dialled, E.164.
        language: which one they are spoken to in.
        appointments: what the call is about, the nearest first.
        person: who proved to be the right person (rule C23); ``None``: nobody yet, and then
            nothing of the appointments is said.
    """

    claim: str
    number: str = field(repr=False)
    language: str
    appointments: tuple[Appointment, ...] = field(repr=False)
    person: PersonKey | None = field(default=None, repr=False)

    def is_for(self, person: PersonKey) -> bool:
        """True if this person may be told: every appointment that names one names them."""
        return all(each.person in {None, person} for each in self.appointments)


FLOW: Final = "remind"
"""The flow that a call begins with that reminds."""


class Errands(Protocol):
    """The calls we make, as webhooks and streams see them. May raise ``RecordsUnavailable``.

    Everything is written down at once, so that any worker goes on where another was killed.
    """

    async def answered(self, claim: str, call_id: str) -> Errand | None:
        """Somebody answered: the call with this identifier is the claim's from now on.

        Returns:
            The errand; ``None``: there is no such claim, it is over, or another call has it.
        """
        ...

    async def of_call(self, call_id: str) -> Errand | None:
        """The errand of a call that is going on; ``None`` for any other call."""
        ...

    async def verified(self, claim: str, person: PersonKey) -> None:
        """Whoever answered proved to be this person."""
        ...

    async def reached(self, claim: str, outcome: Outcome, reminder: str | None = None) -> None:
        """Write down what was reached so far; the call may go on.

        When the call ends that is its outcome. ``CONFIRMED``, ``MOVED`` and ``CANCELLED`` take the
        place of ``TOLD``, of ``CONNECTED`` and of one another; ``DECLINED`` and ``WRONG_PERSON`` of
        any.

        Args:
            claim: the claim's id.
            outcome: what was reached.
            reminder: of which reminder; of all the call is about if left out.
        """
        ...

    async def ended(self, claim: str, outcome: Outcome, now: datetime) -> bool:
        """The call is over: with what was reached, else with this outcome. See ``SqlClaims``.

        Returns:
            False if it was known already, or nothing was dialled.
        """
        ...
