"""Ways to end turns, played on what the engines said of pauses: false cut-offs and dead air."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np

from tests.bench.section import Curve
from voice_agent.dialogue.completeness import completeness, is_spelling
from voice_agent.speech.endpointing import EndRules, Evidence, Habit, silence_needed

NEVER_MS: Final = 2500
STEP_MS: Final = 10


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause, and what was said of it.

    Attributes:
        language: ``de`` or ``en``.
        tuned_on: of a recording that thresholds were chosen on.
        likely: Smart Turn's judgement.
        judged_ms: silence when it was there.
        text: the recogniser's words.
        heard_ms: silence when they were there.
        length_ms: silence until the caller went on; ``None``: it is the end.
        late_ms: at the end, by how much the detector's silence began after the last sound.
    """

    language: str
    tuned_on: bool
    likely: float
    judged_ms: float
    text: str
    heard_ms: float
    length_ms: int | None
    late_ms: int | None


End = Callable[[Pause], float]
"""Silence after which a pause is taken for the end of the turn, milliseconds."""


def silence(ms: float) -> End:
    """Silence alone."""
    return lambda _: ms


def smart(ms: float, else_ms: float) -> End:
    """Smart Turn alone."""
    return lambda pause: max(ms, pause.judged_ms) if pause.likely > 0.5 else else_ms


def ours(rules: EndRules) -> End:
    """The three witnesses."""

    @cache
    def end(pause: Pause) -> float:
        words = completeness(pause.text, pause.language)
        spelling = is_spelling(pause.text, pause.language)
        for ms in range(0, NEVER_MS, STEP_MS):
            evidence = Evidence(
                silence_ms=ms,
                acoustic=pause.likely if ms >= pause.judged_ms else None,
                words=words if ms >= pause.heard_ms else None,
                spelling=spelling and ms >= pause.heard_ms,
            )
            if ms >= silence_needed(evidence, Habit(), rules):
                return ms
        return NEVER_MS

    return end


def stretched(rules: EndRules, factor: float) -> EndRules:
    """More or less patient where the words lack nothing, for a curve."""
    return replace(
        rules,
        finished_ms=round(rules.finished_ms * factor),
        likely_ms=round(rules.likely_ms * factor),
        unlikely_ms=round(rules.unlikely_ms * factor),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """What one way to end turns does.

    Attributes:
        cut: share of inner pauses taken for the end.
        dead_ms: silence until the turn was taken for over, of each turn.
        answer_ms: the same until the words were there as well.
    """

    cut: float
    dead_ms: Sequence[float]
    answer_ms: Sequence[float]

    @property
    def mean(self) -> float:
        """Mean dead air, milliseconds."""
        return float(np.mean(self.dead_ms))

    def row(self, name: str) -> str:
        """A row of the table."""
        middle, late = np.quantile(self.dead_ms, (0.5, 0.95))
        answer, answer_late = np.quantile(self.answer_ms, (0.5, 0.95))
        return (
            f"| {name} | {100 * self.cut:.0f} % | {self.mean:.0f} | {middle:.0f} | {late:.0f} "
            f"| {answer:.0f} | {answer_late:.0f} |"
        )


def score(end: End, pauses: Sequence[Pause]) -> Score:
    """Play one way on all pauses."""
    inner = [pause for pause in pauses if pause.length_ms is not None]
    cut = sum(end(pause) < (pause.length_ms or 0) for pause in inner)
    last = [(end(pause), pause) for pause in pauses if pause.late_ms is not None]
    return Score(
        cut / len(inner),
        [ms + (pause.late_ms or 0) for ms, pause in last],
        [max(ms, pause.heard_ms) + (pause.late_ms or 0) for ms, pause in last],
    )


def best_within(ways: Iterable[tuple[str, End]], mean: float, pauses: Sequence[Pause]) -> str:
    """The row of whichever cuts off least with at most so much dead air on the mean."""
    scored = [(score(end, pauses), name) for name, end in ways]
    able = [each for each in scored if each[0].mean <= mean + STEP_MS]
    if not able:
        return "| Smart Turn at our mean dead air | not reached | | | | | |"
    found, name = min(able, key=lambda each: each[0].cut)
    return found.row(f"{name}, the best of its kind at our mean dead air")


def quickest_with(name: str, ways: Iterable[End], cut: float, pauses: Sequence[Pause]) -> str:
    """The row of the least dead air with at most so many false cut-offs."""
    able = [each for each in (score(end, pauses) for end in ways) if each.cut <= cut]
    if not able:
        return f"| {name}, at most {cut:.0%} cut off | not reached | | | | | |"
    return min(able, key=lambda each: each.mean).row(f"{name}, at most {cut:.0%} cut off")


SILENCES: Final = tuple((f"silence {ms} ms", silence(ms)) for ms in range(200, 1500, 20))

SMARTS: Final = tuple(
    (f"Smart Turn {ms} or {longer} ms", smart(ms, longer))
    for ms in range(200, 1300, 40)
    for longer in (500, 600, 700, 800, 1000, 1200, 1600)
    if longer > ms
)

HEADING: Final = (
    "| turns end by | false cut-offs | dead air mean, ms | p50 | p95 | answerable p50 | p95 |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)


def mines(rules: EndRules) -> list[End]:
    """Ours, from hasty to patient."""
    return [ours(stretched(rules, factor / 20)) for factor in range(14, 80)]


def rows(pauses: Sequence[Pause], rules: EndRules) -> list[str]:
    """Every way, and each kind at the same dead air and at the same cut-offs."""
    mine = score(ours(rules), pauses)
    found = [
        *(score(silence(ms), pauses).row(f"silence {ms} ms") for ms in (300, 600)),
        *(
            score(smart(ms, 1600), pauses).row(f"Smart Turn {ms}, else 1600 ms")
            for ms in (300, 600)
        ),
        mine.row("ours"),
        best_within(SILENCES, mine.mean, pauses),
        best_within(SMARTS, mine.mean, pauses),
    ]
    able = mines(rules)
    for cut in (0.1, 0.05):
        found.append(quickest_with("silence", (end for _, end in SILENCES), cut, pauses))
        found.append(quickest_with("Smart Turn", (end for _, end in SMARTS), cut, pauses))
        found.append(quickest_with("ours", able, cut, pauses))
    return found


def curves(pauses: Sequence[Pause], rules: EndRules) -> tuple[Curve, ...]:
    """Dead air against false cut-offs: each kind, from hasty to patient, at its best."""
    kinds = {
        "silence": [end for _, end in SILENCES],
        "Smart Turn": [end for _, end in SMARTS],
        "ours": mines(rules),
    }
    return tuple(
        Curve(name, best((100 * each.cut, each.mean) for each in (score(e, pauses) for e in ends)))
        for name, ends in kinds.items()
    )


def best(points: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Of points whose both coordinates are better small, those that no other beats in both."""
    found: list[tuple[float, float]] = []
    for point in sorted(points):
        if not found or point[1] < found[-1][1]:
            found.append(point)
    return tuple(found)


def table(name: str, pauses: Sequence[Pause], rules: EndRules) -> str:
    """One table."""
    return "\n".join([f"**{name}**: {count(pauses)}", "", HEADING, *rows(pauses, rules)]) + "\n"


def count(pauses: Sequence[Pause]) -> str:
    """How many turns and pauses there are."""
    inner = sum(pause.length_ms is not None for pause in pauses)
    return f"{len(pauses) - inner} turns, {inner} pauses inside"
