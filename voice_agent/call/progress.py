"""Which phase a call is in, and what it may wait for there."""

from __future__ import annotations

from typing import Final

from voice_agent.call.actions import Action, Observe
from voice_agent.call.phase import Phase, step
from voice_agent.call.timers import Timer, Timers
from voice_agent.live.observation import PhaseChanged

_SPEAKING: Final = frozenset({Timer.SPEECH, Timer.MARK})

WAITS: Final[dict[Phase, frozenset[Timer]]] = {
    Phase.CREATED: frozenset(),
    Phase.NOTICE: _SPEAKING | {Timer.KEY, Timer.LIMIT},
    Phase.COMMITTING: frozenset({Timer.COMMIT, Timer.LIMIT}),
    Phase.CONVERSING: _SPEAKING
    | {Timer.NO_INPUT, Timer.THINKING, Timer.TOOL, Timer.FILLER, Timer.LINE}
    | {Timer.TYPED, Timer.LIMIT},
    # What is being done for the caller goes on meanwhile.
    Phase.WAITING: _SPEAKING | {Timer.QUEUE, Timer.PLACE, Timer.KEY, Timer.TOOL, Timer.LIMIT},
    Phase.OPERATED: _SPEAKING | {Timer.TOOL, Timer.LIMIT},
    Phase.WITHDRAWN: _SPEAKING | {Timer.KEY, Timer.LIMIT},
    Phase.HANDING_OVER: _SPEAKING,
    Phase.CLOSING: _SPEAKING,
    Phase.ENDED: frozenset(),
}
"""What a phase may wait for. The last words have no limit: each sentence has its own."""


class Progress:
    """The call's way through its phases. Entering one ends every wait that has no place in it."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._phase = Phase.CREATED
        self._passed = {Phase.CREATED}

    @property
    def phase(self) -> Phase:
        """Where the call stands."""
        return self._phase

    @property
    def has_accepted(self) -> bool:
        """True once the caller has accepted, even if the ledger has not answered (yet)."""
        return not self._passed.isdisjoint({Phase.COMMITTING, Phase.CONVERSING})

    def enter(self, phase: Phase) -> list[Action]:
        """Go on to a phase.

        Raises:
            IllegalEvent: no way leads there.
        """
        self._phase = step(self._phase, phase)
        self._passed.add(phase)
        self._timers.keep(WAITS[phase])
        return [Observe(PhaseChanged(phase))]
