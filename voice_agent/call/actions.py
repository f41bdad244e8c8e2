"""Everything a call may ask the world to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from consent.receipt import Means
from consent.sealed import Consented
from voice_agent.audio.frame import Frame, Utterance
from voice_agent.call.events import Take
from voice_agent.dialogue.tool import ToolRequest
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.live.observation import Observation


@dataclass(frozen=True, slots=True)
class CommitConsent:
    """Make the acceptance durable; answered by ``ConsentCommitted`` or ``ConsentFailed``.

    Attributes:
        key: the key that accepted.
        language: language of the notice as it was heard.
        heard_ms: milliseconds of notice played before the key.
    """

    key: str
    language: str
    heard_ms: int


@dataclass(frozen=True, slots=True)
class RecordWithdrawal:
    """Make the withdrawal durable. The call has stopped listening already.

    Attributes:
        means: how the caller withdrew.
    """

    means: Means = Means.KEY


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Recognise; answered by ``TranscriptReady`` or ``TranscriptFailed``.

    Attributes:
        take: the pause it ends in.
        utterance: the turn so far.
        language: language it is spoken in.
        expected: words the caller is likely to say now; see ``Recogniser``.
    """

    take: Take
    utterance: Consented[Utterance]
    language: str
    expected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgeEndOfTurn:
    """Say whether the turn sounds finished; answered by ``EndOfTurnJudged``, or never."""

    take: Take
    utterance: Consented[Utterance]
    language: str


@dataclass(frozen=True, slots=True)
class Hurry:
    """The turn is over, and what was asked for on this take is waited for: it goes first now."""

    take: Take


@dataclass(frozen=True, slots=True)
class DropTake:
    """The caller went on: nobody wants what was asked for on this take."""

    take: Take


@dataclass(frozen=True, slots=True)
class Understand:
    """Turn words into commands; answered by ``Understood`` or ``UnderstandingFailed``."""

    take: Take
    said: Said


@dataclass(frozen=True, slots=True)
class UseTool:
    """Have something done, if this call may; answered by ``ToolAnswered``."""

    request: ToolRequest


@dataclass(frozen=True, slots=True)
class Synthesise:
    """Speak one clip; answered by ``SpeechReady`` or ``SpeechFailed``.

    Attributes:
        clip: the clip's name.
        text: one sentence as written.
        language: its language.
        rate: speed, 1.0 is the voice's own.
        personal: holds something of this caller; such audio is never cached.
    """

    clip: str
    text: str
    language: str
    rate: float
    personal: bool


@dataclass(frozen=True, slots=True)
class SendAudio:
    """Play mu-law after what is already queued."""

    mulaw: bytes


@dataclass(frozen=True, slots=True)
class SendMark:
    """Ask to be told when everything queued before has been heard."""

    name: str


@dataclass(frozen=True, slots=True)
class ClearAudio:
    """Stop what is playing and forget what is queued.

    Attributes:
        for_good: what is being spoken for this call is not wanted any more either.
    """

    for_good: bool = True


@dataclass(frozen=True, slots=True)
class SendLink:
    """Send the privacy link by text message; answered by ``LinkAnswered``."""

    language: str


@dataclass(frozen=True, slots=True)
class PassOn:
    """Let the operators who are on this call hear the caller.

    Attributes:
        frame: the caller's voice; only who plays it to them reveals it.
    """

    frame: Consented[Frame]


@dataclass(frozen=True, slots=True)
class AskCallback:
    """Note that the caller's own number wants to be called; answered by ``CallbackNoted``."""

    language: str


class Ending(StrEnum):
    """How a call left the agent."""

    HUNG_UP = "hung_up"
    """The agent said goodbye."""
    HANDED_OVER = "handed_over"
    """A human takes the call."""
    CALLER_LEFT = "caller_left"
    """The caller hung up or the stream broke."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Write down how the call ended, then close the stream. The last action of a call.

    Attributes:
        ending: how.
        language: what was spoken.
        number: where to dial after a handover, E.164; ``None``: the company's own number.
    """

    ending: Ending
    language: str
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Observe:
    """Tell whoever may look on what just happened."""

    observation: Observation


Action = (
    CommitConsent
    | RecordWithdrawal
    | Transcribe
    | JudgeEndOfTurn
    | Hurry
    | DropTake
    | Understand
    | UseTool
    | Synthesise
    | SendAudio
    | SendMark
    | ClearAudio
    | SendLink
    | PassOn
    | AskCallback
    | Finish
    | Observe
)
