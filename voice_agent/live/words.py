"""Which observations hold words of a call, and what is left of them when those are forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from voice_agent.live.hub import WITHDRAWN
from voice_agent.live.observation import (
    AgentSaid,
    CallEnded,
    CallerSaid,
    ConsentSeen,
    FlowMoved,
    Observation,
    PhaseChanged,
    UnderstoodSeen,
)


def without_words(observation: Observation) -> Observation | None:
    """What may be known of an observation once words are forgotten; ``None``: nothing (C16)."""
    match observation:
        case CallerSaid() | AgentSaid() | UnderstoodSeen():
            return None
        case FlowMoved(slots=slots) if slots:
            return replace(observation, slots={})
        case _:
            return observation


def is_withdrawal(observation: Observation) -> bool:
    """True if the caller has withdrawn: everything that was said before is forgotten (C16)."""
    match observation:
        case PhaseChanged(phase=state) | ConsentSeen(state=state):
            return state == WITHDRAWN
        case _:
            return False


def takes_words(observation: Observation) -> bool:
    """True for a withdrawal, and for the end: what was said does not outlive the call (C18)."""
    return isinstance(observation, CallEnded) or is_withdrawal(observation)


def wordless(observations: Iterable[Observation]) -> list[Observation]:
    """What may be known of them once words are forgotten, in order."""
    return [left for each in observations if (left := without_words(each))]


def forget(observations: Sequence[Observation]) -> tuple[list[Observation], bool]:
    """Take out the words that come before a withdrawal or the end among the same observations.

    Returns:
        What is left, and whether there was one, so that older words go too.
    """
    last = -1
    for place, observation in enumerate(observations):
        if takes_words(observation):
            last = place
    return [*wordless(observations[: last + 1]), *observations[last + 1 :]], last >= 0
