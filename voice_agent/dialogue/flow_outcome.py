"""What goes into the flows besides words, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass

from voice_agent.dialogue.flow import Kind
from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.reply import HandoverReason
from voice_agent.dialogue.tool import ToolRequest


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of the conversation beside its flows.

    Attributes:
        language: ISO 639-1 code of what is spoken.
        question: the open question, if the caller has heard it.
        number: counts the caller's turns.
        done: flows that come before others and need not be gone through any more.
        outbound: we made the call.
    """

    language: str
    question: str | None
    number: int
    done: frozenset[str] = frozenset()
    outbound: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the flows stand now.

    Attributes:
        stack: what has begun and is not over.
        lines: what is said.
        question: the question that is open afterwards.
        request: what is to be done, or ``None``.
        handover: why a person takes over, or ``None``.
        is_over: the call ends when the lines were heard.
        done: flows that come before others, as far as this added to them.
    """

    stack: tuple[FlowState, ...]
    lines: tuple[Line, ...] = ()
    question: str | None = None
    request: ToolRequest | None = None
    handover: HandoverReason | None = None
    is_over: bool = False
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """The open question, for whoever reads its answer out of words.

    Attributes:
        slot: the slot, or the ``Question``.
        kind: the kind of value that answers it, ``yes_no``, or ``None`` for anything.
        options: what was offered, as it was said, in order.
        numbered: the options were offered by the keys 1, 2, 3 ... as well.
        is_typed: a value can be typed on the telephone's keys.
        most: digits of the longest value that can be typed, if that is known.
    """

    slot: str
    kind: str | None
    options: tuple[str, ...] = ()
    numbered: bool = False
    is_typed: bool = False
    most: int | None = None

    @property
    def is_secret(self) -> bool:
        """True if what is said to it is shown to nobody and not remembered."""
        return self.kind == Kind.SECRET
