"""What follows when the call has waited long enough: who is told that which time is up."""

from __future__ import annotations

from dataclasses import dataclass

from voice_agent.call.actions import Action
from voice_agent.call.keypad import Keypad
from voice_agent.call.leaving import Leaving
from voice_agent.call.mouth import Mouth
from voice_agent.call.offer import Offer
from voice_agent.call.phase import Phase
from voice_agent.call.progress import Progress
from voice_agent.call.talk import Talk
from voice_agent.call.terms import CallTerms
from voice_agent.call.timers import Timer, Timers
from voice_agent.call.waiting import WAITED, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Tells whoever waited for it that a time is up; the ledger's is the session's own.

    Attributes:
        terms: the call's terms.
        timers: the call's deadlines.
        progress: the call's phase.
        mouth: the call's mouth.
        talk: the conversation.
        offer: the notice.
        keypad: the keys in the conversation.
        waiting: the caller who waits for an operator.
        leaving: the ways out of the call.
    """

    terms: CallTerms
    timers: Timers
    progress: Progress
    mouth: Mouth
    talk: Talk
    offer: Offer
    keypad: Keypad
    waiting: Waiting
    leaving: Leaving

    def due(self, timer: Timer, now: float) -> list[Action]:
        """This time is up."""
        phase = self.progress.phase
        match timer:
            case _ if phase is Phase.WAITING and timer in WAITED:
                return self.waiting.due(timer, now)
            case Timer.LIMIT if phase is Phase.OPERATED:  # nobody cuts a human off
                self.timers.set(Timer.LIMIT, now + self.terms.limit_s)
                return []
            case Timer.LIMIT:
                return [*self.mouth.hush(now), *self.leaving.close("call_limit", now)]
            case Timer.KEY if phase is Phase.NOTICE:
                return self.offer.silence(now)
            case Timer.KEY:
                return self.leaving.close("goodbye", now)
            case Timer.SPEECH:
                return self.mouth.stalled(now)
            case Timer.MARK:
                return self.mouth.overdue(now)
            case _:
                return self._in_conversation(timer, now)

    def _in_conversation(self, timer: Timer, now: float) -> list[Action]:
        match timer:
            case Timer.NO_INPUT:
                return self.talk.no_input(now)
            case Timer.THINKING:
                return self.talk.thought_too_long(now)
            case Timer.TOOL:
                self.talk.errand.overdue()
                return []
            case Timer.FILLER:
                return self.talk.filler(now)
            case Timer.LINE:
                return self.talk.line_is_silent(now)
            case Timer.TYPED:
                return self.keypad.paused(now)
            case _:
                return []
