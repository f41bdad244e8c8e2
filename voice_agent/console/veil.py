"""What of a call's events may be shown, as the caller's consent stands (rule C22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voice_agent.live.observation import (
    AgentSaid,
    CallerSaid,
    ConsentSeen,
    FlowMoved,
    KeyPressedSeen,
    Observation,
    PhaseChanged,
    UnderstoodSeen,
)
from voice_agent.live.snapshot import Standing

WORDS: Final = (CallerSaid, AgentSaid, UnderstoodSeen, FlowMoved, KeyPressedSeen)
"""Observations that tell what was said, or what was made of it."""


@dataclass(slots=True)
class Veil:
    """Follows one call's events.

    Attributes:
        standing: where the consent stands. Once withdrawn it stays so: what an event of before
            says of it, told again to somebody who comes late, opens nothing.
    """

    standing: str = Standing.NONE

    def passes(self, observation: Observation) -> bool:
        """True if it may be shown; the events of one call in order."""
        match observation:
            case ConsentSeen(state=state) if self.standing != Standing.WITHDRAWN:
                self.standing = state
            case PhaseChanged(phase="withdrawn"):
                self.standing = Standing.WITHDRAWN
        return self.standing == Standing.GIVEN or not isinstance(observation, WORDS)
