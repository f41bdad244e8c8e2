"""What a simulated call tells while it runs. Times are seconds since the call began."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class _Told:
    """Gives a report its dictionary form, ``{"type": ..., ...}`` with stable names."""

    type: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the stable dictionary form."""
        return {"type": self.type, **asdict(self)}


@dataclass(frozen=True, slots=True)
class NoticeHeard(_Told):
    """A recording the carrier played before or between streams.

    Attributes:
        at: when it began.
        seconds: how much of it was heard.
        complete: whether that is all of it.
    """

    type: ClassVar[str] = "notice"

    at: float
    seconds: float
    complete: bool


@dataclass(frozen=True, slots=True)
class KeyPressed(_Told):
    """The caller pressed a key."""

    type: ClassVar[str] = "key"

    at: float
    key: str


@dataclass(frozen=True, slots=True)
class StreamOpened(_Told):
    """The media stream runs."""

    type: ClassVar[str] = "stream"

    at: float


@dataclass(frozen=True, slots=True)
class CallerSpoke(_Told):
    """The caller finished an utterance.

    Attributes:
        at: when its first sound began.
        seconds: from its first to its last sound.
        name: what the script calls it.
    """

    type: ClassVar[str] = "said"

    at: float
    seconds: float
    name: str


@dataclass(frozen=True, slots=True)
class AgentSpoke(_Told):
    """The caller heard the agent out.

    Attributes:
        at: when the agent began to be heard.
        seconds: until it had finished, pauses included.
    """

    type: ClassVar[str] = "heard"

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TurnMeasured(_Told):
    """One turn, measured on the audio itself.

    Attributes:
        turn: number, from 1.
        name: the utterance.
        seconds: voice to voice: from the end of the caller's last sound to the agent's first
            sound as heard; ``None`` when nothing was heard.
        overlap_seconds: how long both were heard at once while the caller spoke.
    """

    type: ClassVar[str] = "turn"

    turn: int
    name: str
    seconds: float | None
    overlap_seconds: float


@dataclass(frozen=True, slots=True)
class HandedOver(_Told):
    """The carrier was told to connect the caller with a number."""

    type: ClassVar[str] = "handover"

    at: float
    number: str


class EndReason(StrEnum):
    """Why a call ended."""

    CALLER_HUNG_UP = "caller_hung_up"
    LINE_BROKE = "line_broke"
    AGENT_HUNG_UP = "agent_hung_up"
    HANDED_OVER = "handed_over"
    NOTHING_LEFT = "nothing_left"
    """The document had no further verb: the carrier hangs up."""
    TOO_LONG = "too_long"
    """More documents or time than any call needs."""


@dataclass(frozen=True, slots=True)
class Ended(_Told):
    """The call is over.

    Attributes:
        seconds: how long it was.
        reason: why it ended.
        lag: by how much the worst frame was late, seconds; above 0.02 this machine was too busy
            for the figures to be trusted.
    """

    type: ClassVar[str] = "end"

    seconds: float
    reason: EndReason
    lag: float


Report = (
    NoticeHeard
    | KeyPressed
    | StreamOpened
    | CallerSpoke
    | AgentSpoke
    | TurnMeasured
    | HandedOver
    | Ended
)
