"""Who speaks for us: the agent, or an operator whom the caller has been told of (C22).

The operator hears the caller, and the caller the operator, from the moment the announcement has
been heard; what either says before that goes nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from consent.gate import ConsentGate
from voice_agent.audio.frame import Frame
from voice_agent.audio.tones import key_tones
from voice_agent.call.actions import Action, Observe, PassOn
from voice_agent.call.mouth import Mouth
from voice_agent.call.ports import Script
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.line import Line, Personal
from voice_agent.dialogue.outgoing import OPERATOR
from voice_agent.live.observation import ControlChanged


class ControlState(StrEnum):
    """Who speaks for us."""

    AGENT = "agent"
    ANNOUNCING = "announcing"
    """An operator has come; the caller is being told."""
    TALKING = "talking"
    """The operator and the caller hear each other."""
    HOLDING = "holding"
    """They do not: music plays."""


@dataclass(frozen=True, slots=True)
class ControlView:
    """Who speaks for us, as others may see it.

    Attributes:
        state: who, and how far they are.
        holder: the operator's account; empty while the agent speaks.
        can_take: an operator may take the call over now.
    """

    state: ControlState
    holder: str
    can_take: bool


@dataclass(slots=True, kw_only=True)
class Control:
    """The operator on a call, from the announcement to their leaving.

    Attributes:
        terms: the call's terms.
        script: the lines around the conversation.
        gate: the call's consent.
        mouth: the call's mouth.
        state: who speaks.
        holder: the operator's account; empty while the agent speaks.
    """

    terms: CallTerms
    script: Script
    gate: ConsentGate
    mouth: Mouth
    state: ControlState = field(default=ControlState.AGENT, init=False)
    holder: str = field(default="", init=False)
    _left_out: int = field(default=0, init=False)
    _named: bool = field(default=False, init=False)

    def take(self, operator: str, name: str, language: str, now: float) -> list[Action]:
        """Announce an operator. What was being said has been stopped before."""
        self.holder = operator
        self._named = bool(name.strip())
        actions = self._become(ControlState.ANNOUNCING)
        if not self._named:
            return actions + self._announce("operator_speaks_unnamed", language, now)
        return actions + self._announce("operator_speaks", language, now, name=Personal(name))

    def settle(self, language: str, now: float) -> list[Action]:
        """Go on when everything said or played has been heard."""
        match self.state:
            case ControlState.HOLDING if self.terms.music and self.mouth.runs_out:
                return self.mouth.play(self.terms.music, now)
            case _ if self.mouth.is_busy:
                return []
            case ControlState.ANNOUNCING if self.mouth.left_out == self._left_out:
                return self._become(ControlState.TALKING)
            case ControlState.ANNOUNCING if self._named:  # the name could not be spoken
                self._named = False
                return self._announce("operator_speaks_unnamed", language, now)
            case _:
                return []

    @property
    def is_unheard(self) -> bool:
        """True if the announcement cannot be spoken: nobody may take over then."""
        said = self.mouth.is_busy or self.mouth.left_out == self._left_out
        return self.state is ControlState.ANNOUNCING and not self._named and not said

    def hear(self, piece: Frame) -> list[Action]:
        """The caller's voice, to the operators."""
        if self.state is not ControlState.TALKING:
            return []
        sealed = self.gate.admit(piece)
        return [] if sealed is None else [PassOn(sealed)]

    def speak(self, mulaw: bytes, now: float) -> list[Action]:
        """The operator's voice, to the caller."""
        if self.state is not ControlState.TALKING or not mulaw:
            return []
        return self.mouth.let_through(mulaw, now)

    def say(self, text: str, language: str, now: float) -> list[Action]:
        """What the operator typed, by the agent's voice."""
        if self.state is not ControlState.TALKING:
            return []
        return self.mouth.say((Line(OPERATOR, text, language, personal=True),), now)

    def press(self, keys: str, now: float) -> list[Action]:
        """Tones of keys, to the caller."""
        return self.speak(key_tones(keys), now)

    def hold(self, on: bool, now: float) -> list[Action]:
        """Have the caller wait with music, or go on."""
        if on and self.state is ControlState.TALKING:
            return [*self.mouth.hush(now), *self._become(ControlState.HOLDING)]
        if not on and self.state is ControlState.HOLDING:
            return [*self.mouth.hush(now), *self._become(ControlState.TALKING)]
        return []

    def release(self) -> list[Action]:
        """The agent speaks again, or nobody does."""
        if self.state is ControlState.AGENT:
            return []
        self.holder = ""
        return self._become(ControlState.AGENT)

    def _become(self, state: ControlState) -> list[Action]:
        self.state = state
        return [Observe(ControlChanged(state.value, self.holder))]

    def _announce(self, key: str, language: str, now: float, **values: Personal) -> list[Action]:
        self._left_out = self.mouth.left_out
        return self.mouth.say((self.script.line(key, language, **values),), now)
