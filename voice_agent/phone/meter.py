"""Measures a call's turns on its sound, as the caller hears it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from voice_agent.phone.person import Deed, Spoken
from voice_agent.phone.recording import Recording
from voice_agent.phone.report import AgentSpoke, CallerSpoke, Report, TurnMeasured
from voice_agent.phone.sound import span


@dataclass(slots=True)
class Meter:
    """Follows what the person does and tells what came of it.

    Attributes:
        recording: both sides of the call.
        tell: takes the reports.
        turns: what has been measured.
    """

    recording: Recording
    tell: Callable[[Report], None]
    turns: list[TurnMeasured] = field(default_factory=list)
    _open: tuple[Spoken, float] | None = None
    _heard_to: float = 0.0

    def note(self, deed: Deed, now: float, *, to_recording: bool = False) -> None:
        """Take what the person did at ``now`` into account.

        Args:
            deed: what they did.
            now: seconds since the call began.
            to_recording: what they heard was a recording, no agent that answers.
        """
        if deed.listened:
            self.close(now)
            if not to_recording:
                self._agent_spoke(now)
        if to_recording:
            self._heard_to = now
        if deed.frame is not None and self._open is not None:
            self.close(now)
        if deed.spoken is not None:
            self._caller_spoke(deed.spoken)

    def close(self, now: float) -> None:
        """Measure the open turn with what was heard until now; without one nothing happens."""
        if self._open is None:
            return
        spoken, last = self._open
        self._open = None
        answer = self.recording.answer_after(last, now)
        turn = TurnMeasured(
            turn=len(self.turns) + 1,
            name=spoken.step.name,
            seconds=None if answer is None else round(answer - last, 3),
            overlap_seconds=round(self.recording.talked_over(spoken.start, spoken.end), 2),
        )
        self.turns.append(turn)
        self.tell(turn)

    def _caller_spoke(self, spoken: Spoken) -> None:
        found = span(spoken.step.mulaw)
        if found is None:  # a file of silence is no turn
            return
        first, last = spoken.start + found[0], spoken.start + found[1]
        self._open = (spoken, last)
        self.tell(CallerSpoke(round(first, 2), round(last - first, 2), spoken.step.name))

    def _agent_spoke(self, now: float) -> None:
        heard = span(self.recording.heard_between(self._heard_to, now))
        if heard is not None:
            at = self._heard_to + heard[0]
            self.tell(AgentSpoke(round(at, 2), round(heard[1] - heard[0], 2)))
        self._heard_to = now
