"""One call, from the first frame to the last mark: events in, actions out.

``receive`` is the only way in. It never blocks and reads no clock: the time is an argument, in
seconds of any monotonic clock. ``deadline`` says when to come back if nothing happens. An event
that cannot happen raises ``IllegalEvent`` and changes nothing; a late answer to something that is
no longer wanted is ignored.
"""

from __future__ import annotations

from typing import Final

from consent.gate import ConsentGate, GateState
from consent.receipt import Means, Receipt
from voice_agent.call.actions import Action, Ending, Observe
from voice_agent.call.alarm import Alarm
from voice_agent.call.control import Control, ControlView
from voice_agent.call.desk import Desk
from voice_agent.call.events import (
    CallerGone,
    CallStarted,
    ConsentCommitted,
    ConsentFailed,
    ConversationEvent,
    EndOfTurnJudged,
    Event,
    KeyPressed,
    LinkAnswered,
    LinkOutcome,
    MarkReached,
    MediaReceived,
    OperatorEvent,
    SpeechFailed,
    SpeechReady,
    TimePassed,
    ToolAnswered,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
    WithdrawnElsewhere,
)
from voice_agent.call.hearing import Hearing
from voice_agent.call.keypad import Keypad
from voice_agent.call.leaving import Leaving
from voice_agent.call.legality import check
from voice_agent.call.mouth import Mouth
from voice_agent.call.notice_menu import choose
from voice_agent.call.offer import Offer
from voice_agent.call.phase import Phase
from voice_agent.call.ports import Script
from voice_agent.call.progress import Progress
from voice_agent.call.seen import Seen
from voice_agent.call.talk import Talk
from voice_agent.call.terms import CallTerms
from voice_agent.call.timers import Timer, Timers
from voice_agent.call.turn_clock import TurnClock
from voice_agent.call.typed import Typed
from voice_agent.call.waiting import Waiting
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.reply import HandOver, Reply, Withdraw
from voice_agent.live.observation import HIDDEN_KEY, ConsentSeen, KeyPressedSeen
from voice_agent.speech.ports import EchoJudge, Vad
from voice_agent.speech.turns import TurnDetector

_LISTENED: Final = frozenset({Phase.CONVERSING, Phase.WAITING, Phase.OPERATED})
"""Phases from which the conversation goes on, or may."""


