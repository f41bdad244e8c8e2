"""Whole calls against a real server: how long a caller waits, and what a call costs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.bench import RECORDINGS, Bench, Running
from tests.bench.section import Curve, Goal, Panel, Section, percentile, table
from tests.service.server import TOKEN, Server
from voice_agent.audio import mulaw, wav
from voice_agent.phone.caller import CallResult, SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import Report
from voice_agent.phone.script import Say, Step, conversation

QUESTIONS: Final = ("de18", "de19", "de28", "de29")
"""Questions with a written answer, asked one after the other in each call."""

_HISTOGRAM: Final = "voice_agent_work_seconds"


ROUNDS: Final = {1: 2, 2: 1, 4: 1, 8: 1}
"""Calls at once, and how often; each call asks all questions."""

WANTED_P50_MS: Final = 600.0
WANTED_P95_MS: Final = {1: 1000.0, 4: 1500.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run.

    Attributes:
        calls: calls at once.
        waits: voice to voice, seconds, each turn of each call that was answered.
        unanswered: turns that were not.
        recognition: mean seconds of one recognition.
        synthesis: mean seconds of one synthesis that was not in the cache; 0 if there was none.
        cpu_per_minute: CPU seconds of the server for each minute of call.
        memory: resident bytes of the server afterwards.
        lag: by how much the worst frame of the callers was late, seconds.
    """

    calls: int
    waits: tuple[float, ...]
    unanswered: int
    recognition: float
    synthesis: float
    cpu_per_minute: float
    memory: int
    lag: float

    def percentile(self, percent: int) -> float:
        """Percentile of the waits, milliseconds."""
        return 1000 * percentile(self.waits, percent)

    def row(self) -> list[str]:
        """Cells of the table."""
        return [
            str(self.calls),
            str(len(self.waits)),
            str(self.unanswered),
            f"{self.percentile(50):.0f}",
            f"{self.percentile(95):.0f}",
            f"{1000 * self.recognition:.0f}",
            f"{1000 * self.synthesis:.0f}" if self.synthesis else "none",
            f"{self.cpu_per_minute:.1f}",
            f"{self.memory / 2**20:.0f}",
            f"{1000 * self.lag:.0f}",
        ]


HEADING: Final = (
    "calls at once",
    "turns answered",
    "not answered",
    "voice to voice p50, ms",
    "p95, ms",
    "recognition mean, ms",
    "synthesis mean, ms",
    "CPU s per minute of call",
    "resident MB",
    "worst frame of the callers late by, ms",
)


def report(bench: Bench) -> Section:
    """Measure each count and tell."""
    server = bench.server()
    found = {count: measure(server, count, rounds) for count, rounds in ROUNDS.items()}
    goals = [Goal("voice to voice p50, 1 call", found[1].percentile(50), WANTED_P50_MS, "ms")]
    for count, wanted in WANTED_P95_MS.items():
        name = f"voice to voice p95, {count} call{'s' if count > 1 else ''}"
        goals.append(Goal(name, found[count].percentile(95), wanted, "ms"))
    curves = tuple(
        Curve(
            f"p{percent}", tuple((count, run.percentile(percent)) for count, run in found.items())
        )
        for percent in (50, 95)
    )
    return Section(
        title="Calls",
        text="German calls of four questions each, one after the other; the answers are written "
        "ones. Voice to voice is from the caller's last sound to the agent's first sound as "
        "heard, at the carrier's end. From start to ready, with models present and nothing "
        f"rendered: {server.server.start_seconds:.1f} s. Then every static line was rendered in "
        f"the background ({server.rendered_s:.0f} s, {server.rendered_cpu:.0f} CPU s, once for "
        "each change of a text), and measuring began after it.\n\n"
        + table(HEADING, [run.row() for run in found.values()]),
        goals=tuple(goals),
        panels=(
            Panel(
                "Voice to voice",
                "calls at once",
                "ms",
                curves,
                (("wanted p50, 1 call", WANTED_P50_MS), ("wanted p95, 1 call", WANTED_P95_MS[1])),
            ),
        ),
    )


def measure(running: Running, calls: int, rounds: int) -> Measured:
    """Hold so many calls at once, ``rounds`` times, and measure."""
    server = running.server
    before, cpu = _work(server), running.cpu()
    results = [result for _ in range(rounds) for result in asyncio.run(_ring(server, calls))]
    seconds = sum(result.ended.seconds for result in results)
    used, after = running.cpu() - cpu, _work(server)
    turns = [turn.seconds for each in results for turn in each.turns]
    return Measured(
        calls=calls,
        waits=tuple(turn for turn in turns if turn is not None),
        unanswered=turns.count(None) + len(QUESTIONS) * len(results) - len(turns),
        recognition=_mean(before["recognition"], after["recognition"]),
        synthesis=_mean(before["synthesis"], after["synthesis"]),
        cpu_per_minute=used / (seconds / 60),
        memory=running.memory(),
        lag=max(result.ended.lag for result in results),
    )


async def _ring(server: Server, calls: int) -> list[CallResult]:
    says = [_say(RECORDINGS / f"{name}.wav") for name in QUESTIONS]
    async with Carrier(server.url, TOKEN) as carrier:
        return await asyncio.gather(
            *(SimulatedCall(carrier, script, tell=_drop).run() for script in _scripts(says, calls))
        )


def _scripts(says: Sequence[Say], calls: int) -> Iterator[list[Step]]:
    for number in range(calls):
        turned = [*says[number % len(says) :], *says[: number % len(says)]]
        yield conversation(turned)


def _drop(_: Report) -> None:
    pass


def _say(path: Path) -> Say:
    return Say(mulaw.encode(wav.read(path.read_bytes()).mono()), path.name)


def _work(server: Server) -> dict[str, tuple[float, float]]:
    return {
        engine: (
            server.metric(f"{_HISTOGRAM}_sum", engine=engine),
            server.metric(f"{_HISTOGRAM}_count", engine=engine),
        )
        for engine in ("recognition", "synthesis")
    }


def _mean(before: tuple[float, float], after: tuple[float, float]) -> float:
    count = after[1] - before[1]
    return (after[0] - before[0]) / count if count else 0.0
