"""Barge-in: who stops the agent, how soon, and what does not.

    python -m tests.bench interruptions
    python -m tests.bench interruptions --facts FILE       # engines hear each sound once, ever
    python -m tests.bench interruptions --list
    python -m tests.bench interruptions --failed           # names every case that went wrong
    python -m tests.bench interruptions --case de/word/stopp -v  # timelines of some cases

In every case a caller asks for the opening hours, and a sound begins while the agent answers
(``overheard``). The sounds are the recordings, words by eSpeak NG and Piper, and what is made in
``overlap``.

A caller who means to interrupt has to be let: the agent's audio stops while they speak and does not
go on before they have been answered. The time to stop runs from the first sound in the recording,
by level, to the end of the last frame the ear was given; the network takes ``NETWORK_S`` each way.
A listener's "mhm", a cough, an echo must not cost the answer: it is lost if it is not heard to its
end, if half a second of it is missing, or if the sound is answered as a turn; words in which no
meaning was found, after which the answer goes on, are no answer. Playback that stops and goes on
again is a hesitation: told are the silence and how much was said twice or never.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tests.bench import overlap
from tests.bench.bench import MODELS, Bench
from tests.bench.ears import RECOGNITION_S
from tests.bench.interruption_figures import WANTED_MS, Figures, Outcome, figures, table
from tests.bench.overheard import NETWORK_S, Overheard
from tests.bench.overlap_cases import Case, Cases
from tests.bench.section import Curve, Goal, Panel, Section, percentile, shares
from tests.bench.stage import Stage, open_stage
from tests.bench.timeline import Heard

_LOST_MS: Final = 500
"""A word or two; an answer that lacks more is lost."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run.

    Attributes:
        outcomes: every case.
        figures: by language, then sort; what is called ``all`` is over all of a language.
        judged: Smart Turn took part.
    """

    outcomes: tuple[Outcome, ...]
    figures: tuple[Figures, ...]
    judged: bool


def play(stage: Stage, case: Case) -> Outcome:
    """Hold one call and say what became of it."""
    heard = Overheard(stage, case.language, case.sound).run()
    if heard.began is None:
        return Outcome(case, heard, "the question was not answered")
    if heard.sound_at is None:
        return Outcome(case, heard, "answered before")
    if case.kind.interrupts:
        return _interrupting(case, heard, heard.sound_at)
    why = ""
    if heard.answered is not None:
        why = "answered as a turn"
    elif not heard.answer.finished:
        why = "on and off for ever" if heard.starts else "not resumed"
    elif heard.answer.lost_ms > _LOST_MS:
        why = "a part is missing"
    return Outcome(case, heard, why)


def _interrupting(case: Case, heard: Heard, sound_at: float) -> Outcome:
    onset = sound_at + overlap.audible(case.sound.samples)[0]
    later = [stop for stop in heard.stops if stop >= onset]
    stop_ms = round(1000 * (later[0] - onset), 1) if later else None
    why = ""
    if heard.stops and heard.stops[0] < onset:
        why = "stopped before"
    elif not later:
        why = "not stopped"
    elif any(later[0] <= start < (heard.answered or np.inf) for start in heard.starts):
        why = "resumed"
    elif heard.answered is None:
        why = "not answered"
    return Outcome(case, heard, why, stop_ms)


def measure(models: Path, facts: Path | None = None, only: str = "") -> Report:
    """Play the cases with this in their name; blocks, for all of them a minute or two."""
    stage = open_stage(models, facts)
    chosen = (case for case in Cases(models).all() if only in case.name)
    outcomes = tuple(play(stage, case) for case in chosen)
    stage.ears.keep()
    return Report(outcomes, tuple(figures(outcomes)), stage.ears.judges)


def report(_: Bench) -> Section:
    """Every case; what is wanted is over both languages, on a clear line."""
    found = measure(MODELS)
    clear = [each for each in found.outcomes if each.case.line == "clear"]
    let = [not each.why for each in clear if each.case.kind.interrupts]
    lost = [bool(each.why) for each in clear if not each.case.kind.interrupts]
    stops = [each.stop_ms for each in clear if not each.why and each.stop_ms is not None]
    return Section(
        title="Interruptions",
        text=f"{_conditions(found)} What is wanted is over the cases on a clear line.\n\n"
        f"{table(found.figures)}",
        goals=(
            Goal(
                "callers who interrupt are let",
                100 * sum(let) / len(let),
                95,
                "%",
                1,
                at_least=True,
            ),
            Goal("the agent is silent after, p95", percentile(stops, 95), WANTED_MS, "ms"),
            Goal("answers lost to what does not", 100 * sum(lost) / len(lost), 5, "%", 1),
        ),
        panels=(
            Panel(
                "Silent after a caller's first sound",
                "ms",
                "interruptions, %",
                (Curve("ours", shares(stops)),),
                (("wanted", WANTED_MS),),
                limits_across=True,
            ),
        ),
    )


def _conditions(found: Report) -> str:
    judged = "Smart Turn judges" if found.judged else "without Smart Turn"
    return (
        f"Recognition takes {RECOGNITION_S * 1000:.0f} ms, the network "
        f"{NETWORK_S * 1000:.0f} ms each way; {judged}. The time to stop includes both ways. All "
        "times are milliseconds."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print Markdown tables, or some cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--facts", type=Path, help="what the engines heard; written in the end")
    parser.add_argument("--case", default="", help="only cases with this in their name, each told")
    parser.add_argument("-v", "--verbose", action="store_true", help="with their timelines")
    parser.add_argument("--list", action="store_true", help="names of the cases")
    parser.add_argument("--failed", action="store_true", help="also every case that went wrong")
    given = parser.parse_args(arguments)
    if given.list:
        sys.stdout.writelines(f"{case.name}\n" for case in Cases(given.models).all())
        return
    found = measure(given.models, given.facts, given.case)
    told = [each for each in found.outcomes if given.case or (given.failed and each.why)]
    sys.stdout.writelines(f"{o.timeline if given.verbose else o.line}\n" for o in told)
    sys.stdout.write(f"\n{_conditions(found)}\n\n{table(found.figures)}")


if __name__ == "__main__":
    main()
