"""Who speaks for us: the agent, or an operator whom the caller has been told of (C22).

The operator hears the caller, and the caller the operator, from the moment the announcement has
been heard; what either says before that goes nowhere. Only its mark shows that: the line may be
slower than the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

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

_MOST_KEPT: Final = 5
"""Sentences an operator may type before the caller has heard who speaks."""


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
    _unproven: int = field(default=0, init=False)
    _again: bool = field(default=False, init=False)
    _kept: tuple[Line, ...] = field(default=(), init=False, repr=False)

    def take(self, operator: str, name: str, language: str, now: float) -> list[Action]:
        """Announce an operator. What was being said has been stopped before."""
        self.holder = operator
        self._again = False
        actions = self._become(ControlState.ANNOUNCING)
        if not name.strip():
            return actions + self._announce("operator_speaks_unnamed", language, now)
        return actions + self._announce("operator_speaks", language, now, name=Personal(name))

    def settle(self, language: str, now: float) -> list[Action]:
        """Go on when everything said or played has been heard."""
        match self.state:
            case ControlState.HOLDING if self.terms.music and self.mouth.runs_out:
                return self.mouth.play(self.terms.music, now)
            case _ if self.mouth.is_busy:
                return []
            case ControlState.ANNOUNCING if self._is_proven:
                kept, self._kept = self._kept, ()
                return self._become(ControlState.TALKING) + self.mouth.say(kept, now)
            case ControlState.ANNOUNCING if not self._again:  # perhaps it was the name
                self._again = True
                return self._announce("operator_speaks_unnamed", language, now)
            case _:
                return []

    @property
    def is_unheard(self) -> bool:
        """True if nothing shows that the announcement was heard: nobody may take over then."""
        over = self._again and not self.mouth.is_busy
        return self.state is ControlState.ANNOUNCING and over and not self._is_proven

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
        """What the operator typed, by the agent's voice; after the announcement if it goes on."""
        line = Line(OPERATOR, text, language, personal=True)
        if self.state is ControlState.ANNOUNCING:
            self._kept = (*self._kept, line)[:_MOST_KEPT]
        if self.state is not ControlState.TALKING:
            return []
        return self.mouth.say((line,), now)

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
        self.holder, self._kept = "", ()
        return self._become(ControlState.AGENT)

    @property
    def _is_proven(self) -> bool:
        return self.mouth.unproven == self._unproven

    def _become(self, state: ControlState) -> list[Action]:
        self.state = state
        return [Observe(ControlChanged(state.value, self.holder))]

    def _announce(self, key: str, language: str, now: float, **values: Personal) -> list[Action]:
        self._unproven = self.mouth.unproven
        return self.mouth.say((self.script.line(key, language, **values),), now)
