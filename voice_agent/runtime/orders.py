"""What an operator asks of a call, carried out or refused as the call stands (C22, C25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voice_agent.call.control import ControlState
from voice_agent.call.events import (
    Event,
    OperatorCame,
    OperatorEnded,
    OperatorGaveBack,
    OperatorHeld,
    OperatorKeyed,
    OperatorLeft,
    OperatorSaid,
    OperatorSuggested,
    OperatorTransferred,
)
from voice_agent.live.command import Answer, Command, Outcome, Verb
from voice_agent.live.snapshot import WAITING, Standing
from voice_agent.runtime.live_call import LiveCall

HOLDERS: Final = {
    Verb.GIVE_BACK: frozenset(ControlState),
    Verb.GONE: frozenset(ControlState),
    Verb.SAY: frozenset({ControlState.ANNOUNCING, ControlState.TALKING}),
    Verb.TONES: frozenset({ControlState.TALKING}),
    Verb.HOLD: frozenset({ControlState.TALKING}),
    Verb.RESUME: frozenset({ControlState.HOLDING}),
    Verb.TRANSFER: frozenset(ControlState),
    Verb.END: frozenset(ControlState),
}
"""What whoever holds a call may ask, and how far they must be."""

AGENTS: Final = frozenset({Verb.TAKE_OVER, Verb.SAY, Verb.SUGGEST, Verb.TRANSFER})
"""What may be asked of a call that the agent holds and that can be taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Carries out commands.

    Attributes:
        may_dial: whether a number may be dialled, E.164; of the company's own: the empty text.
        erase: begins to erase a call, by the carrier's identifier.
    """

    may_dial: Callable[[str], bool]
    erase: Callable[[str], None]

    def obey(self, command: Command, call: LiveCall) -> Answer:
        """Post what a command asks for, and say what became of it.

        Of two operators who press at once the first to come here wins: a call has one inbox.
        """
        holder = call.control.holder
        match command.verb:
            case Verb.LISTEN | Verb.LEAVE:
                return self._listen(command, call)
            case Verb.GONE if holder != command.operator:
                call.listens(command.operator, on=False)
                return Answer(Outcome.DONE, holder)
            case Verb.ERASE:
                self.erase(call.call_id)
            case Verb.END if command.senior:
                pass
            case _ if holder and holder != command.operator:
                return Answer(Outcome.TAKEN, holder)
            case Verb.TAKE_OVER if holder:
                return Answer(Outcome.DONE, holder)  # it is theirs already
            case Verb.TRANSFER if not self.may_dial(command.text):
                return Answer(Outcome.REFUSED, holder)
            case verb if not _fits(verb, call):
                given = holder or call.snapshot.consent == Standing.GIVEN
                needs_consent = verb in AGENTS
                outcome = Outcome.NOT_NOW if given or not needs_consent else Outcome.NO_CONSENT
                return Answer(outcome, holder)
            case _:
                pass
        call.post(_event(command))
        return Answer(Outcome.DONE, call.control.holder)

    def _listen(self, command: Command, call: LiveCall) -> Answer:
        holder = call.control.holder
        on = command.verb is Verb.LISTEN
        if on and holder in {"", command.operator}:
            return Answer(Outcome.NOT_NOW, holder)
        call.listens(command.operator, on=on)
        return Answer(Outcome.DONE, holder)


def _fits(verb: Verb, call: LiveCall) -> bool:
    """True if the call does something when it is asked this now."""
    control = call.control
    if control.holder:
        return control.state in HOLDERS.get(verb, frozenset())
    waits = call.snapshot.phase == WAITING
    return verb in AGENTS and control.can_take and not (waits and verb is Verb.SUGGEST)


def _event(command: Command) -> Event:
    match command.verb:
        case Verb.TAKE_OVER:
            return OperatorCame(command.operator, command.name)
        case Verb.GIVE_BACK:
            return OperatorGaveBack(command.text)
        case Verb.SAY:
            return OperatorSaid(command.text)
        case Verb.SUGGEST:
            return OperatorSuggested(command.text)
        case Verb.TONES:
            return OperatorKeyed(command.text)
        case Verb.HOLD | Verb.RESUME:
            return OperatorHeld(on=command.verb is Verb.HOLD)
        case Verb.TRANSFER:
            return OperatorTransferred(command.text or None)
        case Verb.GONE:
            return OperatorLeft()
        case Verb.END | Verb.ERASE | Verb.LISTEN | Verb.LEAVE:
            return OperatorEnded()
