"""What an onlooker may see of a call as it happens.

The call emits these; the browser telephone, the simulated caller and a console read them. Each
has a dictionary form with stable names (``{"type": "caller_said", "turn": 1, "text": "..."}``)
for other programs, and ``parse`` reads it back.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from types import NoneType
from typing import Any, ClassVar, Final, get_args, get_type_hints

from voice_agent.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class _Seen:
    """Gives an observation its dictionary form."""

    type: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the stable dictionary form, ``type`` first."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"type": self.type, **values}


@dataclass(frozen=True, slots=True)
class PhaseChanged(_Seen):
    """The call entered a phase.

    Attributes:
        phase: the phase's name as the call core spells it.
    """

    type: ClassVar[str] = "phase"

    phase: str


@dataclass(frozen=True, slots=True)
class CallerSaid(_Seen):
    """The recogniser's words for one turn of the caller.

    Attributes:
        turn: number of the turn, from 1.
        text: what was understood.
    """

    type: ClassVar[str] = "caller_said"

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class AgentSaid(_Seen):
    """The agent's words, published when they start to be heard.

    Attributes:
        text: one written sentence or line.
    """

    type: ClassVar[str] = "agent_said"

    text: str


@dataclass(frozen=True, slots=True)
class AgentHeard(_Seen):
    """How the agent's last words ended for the caller.

    Attributes:
        complete: true when they were heard to the end, false when the caller cut them short.
    """

    type: ClassVar[str] = "agent_heard"

    complete: bool


@dataclass(frozen=True, slots=True)
class Withheld(_Seen):
    """Something was about to be said that may not be; a neutral sentence is said in its place."""

    type: ClassVar[str] = "withheld"


class Stage(StrEnum):
    """What happens between the caller's last sound and the first sound of the answer."""

    PAUSE = "pause"
    """The caller's silence was noticed."""
    JUDGED = "judged"
    """The sound of the turn was judged."""
    TRANSCRIPT = "transcript"
    """The words were there."""
    DECIDED = "decided"
    """The turn was taken for over."""
    REPLY = "reply"
    """What is answered was known."""
    SENT = "sent"
    """The first sound of the answer was sent."""
    HEARD = "heard"
    """The caller began to hear it."""


@dataclass(frozen=True, slots=True)
class TurnTimed(_Seen):
    """How long one turn took; published when the first sound of its answer is sent.

    The moments are milliseconds since the caller's speech ended, ``None`` where there was none.
    Sound and words are looked at while the pause lasts, so those two come before or after the
    turn is taken for over.

    Attributes:
        turn: number of the turn, from 1.
        speech_end_ms: when the caller's speech ended, milliseconds since the stream began.
        seconds: from that end to the first agent audio sent, seconds.
        recognition_seconds: time spent recognising, seconds; ``None`` if nothing was recognised.
        synthesis_seconds: time to the first synthesised audio, seconds; ``None`` if it was cached.
        pause_ms: the pause was noticed.
        judged_ms: the sound was judged.
        transcript_ms: the words were there.
        decided_ms: the turn was taken for over.
        reply_ms: the answer was known.
    """

    type: ClassVar[str] = "turn_timed"

    turn: int
    speech_end_ms: int
    seconds: float
    recognition_seconds: float | None = None
    synthesis_seconds: float | None = None
    pause_ms: int | None = None
    judged_ms: int | None = None
    transcript_ms: int | None = None
    decided_ms: int | None = None
    reply_ms: int | None = None

    @property
    def moments(self) -> dict[Stage, int]:
        """The moments that are known, milliseconds since the caller's speech ended."""
        moments = {
            Stage.PAUSE: self.pause_ms,
            Stage.JUDGED: self.judged_ms,
            Stage.TRANSCRIPT: self.transcript_ms,
            Stage.DECIDED: self.decided_ms,
            Stage.REPLY: self.reply_ms,
            Stage.SENT: round(self.seconds * 1000),
        }
        return {stage: ms for stage, ms in moments.items() if ms is not None}


@dataclass(frozen=True, slots=True)
class AnswerHeard(_Seen):
    """When the caller began to hear the answer to a turn; comes after its ``TurnTimed``.

    There is none for an answer whose first sentence was cut off, or whose mark was lost.

    Attributes:
        turn: number of the turn.
        heard_ms: milliseconds since the caller's speech ended.
    """

    type: ClassVar[str] = "answer_heard"

    turn: int
    heard_ms: int


HIDDEN_WORDS: Final = "•••"
"""In place of words that may hold a secret: a PIN, a birth date."""

HIDDEN_KEY: Final = "•"
"""What an onlooker is shown of a digit."""


@dataclass(frozen=True, slots=True)
class KeyPressedSeen(_Seen):
    """The caller pressed a key.

    A digit that may belong to a number the caller types is never published.

    Attributes:
        key: one of ``0123456789*#``, or ``HIDDEN_KEY``.
    """

    type: ClassVar[str] = "key"

    key: str


@dataclass(frozen=True, slots=True)
class ConsentSeen(_Seen):
    """Where the caller's consent stands, when it changes.

    Attributes:
        state: ``given`` or ``withdrawn``.
        receipt: identifier of the consent record; empty where it is withdrawn.
    """

    type: ClassVar[str] = "consent"

    state: str
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class LanguageSeen(_Seen):
    """Another language is spoken from now on.

    Attributes:
        language: ISO 639-1 code.
    """

    type: ClassVar[str] = "language"

    language: str


