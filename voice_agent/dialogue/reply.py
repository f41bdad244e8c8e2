"""What the engine answers: the conversation as it is now, what to say, what to do then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.tool import ToolRequest


class HandoverReason(StrEnum):
    """Why a person takes over; for metrics and the operator's screen."""

    ASKED = "asked"
    """The caller asked for a person, in words or by key."""
    OFFER_ACCEPTED = "offer_accepted"
    """The agent offered it."""
    NOT_UNDERSTOOD = "not_understood"
    """The agent did not understand twice in a row."""
    TECHNICAL = "technical"
    """Something failed twice in a row."""
    FRUSTRATED = "frustrated"
    """The caller has had enough."""
    FLOW = "flow"
    """What the caller wants done is done by a person."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen; a silence is answered after the usual time."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Listen patiently: the caller asked for a moment.

    Attributes:
        seconds: how long a silence is left alone.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class HandOver:
    """Connect the caller with a person, after the lines were heard."""

    reason: HandoverReason


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call, after the lines were heard."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Stop listening at once (rule C16); the lines offer a person."""


@dataclass(frozen=True, slots=True)
class Act:
    """Have something done, then give the answer to ``Engine.answered``.

    It begins at once; what the caller says meanwhile is answered as usual.
    """

    request: ToolRequest


Then = Listen | Wait | HandOver | HangUp | Withdraw | Act


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the engine.

    Attributes:
        conversation: to be kept in place of the one the engine was given.
        lines: to be said, in order, at ``conversation.rate``; may be empty.
        then: what follows.
        begun: what a handover leaves open, for the person, and should the caller come back.
        asks: the line among them that puts the open question, if one is put anew.
        sends_link: the privacy link is to be sent by text message as well.
    """

    conversation: Conversation
    lines: tuple[Line, ...]
    then: Then
    sends_link: bool = False
    asks: Line | None = None
    begun: tuple[FlowState, ...] = ()
