"""What is left to tell of a call when it is over: facts that were observed, and nothing else."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from voice_agent.errors import ProtocolError
from voice_agent.live.observation import (
    HIDDEN_WORDS,
    AnswerHeard,
    CallEnded,
    ConsentSeen,
    ControlChanged,
    FlowMoved,
    HandoverAsked,
    LanguageSeen,
    Observation,
    PhaseChanged,
    TurnTimed,
)
from voice_agent.live.snapshot import Standing

MOST_FLOWS: Final = 16
"""Flows of one call that are told of."""

MOST_SLOTS: Final = 32
"""Slots of one flow."""

MOST_VALUE: Final = 200
"""Characters of a slot's value."""

MOST_TURNS: Final = 500
"""Turns whose latency is remembered."""

MOST_HOLDS: Final = 32
"""Times that operators held one call, of which it is told who."""

_NUMBER: Final = re.compile(r"\+?[0-9]{7,15}")


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """What a flow knew last.

    Attributes:
        flow: its name.
        slots: name and value of each; hidden is what is secret, a caller's own words, or may be a
            telephone number.
    """

    flow: str
    slots: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Hold:
    """An operator held the call, from being announced to giving it back.

    Attributes:
        holder: their account.
        seconds: how long.
    """

    holder: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A call so far, or to its end. Times are seconds since 1970.

    Attributes:
        began_at: when it began.
        direction: ``inbound`` or ``outbound``.
        language: ISO 639-1 code of what was spoken last.
        ended_at: when it ended; ``None`` while it runs.
        ending: how, as the call core names it; empty while it runs.
        consent: where the caller's consent stands. A withdrawal is for good.
        flows: the flows there were, in order; none after a withdrawal.
        reason: why a person was wanted last; empty if none was.
        holds: operators who held the call and let go of it.
        holder: account of the operator who holds it; empty if none does.
        holder_since: since when.
        turns: turns of the caller that were answered.
        latencies: from the end of a turn to the answer that was heard, milliseconds.
        words: slots that hold a caller's own words, which are not kept (rule C18); hidden.
    """

    began_at: float
    direction: str = "inbound"
    language: str
    ended_at: float | None = None
    ending: str = ""
    consent: str = Standing.NONE
    flows: tuple[FlowSummary, ...] = field(default=(), repr=False)
    reason: str = ""
    holds: tuple[Hold, ...] = ()
    holder: str = ""
    holder_since: float = 0.0
    turns: int = 0
    latencies: tuple[int, ...] = ()
    words: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    def follow(self, observation: Observation, at: float) -> Self:
        """The summary after something was observed at ``at``.

        After the end only a withdrawal changes it.
        """
        match observation:
            case PhaseChanged(phase=Standing.WITHDRAWN) | ConsentSeen(state=Standing.WITHDRAWN):
                return replace(self, consent=Standing.WITHDRAWN, flows=())
            case _ if self.ended_at is not None:
                return self
            case ConsentSeen(state=Standing.GIVEN) if self.consent == Standing.NONE:
                return replace(self, consent=Standing.GIVEN)
            case LanguageSeen(language=language):
                return replace(self, language=language)
            case FlowMoved(flow=flow, slots=slots) if flow:
                return self._flow(flow, slots)
            case HandoverAsked(reason=reason):
                return replace(self, reason=reason)
            case ControlChanged(holder=holder):
                return self._held(holder, at)
            case TurnTimed():
                return replace(self, turns=self.turns + 1)
            case AnswerHeard(heard_ms=heard_ms) if len(self.latencies) < MOST_TURNS:
                return replace(self, latencies=(*self.latencies, heard_ms))
            case CallEnded(reason=ending):
                ended = max(at, self.began_at)
                return replace(self._held("", at), ended_at=ended, ending=ending)
            case _:
                return self

    @property
    def seconds(self) -> float:
        """How long it lasted; 0 while it runs."""
        return 0.0 if self.ended_at is None else self.ended_at - self.began_at

    @property
    def held_seconds(self) -> float:
        """How long operators held it."""
        return sum(hold.seconds for hold in self.holds)

    @property
    def latency_ms(self) -> int | None:
        """The median latency; ``None`` if no answer was heard."""
        return round(statistics.median(self.latencies)) if self.latencies else None

    def contents(self) -> dict[str, Any]:
        """What may be kept under a consent only: what the flows knew, and who held the call."""
        return {
            "flows": [{"flow": each.flow, "slots": dict(each.slots)} for each in self.flows],
            "holds": [{"holder": each.holder, "seconds": each.seconds} for each in self.holds],
        }

    def with_contents(self, record: object) -> Self:
        """The summary with what ``contents`` gave.

        Raises:
            ProtocolError: it gave something else.
        """
        try:
            return replace(self, flows=_flows(record), holds=_holds(record))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ProtocolError("the contents of a summary are flows and holds") from None

    def _flow(self, flow: str, slots: dict[str, str]) -> Self:
        if self.consent == Standing.WITHDRAWN:
            return self
        told = tuple(
            (name, HIDDEN_WORDS if name in self.words else _shown(value))
            for name, value in list(slots.items())[:MOST_SLOTS]
        )
        now = FlowSummary(flow, told)
        if any(each.flow == flow for each in self.flows):
            flows = tuple(now if each.flow == flow else each for each in self.flows)
        else:
            flows = (*self.flows, now)[:MOST_FLOWS]
        return replace(self, flows=flows)

    def _held(self, holder: str, at: float) -> Self:
        if holder == self.holder:
            return self
        holds = self.holds
        if self.holder:
            let_go = Hold(self.holder, round(max(0.0, at - self.holder_since), 3))
            holds = (*holds, let_go)[:MOST_HOLDS]
        return replace(self, holds=holds, holder=holder, holder_since=at)


def _shown(value: str) -> str:
    """A value as it is told; a number is kept for 72 hours at most (rule C17), and not here."""
    return HIDDEN_WORDS if _NUMBER.fullmatch(value.strip()) else value[:MOST_VALUE]


def _flows(record: Any) -> tuple[FlowSummary, ...]:
    return tuple(
        FlowSummary(str(each["flow"]), tuple((str(n), str(v)) for n, v in each["slots"].items()))
        for each in record["flows"]
    )


def _holds(record: Any) -> tuple[Hold, ...]:
    return tuple(Hold(str(each["holder"]), float(each["seconds"])) for each in record["holds"])
