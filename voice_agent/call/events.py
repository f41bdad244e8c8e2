"""Everything that can happen to a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from consent.receipt import Receipt
from voice_agent.audio.frame import Frame
from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.tool import ToolAnswer
from voice_agent.speech.ports import Transcript


@dataclass(frozen=True, slots=True, order=True)
class Take:
    """One attempt to transcribe one turn; speech that resumes makes the attempt stale.

    Attributes:
        turn: number of the caller's turn in this call, from 1.
        number: number of the pause within the turn, from 1.
    """

    turn: int
    number: int


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The media stream runs. With a receipt the caller accepted before (mode ``keypad``)."""

    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class MediaReceived:
    """Audio from the caller."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a key: one of ``0123456789*#``."""

    key: str


@dataclass(frozen=True, slots=True)
class MarkReached:
    """The carrier sent a mark back: heard to here, or cleared."""

    name: str


@dataclass(frozen=True, slots=True)
class ConsentCommitted:
    """The ledger made the acceptance durable."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class ConsentFailed:
    """The ledger could not; the caller is not heard (C4)."""


@dataclass(frozen=True, slots=True)
class TranscriptReady:
    """The recogniser answered."""

    take: Take
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class TranscriptFailed:
    """The recogniser failed on this take."""

    take: Take


@dataclass(frozen=True, slots=True)
class EndOfTurnJudged:
    """How a turn that paused sounded.

    Attributes:
        take: the pause.
        probability: how likely the turn is over, 0 to 1; ``None`` if the judge failed.
    """

    take: Take
    probability: float | None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a turn means; no commands: not understood."""

    take: Take
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class UnderstandingFailed:
    """The understander failed on this turn."""

    take: Take


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """What came of something that was asked for; it never stays out, whatever went wrong."""

    answer: ToolAnswer


@dataclass(frozen=True, slots=True)
class SpeechReady:
    """The synthesiser spoke one clip.

    Attributes:
        clip: the clip's name.
        mulaw: its audio, mu-law 8 kHz.
        seconds: time the synthesis took; 0 from the cache.
    """

    clip: str
    mulaw: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    """The synthesiser failed on this clip."""

    clip: str


class LinkOutcome(StrEnum):
    """What became of the text message with the privacy link."""

    SENT = "sent"
    ALREADY_SENT = "already_sent"
    NO_NUMBER = "no_number"
    """The caller's number is withheld."""
    UNREACHABLE = "unreachable"
    """This number cannot get text messages."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LinkAnswered:
    """The message with the link was sent, or not."""

    outcome: LinkOutcome


@dataclass(frozen=True, slots=True)
class WithdrawnElsewhere:
    """The consent was withdrawn beside the call, for example through the link, and is recorded."""


@dataclass(frozen=True, slots=True)
class OperatorCame:
    """An operator takes the call over; their voice is heard once the caller has heard who comes.

    Attributes:
        operator: their account.
        name: what they are called when they are announced.
    """

    operator: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OperatorSpoke:
    """Audio from the operator who holds the call, mu-law 8 kHz."""

    mulaw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OperatorSaid:
    """A sentence typed by an operator, to be spoken by the agent's voice."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OperatorSuggested:
    """What the caller wants, as an operator who reads along understood it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OperatorKeyed:
    """Keys of ``0123456789*#`` whose tones the caller's side is to hear."""

    keys: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OperatorHeld:
    """The operator has the caller wait with music, or goes on with them."""

    on: bool


@dataclass(frozen=True, slots=True)
class OperatorGaveBack:
    """The agent goes on.

    Attributes:
        agreed: what the operator and the caller agreed on, in one line; may be empty.
    """

    agreed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OperatorLeft:
    """The operator is gone without giving back: their network, or their page was closed."""


@dataclass(frozen=True, slots=True)
class OperatorTransferred:
    """The call goes to another telephone.

    Attributes:
        number: E.164; ``None``: the company's own.
    """

    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OperatorEnded:
    """The call is to end politely."""


@dataclass(frozen=True, slots=True)
class DutyChanged:
    """How many operators there are; none until this is told.

    Attributes:
        free: those who can take a call now.
        on_duty: all who are there, whether free or not; ``None``: as many as are free.
    """

    free: int
    on_duty: int | None = None

    @property
    def there(self) -> int:
        """All who are there."""
        return self.free if self.on_duty is None else self.on_duty


@dataclass(frozen=True, slots=True)
class QueueMoved:
    """The caller's place among those who wait for an operator, from 1."""

    place: int


@dataclass(frozen=True, slots=True)
class CallbackNoted:
    """The callback the caller asked for by key is noted, or could not be."""

    noted: bool


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The stream stopped or its socket closed, whichever came first."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing happened but time: the deadline was reached."""


ConversationEvent = (
    MediaReceived
    | TranscriptReady
    | TranscriptFailed
    | EndOfTurnJudged
    | Understood
    | UnderstandingFailed
    | ToolAnswered
)
"""What only a conversation has a use for."""

OperatorEvent = (
    OperatorCame
    | OperatorSpoke
    | OperatorSaid
    | OperatorSuggested
    | OperatorKeyed
    | OperatorHeld
    | OperatorGaveBack
    | OperatorLeft
    | OperatorTransferred
    | OperatorEnded
    | DutyChanged
    | QueueMoved
    | CallbackNoted
)
"""What operators do, and what is known of them."""

Event = (
    ConversationEvent
    | OperatorEvent
    | CallStarted
    | KeyPressed
    | MarkReached
    | ConsentCommitted
    | ConsentFailed
    | SpeechReady
    | SpeechFailed
    | LinkAnswered
    | WithdrawnElsewhere
    | CallerGone
    | TimePassed
)
