"""A simulated call as it is told: what was measured joined with the words the server shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from voice_agent.commands.output import Output
from voice_agent.live.observation import (
    AgentSaid,
    AnswerHeard,
    CallerSaid,
    Observation,
    Stage,
    TurnTimed,
)
from voice_agent.phone.report import (
    AgentSpoke,
    CallerSpoke,
    Ended,
    EndReason,
    HandedOver,
    KeyPressed,
    NoticeHeard,
    Report,
    StreamOpened,
    TurnMeasured,
)

_REASONS = {
    EndReason.CALLER_HUNG_UP: "the caller hung up",
    EndReason.LINE_BROKE: "the line broke",
    EndReason.AGENT_HUNG_UP: "the agent hung up",
    EndReason.HANDED_OVER: "handed over",
    EndReason.NOTHING_LEFT: "the server had no more to do",
    EndReason.TOO_LONG: "the carrier ended it: too long",
}


@dataclass(slots=True)
class Account:
    """Prints a call while it runs.

    Attributes:
        output: where to.
    """

    output: Output
    _heard: list[str] = field(default_factory=list)
    _understood: list[str] = field(default_factory=list)
    _timed: TurnTimed | None = None
    _moments: dict[Stage, int] = field(default_factory=dict)
    _turns: list[TurnMeasured] = field(default_factory=list)
    _untold: list[Report] | None = None

    def see(self, observation: Observation) -> None:
        """Take words and times the server shows; they are told with the next report."""
        match observation:
            case AgentSaid(text):
                self._heard.append(text)
            case CallerSaid(_, text):
                self._understood.append(text)
            case TurnTimed():
                self._timed, self._moments = observation, observation.moments
            case AnswerHeard(turn, ms) if self._timed is not None and self._timed.turn == turn:
                self._moments[Stage.HEARD] = ms
            case _:
                pass

    def unseen(self) -> None:
        """The server shows no words: reports are held back until ``reveal``."""
        self._untold = []
        self.output.note("The server shows no words of calls; wait for the end of this one.")

    @property
    def untold(self) -> list[Report]:
        """The reports that are held back."""
        return self._untold or []

    def reveal(self, words: Mapping[AgentSpoke, str]) -> None:
        """Tell what was held back, with the words that were found for it elsewhere."""
        reports, self._untold = self.untold, None
        for report in reports:
            if isinstance(report, AgentSpoke) and report in words:
                self._heard.append(words[report])
            self.tell(report)

    def tell(self, report: Report) -> None:
        """Print one report; the end waits for ``close``."""
        if self._untold is not None:
            self._untold.append(report)
            return
        match report:
            case NoticeHeard():
                how = "to the end" if report.complete else "until a key"
                self._print(report.to_dict(), "notice", f"{report.seconds:.1f} s, {how}")
            case KeyPressed():
                self._print(report.to_dict(), "key", report.key)
            case StreamOpened():
                self._print(report.to_dict(), "stream", f"open at {report.at:.1f} s")
            case CallerSpoke():
                self._print(report.to_dict(), "caller", f"{report.name} ({report.seconds:.1f} s)")
            case AgentSpoke():
                text = self._take(self._heard)
                prose = f"{text or 'spoke'} ({report.seconds:.1f} s)"
                self._print(report.to_dict() | {"text": text}, "agent", prose)
            case TurnMeasured():
                self._turn(report)
            case HandedOver():
                self._print(report.to_dict(), "handover", f"to {report.number}")
            case Ended():
                pass

    def close(self, ended: Ended) -> None:
        """Print how the call ended and how fast the answers were."""
        seconds = sorted(turn.seconds for turn in self._turns if turn.seconds is not None)
        p50, p95 = percentile(seconds, 50), percentile(seconds, 95)
        record = ended.to_dict() | {"turns": len(self._turns), "p50": p50, "p95": p95}
        prose = f"{_REASONS[ended.reason]} after {ended.seconds:.1f} s"
        if p50 is not None and p95 is not None:
            prose += f"; voice to voice p50 {p50:.2f} s, p95 {p95:.2f} s"
        self._print(record, "end", prose)

    def _turn(self, report: TurnMeasured) -> None:
        self._turns.append(report)
        text = self._take(self._understood)
        timed, self._timed = self._timed, None
        moments, self._moments = self._moments, {}
        recognition = None if timed is None else timed.recognition_seconds
        synthesis = None if timed is None else timed.synthesis_seconds
        parts = [] if text is None else [f"understood “{text}”"]
        if report.seconds is None:
            parts.append("no answer")
        else:
            parts.append(f"answered after {report.seconds:.2f} s")
        if recognition is not None:
            parts.append(f"recognition {recognition:.2f} s")
        if synthesis is not None:
            parts.append(f"voice {synthesis:.2f} s")
        record = report.to_dict() | {
            "text": text,
            "recognition_seconds": recognition,
            "synthesis_seconds": synthesis,
            **{f"{stage}_ms": moments.get(stage) for stage in Stage},
        }
        self._print(record, f"turn {report.turn}", ", ".join(parts) + _breakdown(moments))

    def _take(self, words: list[str]) -> str | None:
        text = " ".join(words)
        words.clear()
        return text or None

    def _print(self, record: dict[str, Any], what: str, prose: str) -> None:
        self.output.result(record, f"{what:<9} {prose}")


def _breakdown(moments: Mapping[Stage, int]) -> str:
    """The stages of a turn in the order in which they came, as a line of its own."""
    if not moments:
        return ""
    ordered = sorted(moments.items(), key=lambda moment: moment[1])
    return f"\n{'':<9} " + ", ".join(f"{stage} {ms}" for stage, ms in ordered) + " ms"


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile of sorted values; ``None`` without values."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