@dataclass(frozen=True, slots=True)
class UnderstoodSeen(_Seen):
    """What was made of the caller's words.

    Attributes:
        commands: the commands, as text; a value that is a secret is ``HIDDEN_WORDS``.
    """

    type: ClassVar[str] = "understood"

    commands: list[str]


@dataclass(frozen=True, slots=True)
class FlowMoved(_Seen):
    """Where the dialogue stands, when it changes.

    Attributes:
        flow: the flow being talked about; empty if none.
        question: the open question: a slot of the flow or a question's name; empty if none.
        slots: what the flow knows, by slot; a secret is ``HIDDEN_WORDS``.
    """

    type: ClassVar[str] = "flow"

    flow: str
    question: str
    slots: dict[str, str]


@dataclass(frozen=True, slots=True)
class HandoverAsked(_Seen):
    """The caller is to be handed over to a person.

    Attributes:
        reason: why, as the dialogue names it.
    """

    type: ClassVar[str] = "handover"

    reason: str


@dataclass(frozen=True, slots=True)
class QueuePlace(_Seen):
    """The caller's place among those who wait for a person.

    Attributes:
        place: from 1; 0: they do not wait any more.
    """

    type: ClassVar[str] = "place"

    place: int


@dataclass(frozen=True, slots=True)
class ControlChanged(_Seen):
    """Who speaks with the caller.

    Attributes:
        control: ``agent``, ``announcing`` (an operator is being announced), ``talking`` (the
            caller has heard it) or ``holding`` (music plays).
        holder: account of the operator; empty for the agent.
    """

    type: ClassVar[str] = "control"

    control: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class CallEnded(_Seen):
    """The call is over; nothing follows.

    Attributes:
        reason: why, as the call core names it.
    """

    type: ClassVar[str] = "ended"

    reason: str


@dataclass(frozen=True, slots=True)
class Missed(_Seen):
    """This onlooker was too slow: the oldest observations waiting for it were dropped.

    Attributes:
        count: how many.
    """

    type: ClassVar[str] = "missed"

    count: int


Observation = (
    PhaseChanged
    | CallerSaid
    | AgentSaid
    | AgentHeard
    | Withheld
    | TurnTimed
    | AnswerHeard
    | KeyPressedSeen
    | ConsentSeen
    | LanguageSeen
    | UnderstoodSeen
    | FlowMoved
    | HandoverAsked
    | QueuePlace
    | ControlChanged
    | CallEnded
    | Missed
)

_BY_TYPE: dict[str, type[Observation]] = {kind.type: kind for kind in get_args(Observation)}


def parse(record: object) -> Observation:
    """Read the dictionary form back.

    Raises:
        ProtocolError: not an object, an unknown type, a field missing, unknown or of the wrong
            type. The message names the field, never its content.
    """
    if not isinstance(record, dict):
        raise ProtocolError("an observation is an object")
    name = record.get("type")
    kind = _BY_TYPE.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ProtocolError("an observation of an unknown type")
    values = {key: value for key, value in record.items() if key != "type"}
    names = {field.name for field in fields(kind)}
    return kind(**fits(kind, f"observation {kind.type}", values, names))


def fits(
    kind: type[Any], what: str, values: dict[Any, Any], names: AbstractSet[str]
) -> dict[str, Any]:
    """Check what comes from elsewhere against a dataclass's fields.

    Args:
        kind: the dataclass; its fields are text, numbers, ``None``, and lists and dictionaries of
            text.
        what: names it in errors.
        values: what came.
        names: the fields it may have.

    Raises:
        ProtocolError: a field is missing, unknown or of the wrong type. The message names the
            field, never its content.
    """
    hints = _hints(kind)
    if values.keys() - names:
        raise ProtocolError(f"{what}: a field it does not have")
    for field in fields(kind):
        if field.name in values and not _fits(values[field.name], hints[field.name]):
            raise ProtocolError(f"{what}: {field.name} has the wrong type")
        no_default = field.default is MISSING and field.default_factory is MISSING
        if field.name not in values and no_default:
            raise ProtocolError(f"{what}: a field is missing")
    return values


_hints_found: dict[type[Any], dict[str, Any]] = {}


def _hints(kind: type[Any]) -> dict[str, Any]:
    """A dataclass's types, found once: that takes longer than everything else in ``fits``."""
    if kind not in _hints_found:
        _hints_found[kind] = get_type_hints(kind)
    return _hints_found[kind]


def _fits(value: object, hint: object) -> bool:
    if isinstance(value, list):
        return hint == list[str] and all(isinstance(each, str) for each in value)
    if isinstance(value, dict):
        texts = (*value.keys(), *value.values())
        return hint == dict[str, str] and all(isinstance(each, str) for each in texts)
    allowed = get_args(hint) or (hint,)
    if value is None:
        return NoneType in allowed
    if isinstance(value, bool):
        return bool in allowed
    if isinstance(value, int):  # JSON writes 2.0 as 2 in many languages
        return int in allowed or float in allowed
    return type(value) in allowed
