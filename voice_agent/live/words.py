"""Which observations hold words of a call, and what is left of them when those are forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from voice_agent.live.hub import WITHDRAWN
from voice_agent.live.observation import (
    AgentSaid,
    CallerSaid,
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


def withdraw(observations: Sequence[Observation]) -> tuple[list[Observation], bool]:
    """Take out the words that come before a withdrawal among the same observations.

    Returns:
        What is left, and whether there was a withdrawal, so that older words go too.
    """
    last = -1
    for place, observation in enumerate(observations):
        if isinstance(observation, PhaseChanged) and observation.phase == WITHDRAWN:
            last = place
    before = [left for each in observations[: last + 1] if (left := without_words(each))]
    return [*before, *observations[last + 1 :]], last >= 0
