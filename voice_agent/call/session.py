"""One call, from the first frame to the last mark: events in, actions out.

``receive`` is the only way in. It never blocks and reads no clock: the time is an argument, in
seconds of any monotonic clock. ``deadline`` says when to come back if nothing happens. An event
that cannot happen raises ``IllegalEvent`` and changes nothing; a late answer to something that is
no longer wanted is ignored.
"""

from __future__ import annotations

from functools import partial

from consent.gate import ConsentGate, GateState
from consent.purpose import Purpose
from consent.receipt import Receipt
from voice_agent.audio.frame import Frame
from voice_agent.call.actions import (
    Action,
    CommitConsent,
    Ending,
    Finish,
    Observe,
    RecordWithdrawal,
    SendLink,
)
from voice_agent.call.events import (
    CallerGone,
    CallStarted,
    ConsentCommitted,
    ConsentFailed,
    Event,
    KeyPressed,
    LinkAnswered,
    LinkOutcome,
    MarkReached,
    MediaReceived,
    SpeechFailed,
    SpeechReady,
    TimePassed,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
)
from voice_agent.call.hearing import Hearing
from voice_agent.call.mouth import Mouth
from voice_agent.call.offer import LINK_LINES_IN_CALL, Offer
from voice_agent.call.phase import Phase, step
from voice_agent.call.ports import Script
from voice_agent.call.talk import Talk
from voice_agent.call.terms import CallTerms
from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.commands import Affirm, Repeat, SwitchLanguage
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.reply import HandOver, Reply, Withdraw
from voice_agent.errors import IllegalEvent
from voice_agent.live.observation import CallEnded, KeyPressedSeen, PhaseChanged
from voice_agent.speech.ports import Vad
from voice_agent.speech.turns import TurnDetector

_MOST_SPEECH_FAULTS = 3
"""So many failures of the synthesiser in a row, and the caller would hear nothing any more."""


