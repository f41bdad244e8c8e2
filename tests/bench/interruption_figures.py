"""What became of callers who interrupt, and of an agent that nobody interrupted, in figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.bench.overlap_cases import LANGUAGES, Case, Kind
from tests.bench.timeline import Heard

WANTED_MS: Final = 300
"""Time to stop, at most."""

_LINES: Final = ("quiet", "echo", "hum", "babble", "hiss")
_STOPS: Final = (
    *("who interrupts", "", "cases", "let", "stop p50", "p95", "longest"),
    *(f"within {WANTED_MS}", "else"),
)
_GOES_ON: Final = (
    *("what does not", "", "cases", "answers lost", "hesitations", "silence p50", "longest"),
    *("said twice p50", "most", "never said, most", "lost because"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case.

    Attributes:
        case: the case.
        heard: what the ear got.
        why: what went wrong, in a few words; empty: a caller who interrupts was let, or any other
            sound cost nothing of the answer.
        stop_ms: from the caller's first sound until the agent was silent; ``None``: it never was.
    """

    case: Case
    heard: Heard
    why: str
    stop_ms: float | None = None

    @property
    def hesitated(self) -> bool:
        """Playback stopped, and the answer was heard to its end all the same."""
        return not self.why and not self.case.kind.interrupts and bool(self.heard.stops)

    @property
    def line(self) -> str:
        """All of it in one line."""
        told = f"{self.case.name}: {self.why or 'good'}"
        if self.stop_ms is not None:
            told += f", stopped after {self.stop_ms:.0f} ms"
        if silences := self.heard.silences_ms:
            answer = self.heard.answer
            told += f", silent {silences} ms, twice {answer.twice_ms}, lost {answer.lost_ms}"
        words = ", ".join(repr(text) for _, text in self.heard.understands)
        return told + (f", understood {words}" if words else "")

    @property
    def timeline(self) -> str:
        """Everything that happened; seconds from the answer's first sound."""
        since = self.heard.began or 0.0
        lines = (f"{at - since:8.3f}  {what}" for at, what in self.heard.timeline)
        return "\n".join([self.line, "", *lines, ""])


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Many cases of one sort in one language. Milliseconds; ``nan`` where there is nothing.

    Attributes:
        language: ``de``, ``en`` or ``both``.
        what: which cases.
        interrupts: the callers of these cases mean to interrupt.
        cases: how many.
        good: share that went as wanted.
        stop_ms: time to stop: p50, p95, longest.
        in_time: share of the stops within ``WANTED_MS``.
        hesitations: cases in which playback stopped for a while.
        silence_ms: how long it was silent: p50, longest.
        twice_ms: how much was said twice: p50, longest.
        lost_ms: how much was never said, at most.
        faults: what went wrong, and how often.
    """

    language: str
    what: str
    interrupts: bool
    cases: int
    good: float
    stop_ms: tuple[float, float, float]
    in_time: float
    hesitations: int
    silence_ms: tuple[float, float]
    twice_ms: tuple[float, float]
    lost_ms: float
    faults: tuple[tuple[str, int], ...]


def figures(outcomes: Sequence[Outcome]) -> Iterator[Figures]:
    """By language, then sort; what is called ``all`` is over all of a language."""
    for language in (*LANGUAGES, "both"):
        mine = [each for each in outcomes if language in {"both", each.case.language}]
        for interrupts in (True, False):
            group = [each for each in mine if each.case.kind.interrupts is interrupts]
            for what, chosen in _sorts(group):
                yield _sum_up(language, what, chosen)


def _sorts(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    """The rows of a table: each kind on a clear line, every other line, all."""
    for kind in Kind:
        chosen = [o for o in outcomes if o.case.kind is kind and o.case.line == "clear"]
        if chosen:
            yield kind.value, chosen
    for line in _LINES:
        chosen = [o for o in outcomes if o.case.line == line]
        if chosen:
            yield "10 dB fainter" if line == "quiet" else f"with {line}", chosen
    if outcomes:
        yield "all", list(outcomes)


def _sum_up(language: str, what: str, outcomes: Sequence[Outcome]) -> Figures:
    good = [each for each in outcomes if not each.why]
    stops = [each.stop_ms for each in good if each.stop_ms is not None]
    paused = [each.heard for each in outcomes if each.hesitated]
    silences = [ms for heard in paused for ms in heard.silences_ms]
    twice = [heard.answer.twice_ms for heard in paused]
    faults = [each.why for each in outcomes if each.why]
    return Figures(
        language=language,
        what=what,
        interrupts=outcomes[0].case.kind.interrupts,
        cases=len(outcomes),
        good=len(good) / len(outcomes),
        stop_ms=(_quantile(stops, 0.5), _quantile(stops, 0.95), _quantile(stops, 1)),
        in_time=sum(ms <= WANTED_MS for ms in stops) / max(1, len(stops)),
        hesitations=len(paused),
        silence_ms=(_quantile(silences, 0.5), _quantile(silences, 1)),
        twice_ms=(_quantile(twice, 0.5), _quantile(twice, 1)),
        lost_ms=_quantile([heard.answer.lost_ms for heard in paused], 1),
        faults=tuple((fault, faults.count(fault)) for fault in sorted({*faults})),
    )


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")


def table(figures: Iterable[Figures]) -> str:
    """Two Markdown tables: who has to be let, and what must not cost the answer."""
    chosen = list(figures)
    stops = [
        f"| {each.language} | {each.what} | {each.cases} | {each.good:.1%} "
        f"| {_ms(*each.stop_ms)} | {each.in_time:.0%} | {_faults(each)} |"
        for each in chosen
        if each.interrupts
    ]
    goes_on = [
        f"| {each.language} | {each.what} | {each.cases} | {1 - each.good:.1%} | "
        f"{each.hesitations} | {_ms(*each.silence_ms, *each.twice_ms, each.lost_ms)} "
        f"| {_faults(each)} |"
        for each in chosen
        if not each.interrupts
    ]
    return "\n".join([*_heading(_STOPS), *stops, "", *_heading(_GOES_ON), *goes_on, ""])


def _heading(columns: Sequence[str]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"


def _ms(*values: float) -> str:
    return " | ".join("-" if np.isnan(value) else f"{value:.0f}" for value in values)


def _faults(figures: Figures) -> str:
    return ", ".join(f"{fault} {times}" for fault, times in figures.faults)
