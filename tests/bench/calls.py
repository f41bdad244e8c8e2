"""Whole calls against a real server: how long a caller waits, and what a call costs."""

from __future__ import annotations

import asyncio
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from tests.service.server import TOKEN, Server
from voice_agent.audio import mulaw, wav
from voice_agent.phone.caller import CallResult, SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import Report
from voice_agent.phone.script import Say, Step, conversation

QUESTIONS: Final = ("de18", "de19", "de28", "de29")
"""Questions with a written answer, asked one after the other in each call."""

_HISTOGRAM: Final = "voice_agent_work_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run.

    Attributes:
        calls: calls at once.
        waits: voice to voice, seconds, each turn of each call.
        recognition: mean seconds of one recognition.
        synthesis: mean seconds of one synthesis that was not in the cache; 0 if there was none.
        cpu_per_minute: CPU seconds of the server for each minute of call.
        memory: resident bytes of the server afterwards.
        lag: by how much the worst frame of the callers was late, seconds.
    """

    calls: int
    waits: tuple[float, ...]
    recognition: float
    synthesis: float
    cpu_per_minute: float
    memory: int
    lag: float

    def percentile(self, percent: int) -> float:
        """Percentile of the waits, seconds; nearest rank."""
        ordered = sorted(self.waits)
        return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]

    def row(self) -> str:
        """A row of the table."""
        return (
            f"| {self.calls} | {len(self.waits)} | {statistics.median(self.waits):.2f} | "
            f"{self.percentile(95):.2f} | {self.recognition:.2f} | {self.synthesis:.2f} | "
            f"{self.cpu_per_minute:.1f} | {self.memory / 2**20:.0f} | {self.lag * 1000:.0f} |"
        )


HEADING: Final = (
    "| calls at once | turns | voice to voice p50, s | p95, s | recognition, s | synthesis, s | "
    "CPU s per minute of call | resident MB | worst frame of the callers late by, ms |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def measure(server: Server, calls: int, recordings: Path, rounds: int) -> Measured:
    """Hold so many calls at once, ``rounds`` times, and measure."""
    process = psutil.Process(server.process)
    before = _work(server)
    cpu = _cpu(process)
    results = [
        result for _ in range(rounds) for result in asyncio.run(_ring(server, calls, recordings))
    ]
    seconds = sum(result.ended.seconds for result in results)
    used = _cpu(process) - cpu
    after = _work(server)
    return Measured(
        calls=calls,
        waits=tuple(turn.seconds for each in results for turn in each.turns if turn.seconds),
        recognition=_mean(before["recognition"], after["recognition"]),
        synthesis=_mean(before["synthesis"], after["synthesis"]),
        cpu_per_minute=used / (seconds / 60),
        memory=process.memory_info().rss,
        lag=max(result.ended.lag for result in results),
    )


async def _ring(server: Server, calls: int, recordings: Path) -> list[CallResult]:
    says = [_say(recordings / f"{name}.wav") for name in QUESTIONS]
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


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


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
