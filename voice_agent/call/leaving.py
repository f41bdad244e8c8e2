"""The ways out of a call: to a human, with a goodbye, by a withdrawal, or because nobody is there.

Whatever the way, the last words are announced, heard, and only then acted on; and a call ends once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from consent.gate import ConsentGate, GateState
from consent.receipt import Means
from voice_agent.call.actions import Action, Ending, Finish, Observe, RecordWithdrawal
from voice_agent.call.hearing import Hearing
from voice_agent.call.mouth import Mouth
from voice_agent.call.notice_menu import Choice
from voice_agent.call.phase import Phase
from voice_agent.call.ports import Script
from voice_agent.call.progress import Progress
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.line import Line
from voice_agent.live.observation import CallEnded, ConsentSeen

ENDINGS: Final = {
    Phase.HANDING_OVER: Ending.HANDED_OVER,
    Phase.CLOSING: Ending.HUNG_UP,
}
"""What follows the last words of a phase, once they have been heard."""


@dataclass(slots=True, kw_only=True)
class Leaving:
    """How a call is left.

    Attributes:
        terms: the call's terms.
        script: the lines around the conversation.
        gate: the call's consent.
        hearing: the call's ears.
        mouth: the call's mouth.
        progress: the call's phase.
        language: asks for the language being spoken.
    """

    terms: CallTerms
    script: Script
    gate: ConsentGate
    hearing: Hearing
    mouth: Mouth
    progress: Progress
    language: Callable[[], str]
    _number: str | None = field(default=None, init=False, repr=False)

    def hand_over(self, said: str | tuple[Line, ...], now: float) -> list[Action]:
        """Announce the human, then pass the call on; say so plainly when there is none.

        Args:
            said: the announcement, or its key in the script.
            now: seconds.
        """
        if not self.terms.can_dial:
            return self.close("human_unavailable", now)
        return self._leave(Phase.HANDING_OVER, said, now)

    def transfer(self, number: str | None, now: float) -> list[Action]:
        """Announce that the call goes to another telephone, then pass it on there.

        Args:
            number: E.164; ``None``: the company's own.
            now: seconds.
        """
        self._number = number
        return self._leave(Phase.HANDING_OVER, "operator_transfers", now)

    def close(self, said: str | tuple[Line, ...], now: float) -> list[Action]:
        """Say the last words; hang up when they have been heard."""
        return self._leave(Phase.CLOSING, said, now)

    def withdraw(self, now: float, means: Means | None = Means.KEY) -> list[Action]:
        """Stop listening and speaking at once, record it, offer a human (C16).

        Args:
            now: seconds.
            means: how the caller withdrew; ``None``: elsewhere, where it is recorded already.

        Nothing follows where no consent was given, or none is left to withdraw.
        """
        if not self.progress.has_accepted or self.gate.state is GateState.WITHDRAWN:
            return []
        self.gate.withdraw()
        self.hearing.withdraw()
        actions = [*self.mouth.hush(now), Observe(ConsentSeen("withdrawn"))]
        if means is not None:
            actions.append(RecordWithdrawal(means))
        if self.progress.phase is Phase.HANDING_OVER:  # a human is on the way already
            return actions + self._say("connecting_human", now)
        actions += self.progress.enter(Phase.WITHDRAWN)
        if not self.terms.can_dial:
            return actions + self.close("withdrawn_goodbye", now)
        return actions + self._offer_human(now)

    def key(self, choice: Choice, now: float) -> list[Action]:
        """A key pressed while the call is being left, or after the withdrawal."""
        if choice is Choice.WITHDRAW and self.gate.state is not GateState.WITHDRAWN:
            return self.withdraw(now)
        phase = self.progress.phase
        if choice is Choice.HUMAN and phase is not Phase.HANDING_OVER and self.terms.can_dial:
            return [*self.mouth.hush(now), *self.hand_over("connecting_human", now)]
        if phase is Phase.WITHDRAWN:
            return [*self.mouth.hush(now), *self._offer_human(now)]
        return []

    def speechless(self, now: float) -> list[Action]:
        """The voice has failed for good: a human, without announcement, is better than silence."""
        actions = self.mouth.hush(now)
        if self.progress.phase in ENDINGS:
            return actions
        there = Phase.HANDING_OVER if self.terms.can_dial else Phase.CLOSING
        return actions + self._leave(there, (), now)

    def settle(self) -> list[Action]:
        """End the call when its last words have been heard."""
        if self.progress.phase in ENDINGS and not self.mouth.is_busy:
            return self.finish(ENDINGS[self.progress.phase])
        return []

    def finish(self, ending: Ending) -> list[Action]:
        """End the call; nothing follows."""
        self.hearing.stop()
        self.gate.expire()
        actions = self.progress.enter(Phase.ENDED)
        number = self._number if ending is Ending.HANDED_OVER else None
        return [*actions, Observe(CallEnded(ending)), Finish(ending, self.language(), number)]

    def _leave(self, phase: Phase, said: str | tuple[Line, ...], now: float) -> list[Action]:
        actions = self.progress.enter(phase)
        self.hearing.stop()
        return actions + self._say(said, now)

    def _offer_human(self, now: float) -> list[Action]:
        return self._say("withdrawn_offer_human", now)

    def _say(self, said: str | tuple[Line, ...], now: float) -> list[Action]:
        lines = (self.script.line(said, self.language()),) if isinstance(said, str) else said
        return self.mouth.say(lines, now)
