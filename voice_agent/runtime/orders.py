"""What an operator asks of a call, carried out or refused as the call stands (C22, C25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

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
from voice_agent.live.snapshot import Standing
from voice_agent.runtime.live_call import LiveCall

HOLDERS: Final = frozenset(
    {Verb.GIVE_BACK, Verb.TONES, Verb.HOLD, Verb.RESUME, Verb.GONE, Verb.TAKE_OVER}
)
"""What only whoever holds the call may ask, or with the last one, come to hold it."""


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
            case Verb.ERASE:
                self.erase(call.call_id)
                call.post(OperatorEnded())
                return Answer(Outcome.DONE, holder)
            case Verb.END:
                call.post(OperatorEnded())
                return Answer(Outcome.DONE, holder)
            case Verb.LISTEN | Verb.LEAVE:
                return self._listen(command, call)
            case Verb.GONE if holder != command.operator:
                call.listens(command.operator, on=False)
                return Answer(Outcome.DONE, holder)
            case _ if holder and holder != command.operator:
                return Answer(Outcome.TAKEN, holder)
            case verb if not holder and verb in HOLDERS - {Verb.TAKE_OVER}:
                return Answer(Outcome.NOT_NOW)
            case Verb.TAKE_OVER if holder:
                return Answer(Outcome.DONE, holder)  # it is theirs already
            case Verb.TRANSFER if not self.may_dial(command.text):
                return Answer(Outcome.REFUSED, holder)
            case _ if not holder and not call.control.can_take:
                given = call.snapshot.consent == Standing.GIVEN
                return Answer(Outcome.NOT_NOW if given else Outcome.NO_CONSENT)
            case _:
                call.post(_event(command))
                return Answer(Outcome.DONE, call.control.holder)

    def _listen(self, command: Command, call: LiveCall) -> Answer:
        holder = call.control.holder
        on = command.verb is Verb.LISTEN
        if on and holder in {"", command.operator}:
            return Answer(Outcome.NOT_NOW, holder)
        call.listens(command.operator, on=on)
        return Answer(Outcome.DONE, holder)


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
