"""Which observations hold words of a call, and what is left of them when those are forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from voice_agent.live.hub import WITHDRAWN
from voice_agent.live.observation import (
    AgentSaid,
    CallerSaid,
    ConsentSeen,
    FlowMoved,
    Observation,
    PhaseChanged,
    UnderstoodSeen,
)


def without_words(observation: Observation) -> Observation | None:
    """What may be known of an observation after a withdrawal; ``None``: nothing (C16)."""
    match observation:
        case CallerSaid() | AgentSaid() | UnderstoodSeen():
            return None
        case FlowMoved(slots=slots) if slots:
            return replace(observation, slots={})
        case _:
            return observation


def is_withdrawal(observation: Observation) -> bool:
    """True if the caller has withdrawn: everything that was said before is forgotten."""
    match observation:
        case PhaseChanged(phase=state) | ConsentSeen(state=state):
            return state == WITHDRAWN
        case _:
            return False


def wordless(observations: Iterable[Observation]) -> list[Observation]:
    """What may be known of them after a withdrawal, in order."""
    return [left for each in observations if (left := without_words(each))]


def withdraw(observations: Sequence[Observation]) -> tuple[list[Observation], bool]:
    """Take out the words that come before a withdrawal among the same observations.

    Returns:
        What is left, and whether there was a withdrawal, so that older words go too.
    """
    last = -1
    for place, observation in enumerate(observations):
        if is_withdrawal(observation):
            last = place
    return [*wordless(observations[: last + 1]), *observations[last + 1 :]], last >= 0
