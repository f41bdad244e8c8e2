"""Errands on paper: why somebody was rung up, and what was reached."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tests.scenarios.scenario import ErrandOf
from voice_agent.outbound.claim import Appointment, Outcome
from voice_agent.outbound.errand import Errand
from voice_agent.tools.appointment import PersonKey


class PaperErrands:
    """Implements ``voice_agent.outbound.errand.Errands`` for a call that is going on."""

    def __init__(self) -> None:
        self.written: list[str] = []
        """What was reached, in order."""

    async def answered(self, claim: str, call_id: str) -> Errand | None:
        """See the port; the call was answered before the scenario begins."""
        del claim, call_id
        return None

    async def of_call(self, call_id: str) -> Errand | None:
        """See the port."""
        del call_id
        return None

    async def verified(self, claim: str, person: PersonKey) -> None:
        """See the port."""

    async def reached(self, claim: str, outcome: Outcome, reminder: str | None = None) -> None:
        """See the port."""
        del claim
        self.written.append(f"{outcome.value} {reminder or ''}".strip())

    async def ended(self, claim: str, outcome: Outcome, now: datetime) -> bool:
        """See the port."""
        del claim, outcome, now
        return True


class PaperDoNotCall:
    """Implements ``voice_agent.tools.unwanted_tools.DoNotCall``."""

    def __init__(self) -> None:
        self.numbers: list[str] = []

    async def stop(self, number: str) -> None:
        """See the port."""
        self.numbers.append(number)


def errand_of(said: ErrandOf, language: str, zone: tzinfo) -> Errand:
    """The errand as a scenario writes it."""
    about = []
    for each in said.about:
        key, start, *kept = each.split()
        starts_at = datetime.fromisoformat(start).replace(tzinfo=zone)
        about.append(
            Appointment(
                reminder=key,
                starts_at=starts_at,
                appointment=kept[0] if kept else None,
                person=PersonKey(said.person) if said.named else None,
            )
        )
    return Errand(
        claim="claim-1",
        number=said.number,
        language=language,
        appointments=tuple(about),
        person=PersonKey(said.person),
    )