class CallSession:
    """The state of one call.

    Args:
        terms: what is fixed for this call.
        vad: voice activity detection of this call's own.
        engine: the dialogue.
        script: the notice and the lines around the conversation.
    """

    def __init__(self, terms: CallTerms, vad: Vad, engine: Engine, script: Script) -> None:
        self._terms = terms
        self._script = script
        self._engine = engine
        self._phase = Phase.CREATED
        self._gate = ConsentGate(terms.call_id)
        self._timers = Timers()
        self._mouth = Mouth(self._timers, terms.speech_s, terms.mark_s)
        self._hearing = Hearing(self._gate, TurnDetector(terms.turns, vad))
        self._offer = Offer(terms, script, self._mouth, self._timers, self, terms.language)
        self._talk: Talk | None = None
        self._started_at = 0.0
        self._now = 0.0
        self._speech_faults = 0

    # -- seen from outside ---------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """Where the call stands."""
        return self._phase

    @property
    def consent(self) -> GateState:
        """Where consent stands."""
        return self._gate.state

    @property
    def language(self) -> str:
        """The language being spoken."""
        return self._talk.conversation.language if self._talk else self._offer.language

    def deadline(self) -> float | None:
        """When to send ``TimePassed`` if nothing happens before; ``None``: nothing to wait for."""
        return self._timers.earliest

    def receive(self, event: Event, now: float) -> list[Action]:
        """Take an event and return what is to be done, in order.

        Args:
            event: what happened.
            now: seconds of a monotonic clock; a step back is taken as no step.

        Raises:
            IllegalEvent: it cannot happen in this phase. Nothing has changed.
        """
        self._check(event)
        if self._phase is Phase.ENDED:
            return []
        self._now = max(now, self._now)
        return self._dispatch(event, self._now)

    def _check(self, event: Event) -> None:
        match event:
            case CallStarted(receipt=receipt):
                if self._phase is not Phase.CREATED:
                    raise IllegalEvent("a call starts once")
                if receipt is not None:
                    self._check_receipt(receipt)
            case CallerGone():
                return
            case _ if self._phase is Phase.CREATED:
                raise IllegalEvent("the call has not started")
            case KeyPressed(key=key) if len(key) != 1 or key not in "0123456789*#":
                raise IllegalEvent("no telephone has this key")
            case ConsentCommitted() | ConsentFailed() if self._phase is Phase.NOTICE:
                raise IllegalEvent("nobody asked the ledger")
            case ConsentCommitted(receipt=receipt):
                self._check_receipt(receipt)
            case _:
                return

    def _check_receipt(self, receipt: Receipt) -> None:
        if receipt.call_id != self._terms.call_id:
            raise IllegalEvent("the receipt belongs to another call")
        if not receipt.grants(Purpose.CONVERSATION):
            raise IllegalEvent("the receipt does not cover the conversation")

    def _dispatch(self, event: Event, now: float) -> list[Action]:  # noqa: PLR0911 (the machine's table: one arm an event)
        talk = self._talk
        match event:
            case CallStarted(receipt=receipt):
                return self._start(receipt, now)
            case MediaReceived(frame=frame):
                return self._media(frame, now)
            case KeyPressed(key=key):
                return [Observe(KeyPressedSeen(key)), *self._key(key, now)]
            case MarkReached(name=name):
                return self._mouth.mark(name, now)
            case SpeechReady(clip=clip, mulaw=mulaw, seconds=seconds):
                self._speech_faults = 0
                actions = self._mouth.ready(clip, mulaw, now)
                return actions + (talk.clock.answered(actions, seconds, now) if talk else [])
            case SpeechFailed(clip=clip):
                return self._speech_failed(*self._mouth.failed(clip, now), now)
            case ConsentCommitted(receipt=receipt):
                return self._converse(receipt, now) if self._awaits_ledger else []
            case ConsentFailed():
                return self._not_committed(now) if self._awaits_ledger else []
            case LinkAnswered(outcome=outcome):
                return self._link_answered(outcome, now)
            case TranscriptReady(take=take, transcript=transcript):
                return talk.transcribed(take, transcript, now) if talk else []
            case TranscriptFailed(take=take):
                return talk.transcribed(take, None, now) if talk else []
            case Understood(take=take, commands=commands):
                return talk.understood(take, commands, now) if talk else []
            case UnderstandingFailed(take=take):
                return talk.understood(take, None, now) if talk else []
            case CallerGone():
                return self._finish(Ending.CALLER_LEFT, now)
            case TimePassed():
                return self._time_passed(now)

    # -- beginning -----------------------------------------------------------------------------

    def _start(self, receipt: Receipt | None, now: float) -> list[Action]:
        self._started_at = now
        self._timers.set(Timer.LIMIT, now + self._terms.limit_s)
        if receipt is not None:
            return self._converse(receipt, now)
        return [*self._enter(Phase.NOTICE), *self._offer.begin(now)]

    @property
    def _awaits_ledger(self) -> bool:
        return self._phase is Phase.COMMITTING

    def accepted(self, key: str, now: float) -> list[Action]:
        """See ``Decided``: the gate stays shut until the ledger has written."""
        self._timers.set(Timer.COMMIT, now + self._terms.commit_s)
        commit = CommitConsent(key, self._offer.language, self._mouth.heard_ms)
        return [*self._enter(Phase.COMMITTING), commit]

    def declined(self, now: float) -> list[Action]:
        """See ``Decided``."""
        return self._hand_over("connecting_human", now)

    def undecided(self, now: float) -> list[Action]:
        """See ``Decided``."""
        if self._terms.can_hand_over:
            return self._hand_over("connecting_human", now)
        return self._close("no_choice_goodbye", now)

    def _not_committed(self, now: float) -> list[Action]:
        self._timers.cancel(Timer.COMMIT)
        return self._hand_over("ledger_failed_connecting", now)

    def _converse(self, receipt: Receipt, now: float) -> list[Action]:
        self._timers.cancel(Timer.COMMIT)
        self._gate.open(receipt)
        self._talk = Talk(
            terms=self._terms,
            hearing=self._hearing,
            mouth=self._mouth,
            timers=self._timers,
            engine=self._engine,
            conversation=Conversation(language=self._offer.language),
            leave=self._leave,
        )
        return [*self._enter(Phase.CONVERSING), *self._talk.begin(self._started_at, now)]

    # -- on the way ----------------------------------------------------------------------------

    def _media(self, frame: Frame, now: float) -> list[Action]:
        if self._talk is not None and self._phase is Phase.CONVERSING:
            return self._talk.media(frame, now)
        if not self._gate.is_open:
            self._gate.admit(frame)  # counts it as dropped
        return []

    def _key(self, key: str, now: float) -> list[Action]:
        if self._phase is Phase.NOTICE:
            return self._offer.key(key, now)
        if key == "*":
            return self._withdraw(now)
        if key == "0" and self._phase in {Phase.COMMITTING, Phase.CONVERSING, Phase.WITHDRAWN}:
            return [*self._silence(now), *self._hand_over("connecting_human", now)]
        if self._talk is None or self._phase is not Phase.CONVERSING:
            return []
        match key:
            case "#":
                return self._talk.interrupt((Repeat(),), now)
            case "1":
                return self._talk.interrupt((Affirm(),), now)
            case "2":
                return [*self._mouth.hush(now), SendLink(self.language)]
            case "3":
                return self._remark(self._script.full_notice(self.language), now)
            case "5":
                other = self._terms.next_language(self.language)
                return self._talk.interrupt((SwitchLanguage(other),), now)
            case _:
                return self._remark((self._script.line("key_without_meaning", self.language),), now)

    def _remark(self, lines: tuple[Line, ...], now: float) -> list[Action]:
        """Say something that is not the dialogue's, then listen again."""
        if self._talk is None:
            return []
        return [*self._mouth.hush(now), *self._mouth.say(lines, now, self._talk.listen)]

    def _link_answered(self, outcome: LinkOutcome, now: float) -> list[Action]:
        if self._phase is Phase.NOTICE:
            return self._offer.link_answered(outcome, now)
        if self._phase is Phase.CONVERSING:
            key = LINK_LINES_IN_CALL[outcome]
            return self._remark((self._script.line(key, self.language),), now)
        return []

    def _speech_failed(self, ours: bool, actions: list[Action], now: float) -> list[Action]:
        """A sentence is missing. When all are, the caller hears nothing: a human is better."""
        self._speech_faults += ours
        if self._speech_faults < _MOST_SPEECH_FAULTS:
            return actions
        return actions + self._finish(self._human_or_end, now)

    @property
    def _human_or_end(self) -> Ending:
        return Ending.HANDED_OVER if self._terms.can_hand_over else Ending.HUNG_UP

    def _time_passed(self, now: float) -> list[Action]:
        actions: list[Action] = []
        while self._phase is not Phase.ENDED and (due := self._timers.take_due(now)):
            actions += self._due(due, now)
        return actions

    def _due(self, timer: Timer, now: float) -> list[Action]:
        match timer:
            case Timer.KEY:
                if self._phase is Phase.NOTICE:
                    return self._offer.silence(now)
                return self._close("goodbye", now)
            case Timer.COMMIT:
                return self._not_committed(now)
            case Timer.SPEECH:
                return self._speech_failed(True, self._mouth.stalled(now), now)
            case Timer.MARK:
                return self._mouth.overdue(now)
            case Timer.LIMIT:
                return [*self._silence(now), *self._close("call_limit", now)]
            case Timer.NO_INPUT:
                return self._talk.no_input(now) if self._talk else []
            case Timer.THINKING:
                return self._talk.thought_too_long(now) if self._talk else []
            case Timer.LINE:
                return self._talk.line_is_silent(now) if self._talk else []

    # -- ending --------------------------------------------------------------------------------

    def _leave(self, reply: Reply, now: float) -> list[Action]:
        match reply.then:
            case Withdraw():
                return self._withdraw(now)
            case HandOver():
                return self._hand_over(reply.lines, now)
            case _:
                return self._close(reply.lines, now)

    def _silence(self, now: float) -> list[Action]:
        """Stop speaking and listening."""
        if self._talk is not None:
            self._talk.stop()
        return self._mouth.hush(now)

    def _withdraw(self, now: float) -> list[Action]:
        """Stop everything at once, record it, offer a human (C16).

        While a handover or a goodbye is being said nobody listens any more; it is said to its end.
        """
        leaves = self._phase in {Phase.COMMITTING, Phase.CONVERSING}
        if not leaves and not self._gate.is_open:
            return []
        self._gate.withdraw()
        self._hearing.forget()
        if not leaves:
            return [RecordWithdrawal()]
        self._timers.cancel(Timer.COMMIT)
        actions = [*self._silence(now), RecordWithdrawal(), *self._enter(Phase.WITHDRAWN)]
        if not self._terms.can_hand_over:
            return actions + self._close("withdrawn_goodbye", now)
        line = self._script.line("withdrawn_offer_human", self.language)
        return actions + self._mouth.say([line], now, self._await_key)

    def _await_key(self, now: float) -> list[Action]:
        self._timers.set(Timer.KEY, now + self._terms.key_s)
        return []

    def _hand_over(self, said: str | tuple[Line, ...], now: float) -> list[Action]:
        """Announce the human, then pass the call on; say so plainly when there is none."""
        if not self._terms.can_hand_over:
            return self._no_human(now)
        self._only_wait_for_words()
        end = partial(self._finish, Ending.HANDED_OVER)
        return [*self._enter(Phase.HANDING_OVER), *self._mouth.say(self._lines(said), now, end)]

    def _no_human(self, now: float) -> list[Action]:
        if self._phase is Phase.CONVERSING and self._talk is not None:
            line = self._script.line("human_unavailable_go_on", self.language)
            return self._remark((line,), now)
        return self._close("human_unavailable", now)

    def _close(self, said: str | tuple[Line, ...], now: float) -> list[Action]:
        """Say the last words; hang up when they have been heard."""
        self._only_wait_for_words()
        end = partial(self._finish, Ending.HUNG_UP)
        return [*self._enter(Phase.CLOSING), *self._mouth.say(self._lines(said), now, end)]

    def _only_wait_for_words(self) -> None:
        if self._talk is not None:
            self._talk.stop()
        self._timers.cancel(Timer.KEY, Timer.COMMIT, Timer.LIMIT)

    def _lines(self, said: str | tuple[Line, ...]) -> tuple[Line, ...]:
        return (self._script.line(said, self.language),) if isinstance(said, str) else said

    def _finish(self, ending: Ending, now: float) -> list[Action]:
        del now
        actions = self._enter(Phase.ENDED)
        self._hearing.forget()
        self._gate.expire()
        self._timers.cancel_all()
        return [*actions, Observe(CallEnded(ending)), Finish(ending, self.language)]

    def _enter(self, phase: Phase) -> list[Action]:
        self._phase = step(self._phase, phase)
        return [Observe(PhaseChanged(phase))]
