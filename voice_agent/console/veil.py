"""What of a call and its events may be shown, as the caller's consent stands (rule C22)."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from voice_agent.live.snapshot import CallSnapshot, Standing

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


def veiled(snapshot: CallSnapshot, *, reads_words: bool) -> CallSnapshot:
    """What may be shown of where a call stands.

    Args:
        snapshot: the call.
        reads_words: who looks may read what is said; what is asked just now is part of that.

    Returns:
        The call: what it is about only with consent, question and receipt only for such readers.
    """
    if snapshot.consent != Standing.GIVEN:
        return replace(snapshot, flow="", question="", receipt="")
    return snapshot if reads_words else replace(snapshot, question="", receipt="")
