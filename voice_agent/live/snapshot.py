"""What a console's tile shows of a call: where it stands, never what was said.

A snapshot is data for any worker's console, whichever worker holds the call. It names the call by
``call_key``, not by the carrier's identifier, and holds nothing personal: no number, no words.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final, Self

from voice_agent.errors import ProtocolError
from voice_agent.live.observation import (
    AnswerHeard,
    ConsentSeen,
    ControlChanged,
    FlowMoved,
    HandoverAsked,
    LanguageSeen,
    Observation,
    PhaseChanged,
    QueuePlace,
    fits,
)

SCHEMA: Final = 1
"""Version of what workers share; workers of different versions do not see each other."""

WAITING: Final = "waiting"
"""The phase, as the call core names it, of a caller who waits for a person."""


def call_key(call_id: str) -> str:
    """What stands for a call in keys and addresses; the carrier's identifier is personal data."""
    return hashlib.sha256(f"voice-agent live call {call_id}".encode()).hexdigest()[:32]


class Standing(StrEnum):
    """Whether a call's words may be shown (C22)."""

    NONE = "none"
    """No consent (yet): neither audio, text nor number."""
    GIVEN = "given"
    """The caller consented."""
    WITHDRAWN = "withdrawn"
    """As before consent, and what was shown is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSnapshot:
    """One call, as of now.

    Attributes:
        call: stands for the call, see ``call_key``.
        worker: the process that holds it.
        direction: ``inbound`` or ``outbound``.
        language: ISO 639-1 code of what is spoken.
        began_at: when it began, seconds since 1970.
        phase: as the call core names it.
        consent: whether its words may be shown.
        receipt: identifier of the consent record; empty without one.
        holder: account of the operator who speaks with the caller or is being announced; empty
            while the agent does.
        control: ``agent``, ``announcing``, ``talking`` or ``holding``.
        listeners: accounts of the operators who listen to the one who speaks.
        waiting_since: since when the caller waits for a person, seconds since 1970.
        reason: why they are handed over.
        place: their place in the queue, from 1; 0 outside it.
        latency_ms: from the end of the caller's last turn to the answer they heard.
        flow: the flow being talked about; empty if none.
        question: what is open; empty if nothing.
    """

    call: str
    worker: str
    direction: str = "inbound"
    language: str
    began_at: float
    phase: str = "created"
    consent: str = Standing.NONE
    receipt: str = ""
    holder: str = ""
    control: str = "agent"
    listeners: list[str] = field(default_factory=list)
    waiting_since: float | None = None
    reason: str = ""
    place: int = 0
    latency_ms: int | None = None
    flow: str = ""
    question: str = ""

    def follow(self, observation: Observation, at: float) -> Self:
        """The snapshot after something was observed at ``at``, seconds since 1970."""
        match observation:
            case PhaseChanged(phase=Standing.WITHDRAWN as phase):
                return replace(self._withdrawn(), phase=phase, waiting_since=None)
            case ConsentSeen(state=Standing.WITHDRAWN):
                return self._withdrawn()
            case PhaseChanged(phase=phase):
                since = (self.waiting_since or at) if phase == WAITING else None
                return replace(self, phase=phase, waiting_since=since)
            case ConsentSeen(state=state, receipt=receipt):
                return replace(self, consent=state, receipt=receipt)
            case LanguageSeen(language=language):
                return replace(self, language=language)
            case HandoverAsked(reason=reason):
                return replace(self, reason=reason)
            case QueuePlace(place=place):
                return replace(self, place=place)
            case ControlChanged(control=control, holder=holder):
                return replace(self, control=control, holder=holder, place=0)
            case FlowMoved(flow=flow, question=question) if self.consent != Standing.WITHDRAWN:
                return replace(self, flow=flow, question=question)
            case AnswerHeard(heard_ms=heard_ms):
                return replace(self, latency_ms=heard_ms)
            case _:
                return self

    def _withdrawn(self) -> Self:
        """Says nothing any more of what the call was about (C16)."""
        return replace(
            self, consent=Standing.WITHDRAWN, flow="", question="", reason="", receipt=""
        )

    def to_dict(self) -> dict[str, Any]:
        """The stable dictionary form."""
        return asdict(self)

    @classmethod
    def parse(cls, record: object) -> Self:
        """Read the dictionary form back.

        Raises:
            ProtocolError: it is none. The message names the field, never its content.
        """
        if not isinstance(record, dict):
            raise ProtocolError("a snapshot is an object")
        return cls(**fits(cls, "snapshot", record, {each.name for each in fields(cls)}))
