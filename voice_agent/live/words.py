"""Which observations hold what was said, for whoever has to forget it (C16)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from voice_agent.live.observation import (
    AgentSaid,
    CallerSaid,
    ConsentSeen,
    FlowMoved,
    Observation,
    PhaseChanged,
    UnderstoodSeen,
)

WITHDRAWN: Final = "withdrawn"
"""The phase, as the call core names it, that a withdrawal leads to; and the state of a consent."""


def is_withdrawal(observation: Observation) -> bool:
    """True if the caller has withdrawn: everything that was said before is forgotten."""
    match observation:
        case PhaseChanged(phase=state) | ConsentSeen(state=state):
            return state == WITHDRAWN
        case _:
            return False


def wordless(observations: Iterable[Observation]) -> list[Observation]:
    """What happened, without what was said and what was made of it."""
    with_words = CallerSaid | AgentSaid | UnderstoodSeen | FlowMoved
    return [each for each in observations if not isinstance(each, with_words)]