class CallSession:
    """The state of one call.

    Args:
        terms: what is fixed for this call.
        vad: voice activity detection of this call's own.
        engine: the dialogue.
        script: the notice and the lines around the conversation.
        echo: tells the agent's own voice from the caller's.
    """

    def __init__(
        self,
        terms: CallTerms,
        vad: Vad,
        engine: Engine,
        script: Script,
        echo: EchoJudge | None = None,
    ) -> None:
        self._terms = terms
        self._script = script
        self._gate = ConsentGate(terms.call_id)
        self._timers = Timers()
        self._progress = Progress(self._timers)
        self._mouth = Mouth(self._timers, terms.speech_s, terms.mark_s)
        self._hearing = Hearing(self._gate, TurnDetector(terms.turns, vad, echo), terms.ends)
        self._clock = TurnClock()
        self._typed = Typed(self._timers, terms.typed_s)
        self._talk = Talk(
            terms=terms,
            hearing=self._hearing,
            mouth=self._mouth,
            timers=self._timers,
            engine=engine,
            clock=self._clock,
            typed=self._typed,
            leave=self._leave,
        )
        self._leaving = Leaving(
            terms=terms,
            script=script,
            gate=self._gate,
            hearing=self._hearing,
            mouth=self._mouth,
            progress=self._progress,
            language=lambda: self.language,
        )
        self._offer = Offer(
            terms=terms,
            script=script,
            mouth=self._mouth,
            timers=self._timers,
            progress=self._progress,
            leaving=self._leaving,
        )
        self._keypad = Keypad(
            terms=terms,
            script=script,
            progress=self._progress,
            talk=self._talk,
            leaving=self._leaving,
            typed=self._typed,
        )
        control = Control(terms=terms, script=script, gate=self._gate, mouth=self._mouth)
        self._waiting = Waiting(
            terms=terms,
            script=script,
            timers=self._timers,
            progress=self._progress,
            mouth=self._mouth,
            talk=self._talk,
            leaving=self._leaving,
        )
        self._desk = Desk(
            terms=terms,
            script=script,
            progress=self._progress,
            mouth=self._mouth,
            talk=self._talk,
            leaving=self._leaving,
            control=control,
            waiting=self._waiting,
        )
        self._alarm = Alarm(
            terms=terms,
            timers=self._timers,
            progress=self._progress,
            mouth=self._mouth,
            talk=self._talk,
            offer=self._offer,
            keypad=self._keypad,
            waiting=self._waiting,
            leaving=self._leaving,
        )
        self._seen = Seen(terms.language, engine.secrets)
        self._now = 0.0

    # -- seen from outside ---------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """Where the call stands."""
        return self._progress.phase

    @property
    def consent(self) -> GateState:
        """Where consent stands."""
        return self._gate.state

    @property
    def language(self) -> str:
        """The language being spoken."""
        accepted = self._gate.receipt is not None
        return self._talk.conversation.language if accepted else self._offer.language

    @property
    def control(self) -> ControlView:
        """Who speaks for us, and whether an operator may take over."""
        return self._desk.view

    def deadline(self) -> float | None:
        """When to send ``TimePassed`` if nothing happens before.

        ``None`` only before the call has started and after it has ended.
        """
        return self._timers.earliest

    def receive(self, event: Event, now: float) -> list[Action]:
        """Take an event and return what is to be done, in order.

        Args:
            event: what happened.
            now: seconds of a monotonic clock; a step back is taken as no step.

        Raises:
            IllegalEvent: it cannot happen in this phase. Nothing has changed.
        """
        check(event, self.phase, self._terms.call_id)
        if self.phase is Phase.ENDED:
            return []
        self._now = max(now, self._now)
        actions = self._dispatch(event, self._now) + self._settle(self._now)
        return actions + self._clock.follow(event, actions, self._now)

    def _dispatch(self, event: Event, now: float) -> list[Action]:
        match event:
            case CallStarted(receipt=receipt):
                return self._start(receipt, now)
            case CallerGone():
                return self._leaving.finish(Ending.CALLER_LEFT)
            case TimePassed():
                return self._time_passed(now)
            case KeyPressed(key=key):
                self._clock.cancel()
                hidden = self._hides(key)
                seen = KeyPressedSeen(HIDDEN_KEY if hidden else key)
                return [Observe(seen), *self._key(key, now)]
            case MarkReached(name=name):
                return self._mouth.mark(name, now)
            case SpeechReady(clip=clip, mulaw=mulaw):
                return self._mouth.ready(clip, mulaw, now)
            case SpeechFailed(clip=clip):
                return self._mouth.failed(clip, now)
            case ConsentCommitted(receipt=receipt):
                return self._ledger_answered(receipt, now)
            case ConsentFailed():
                return self._ledger_answered(None, now)
            case LinkAnswered(outcome=outcome):
                return self._link_answered(outcome, now)
            case WithdrawnElsewhere():
                return self._leaving.withdraw(now, None)
            case _:
                return self._converse(event, now)

    def _converse(self, event: ConversationEvent | OperatorEvent, now: float) -> list[Action]:
        if isinstance(event, OperatorEvent):
            return self._desk.receive(event, now)
        match event:
            case MediaReceived(frame=frame) if not self._gate.is_open:
                self._gate.admit(frame)  # which counts it as dropped
                return []
            case MediaReceived(frame=frame) if self.phase is Phase.OPERATED:
                return self._desk.control.hear(frame)
            case ToolAnswered(answer=answer) if self.phase in _LISTENED:
                self._talk.errand.done(answer)
                return []
            case TranscriptReady(take=take, transcript=transcript) if self.phase in _LISTENED:
                return self._talk.transcribed(take, transcript, now)  # C16: it may be a withdrawal
            case _ if self.phase is not Phase.CONVERSING:
                return []  # too late: nobody listens any more
            case MediaReceived(frame=frame):
                return self._talk.media(frame, now)
            case TranscriptFailed(take=take):
                return self._talk.transcribed(take, None, now)
            case EndOfTurnJudged(take=take, probability=probability):
                return self._talk.judged(take, probability, now)
            case Understood(take=take, commands=commands):
                return self._talk.understood(take, commands, now)
            case UnderstandingFailed(take=take):
                return self._talk.understood(take, None, now)
            case _:
                return []

    def _settle(self, now: float) -> list[Action]:
        """What follows from where the call stands now, whatever led here."""
        actions: list[Action] = []
        if self._mouth.has_failed and self.phase not in {Phase.OPERATED, Phase.ENDED}:
            actions += self._leaving.speechless(now)
        if self.phase is not Phase.CONVERSING:
            self._typed.clear()
        match self.phase:
            case Phase.CONVERSING:
                actions += self._talk.tell(now)
                if self.phase is Phase.CONVERSING:
                    actions += self._talk.consider()
                    self._talk.arm(now)
            case Phase.NOTICE | Phase.WITHDRAWN if self._mouth.is_busy:
                self._timers.cancel(Timer.KEY)
            case Phase.NOTICE | Phase.WITHDRAWN if Timer.KEY not in self._timers:
                self._timers.set(Timer.KEY, now + self._terms.key_s)
            case _:
                pass
        if self.phase is not Phase.ENDED:
            actions += self._seen.language(self.language)
        if self.phase in _LISTENED:
            actions += self._seen.conversation(self._talk.conversation)
        return actions + self._desk.settle(now) + self._leaving.settle()

    # -- consent -------------------------------------------------------------------------------

    def _start(self, receipt: Receipt | None, now: float) -> list[Action]:
        self._clock.start(now)
        self._timers.set(Timer.LIMIT, now + self._terms.limit_s)
        if receipt is not None:
            return self._open(receipt, now)
        return [*self._progress.enter(Phase.NOTICE), *self._offer.begin(now)]

    def _ledger_answered(self, receipt: Receipt | None, now: float) -> list[Action]:
        if self.phase is not Phase.COMMITTING:
            return []  # too late: the caller did not wait for it
        if receipt is None:
            return self._leaving.hand_over("ledger_failed_connecting", now)
        return self._open(receipt, now)

    def _open(self, receipt: Receipt, now: float) -> list[Action]:
        actions = self._progress.enter(Phase.CONVERSING)
        self._gate.open(receipt)
        actions.append(Observe(ConsentSeen("given", receipt.record_id)))
        return [*actions, *self._talk.begin(self._offer.language, now)]

    # -- keys ----------------------------------------------------------------------------------

    def _key(self, key: str, now: float) -> list[Action]:
        match self.phase:
            case Phase.NOTICE:
                return self._offer.key(key, now)
            case Phase.CONVERSING if key == "1" and self._waiting.offers_callback:
                return self._waiting.callback(now)
            case Phase.CONVERSING:
                return self._keypad.press(key, now)
            case Phase.WAITING:
                return self._waiting.key(key, now)
            case Phase.OPERATED:  # the human is there already
                return self._leaving.withdraw(now) if key == "*" else []
            case _:
                self._timers.cancel(Timer.KEY)
                return self._leaving.key(choose(key), now)

    def _hides(self, key: str) -> bool:
        """True if onlookers do not see this key: it may be part of a number."""
        if self.phase is Phase.OPERATED:
            return key.isdigit()
        return self._keypad.hides(key)  # also of a number that is typed on when nobody asks it

    def _link_answered(self, outcome: LinkOutcome, now: float) -> list[Action]:
        match self.phase:
            case Phase.NOTICE:
                return self._offer.link_answered(outcome, now)
            case Phase.CONVERSING:
                return self._keypad.link_answered(outcome, now)
            case _:
                return []

    # -- time and ways out ---------------------------------------------------------------------

    def _time_passed(self, now: float) -> list[Action]:
        actions: list[Action] = []
        while due := self._timers.take_due(now):
            if due is Timer.COMMIT:
                actions += self._ledger_answered(None, now)
            else:
                actions += self._alarm.due(due, now)
            actions += self._settle(now)
        return actions

    def _leave(self, reply: Reply, now: float) -> list[Action]:
        match reply.then:
            case Withdraw():
                return self._leaving.withdraw(now, Means.PHRASE)
            case HandOver(reason=reason):
                return self._waiting.hand_over(reason, reply.lines, now)
            case _:
                return self._leaving.close(reply.lines, now)
