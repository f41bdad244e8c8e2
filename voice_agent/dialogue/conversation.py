"""What one conversation has come to so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.line import Line

HISTORY_LIMIT: Final = 60
"""Remembered utterances of both sides; more helps nobody and is personal data kept for nothing."""


class Speaker(StrEnum):
    """Who said something."""

    CALLER = "caller"
    AGENT = "agent"


class Question(StrEnum):
    """A question the agent has put and not had answered, besides those for a flow's slots."""

    CONNECT = "connect"
    """Shall I connect you with a person?"""
    ANYTHING_ELSE = "anything_else"
    """Is there anything else I can do for you?"""
    CONFIRM = "confirm"
    """Are these values right?"""
    CHANGE = "change"
    """What is to be changed?"""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that was said and heard.

    Attributes:
        speaker: who said it.
        text: the words.
    """

    speaker: Speaker
    text: str

    def __repr__(self) -> str:
        return f"Heard({self.speaker.value}, <personal>)"


@dataclass(frozen=True, slots=True)
class Conversation:
    """State of one conversation; every change makes a new one.

    Attributes:
        language: ISO 639-1 code of what is spoken now.
        rate: speed of the agent's speech, 1.0 is the voice's own.
        turns: how often the caller has had a say.
        misunderstandings: how often in a row the caller was not understood.
        frustration: signs that the caller has had enough; they are not taken back.
        silences: how often in a row the caller said nothing.
        waiting: the caller asked for a moment.
        question: the open question: a ``Question``, the slot a flow asks for, or ``None``.
        flows: what has begun and is not over; the last one is being talked about.
        outbound: we made the call.
        done: flows that come before others, and that the caller has been through in this call.
        own: values the caller gave and tools told in this call, in every way they can be said.
        last: what the agent said last and would repeat.
        history: what was really heard by either side, oldest first, at most ``HISTORY_LIMIT``.
    """

    language: str = "de"
    rate: float = 1.0
    turns: int = 0
    misunderstandings: int = 0
    frustration: int = 0
    silences: int = 0
    waiting: bool = False
    question: str | None = None
    flows: tuple[FlowState, ...] = ()
    outbound: bool = False
    done: frozenset[str] = frozenset()
    own: frozenset[str] = field(default=frozenset(), repr=False)
    last: tuple[Line, ...] = field(default=(), repr=False)
    history: tuple[Heard, ...] = field(default=(), repr=False)

    def strained(self) -> Conversation:
        """With one more sign that the caller has had enough."""
        return replace(self, frustration=self.frustration + 1)

    def settled(self) -> Conversation:
        """Without anything open: what comes next begins afresh."""
        return replace(
            self, question=None, flows=(), misunderstandings=0, silences=0, waiting=False
        )

    def caller_said(self, text: str) -> Conversation:
        """Remember what the recogniser heard."""
        return self._remember(Heard(Speaker.CALLER, text))

    def agent_said(self, text: str) -> Conversation:
        """Remember what the caller heard of the agent; what was cut off was not said."""
        return self._remember(Heard(Speaker.AGENT, text))

    def _remember(self, heard: Heard) -> Conversation:
        return replace(self, history=(*self.history, heard)[-HISTORY_LIMIT:])
