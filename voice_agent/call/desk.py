"""What operators do with a call: take it, talk, give it back, pass it on; and who waits for them.

An event that makes no sense as the call stands comes too late and is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from voice_agent.call.actions import Action, Observe
from voice_agent.call.control import Control, ControlState, ControlView
from voice_agent.call.events import (
    CallbackNoted,
    DutyChanged,
    OperatorCame,
    OperatorEnded,
    OperatorEvent,
    OperatorGaveBack,
    OperatorHeld,
    OperatorKeyed,
    OperatorLeft,
    OperatorSaid,
    OperatorSpoke,
    OperatorSuggested,
    OperatorTransferred,
    QueueMoved,
)
from voice_agent.call.leaving import Leaving
from voice_agent.call.mouth import Mouth
from voice_agent.call.phase import Phase
from voice_agent.call.ports import Script
from voice_agent.call.progress import Progress
from voice_agent.call.talk import Talk
from voice_agent.call.terms import CallTerms
from voice_agent.call.waiting import Waiting
from voice_agent.dialogue.line import Line, Personal
from voice_agent.dialogue.outgoing import OPERATOR
from voice_agent.dialogue.reply import HandoverReason
from voice_agent.live.observation import HandoverAsked

_LISTENED: tuple[Phase, ...] = (Phase.CONVERSING, Phase.WAITING, Phase.OPERATED)
_ENDED: tuple[Phase, ...] = (Phase.NOTICE, Phase.COMMITTING, *_LISTENED)
"""Phases in which an operator's wish to end the call changes anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The operators' side of a call.

    Attributes:
        terms: the call's terms.
        script: the lines around the conversation.
        progress: the call's phase.
        mouth: the call's mouth.
        talk: the conversation.
        leaving: the ways out of the call.
        control: who speaks for us.
        waiting: the caller who waits for an operator.
    """

    terms: CallTerms
    script: Script
    progress: Progress
    mouth: Mouth
    talk: Talk
    leaving: Leaving
    control: Control
    waiting: Waiting

    @property
    def view(self) -> ControlView:
        """Who speaks for us, and whether an operator may take over."""
        can_take = self.progress.phase in {Phase.CONVERSING, Phase.WAITING}
        return ControlView(self.control.state, self.control.holder, can_take)

    def receive(self, event: OperatorEvent, now: float) -> list[Action]:
        """Take an event of the operators'."""
        match self.progress.phase, event:
            case _, DutyChanged(free=free, there=there):
                return self.waiting.on_duty(free, there, now)
            case ((Phase.CONVERSING | Phase.WAITING), OperatorCame(operator=operator, name=name)):
                return self._take(operator, name, now)
            case Phase.CONVERSING, OperatorSaid(text=text):
                return self.talk.remark((self._typed(text),), now)
            case Phase.WAITING, OperatorSaid(text=text):
                return self.waiting.say((self._typed(text),), now)
            case Phase.CONVERSING, OperatorSuggested(text=text):
                self.talk.suggest(text)
                return []
            case Phase.WAITING, QueueMoved(place=place):
                return self.waiting.moved(place, now)
            case Phase.WAITING, CallbackNoted(noted=noted):
                return self.waiting.noted(noted, now)
            case phase, OperatorTransferred(number=number) if phase in _LISTENED:
                return self._transfer(number, now)
            case phase, OperatorEnded() if phase in _ENDED:
                return self._out(lambda: self.leaving.close("goodbye", now), now)
            case Phase.OPERATED, _:
                return self._operated(event, now)
            case _:
                return []

    def settle(self, now: float) -> list[Action]:
        """What follows from where the call stands now, whatever led here."""
        phase, actions = self.progress.phase, list[Action]()
        if phase is not Phase.OPERATED:
            actions += self.control.release()
        if phase is not Phase.WAITING:
            actions += self.waiting.leave()
        match phase:
            case Phase.OPERATED if self.control.is_unheard:
                return actions + self._lost(now)
            case Phase.OPERATED:
                return actions + self.control.settle(self._language, now)
            case Phase.WAITING:
                return actions + self.waiting.settle(now)
            case Phase.ENDED:
                return []
            case _:
                return actions

    def _operated(self, event: OperatorEvent, now: float) -> list[Action]:
        match event:
            case OperatorSpoke(mulaw=mulaw):
                return self.control.speak(mulaw, now)
            case OperatorSaid(text=text):
                return self.control.say(text, self._language, now)
            case OperatorKeyed(keys=keys):
                return self.control.press(keys, now)
            case OperatorHeld(on=on):
                return self.control.hold(on, now)
            case OperatorGaveBack(agreed=agreed):
                return self._give_back(agreed, now)
            case OperatorLeft():
                return self._lost(now)
            case _:
                return []

    def _take(self, operator: str, name: str, now: float) -> list[Action]:
        def take() -> list[Action]:
            actions = self.progress.enter(Phase.OPERATED)
            return actions + self.control.take(operator, name, self._language, now)

        return self._out(take, now)

    def _out(self, way: Callable[[], list[Action]], now: float) -> list[Action]:
        """Leave where the call stands, unless the words just before were a withdrawal."""
        before = self.progress.phase
        actions = self._stop(now)
        return actions + way() if self.progress.phase is before else actions

    def _stop(self, now: float) -> list[Action]:
        """Whatever is being said or recognised gives way."""
        if self.progress.phase is Phase.CONVERSING:
            actions = self.talk.give_way(now)
            self.talk.pause()
            return actions
        if self.control.state is ControlState.TALKING:  # what the operator said is heard out
            return []
        return self.mouth.hush(now)

    def _give_back(self, agreed: str, now: float) -> list[Action]:
        actions = [*self._stop(now), *self.progress.enter(Phase.CONVERSING)]
        words = agreed.strip().rstrip(".!?").rstrip()
        lines: tuple[Line, ...] = ()
        if words:
            values = {"agreed": Personal(words)}
            line = self.script.line("operator_agreed", self._language, **values)
            lines = (replace(line, key=OPERATOR),)
        return actions + self.talk.resume(lines, now)

    def _lost(self, now: float) -> list[Action]:
        """The operator is gone: the caller is told who speaks and what happened, and goes on."""
        actions = self.mouth.hush(now)
        lost = self.script.line("operator_lost", self._language)
        if not self.waiting.free:
            actions += self.progress.enter(Phase.CONVERSING)
            return actions + self.talk.resume((lost,), now)
        actions.append(Observe(HandoverAsked(HandoverReason.TECHNICAL.value)))
        again = self.script.line("resumed", self._language)
        return actions + self.waiting.begin((again, lost), now)

    def _transfer(self, number: str | None, now: float) -> list[Action]:
        if number is None and not self.terms.can_hand_over:
            return []
        return self._out(lambda: self.leaving.transfer(number, now), now)

    def _typed(self, text: str) -> Line:
        return Line(OPERATOR, text, self._language, personal=True)

    @property
    def _language(self) -> str:
        return self.talk.conversation.language
