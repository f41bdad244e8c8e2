"""Media alone: a hundred calls at once, and how punctually the server's audio leaves."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import psutil

from tests.bench.bench import Bench
from tests.bench.section import Curve, Goal, Panel, Section, percentile, shares, table
from tests.bench.thin_call import ThinCall, frames
from tests.service.server import ROOT, free_port
from tests.twilio.house import AUTH_TOKEN
from voice_agent.audio import mulaw, wav
from voice_agent.errors import CarrierError
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.verbs import Connect

CALLS: Final = 100
SECONDS: Final = 30.0
"""Measured while all calls are held."""

RAMP: Final = 4.0
"""Seconds over which the streams begin, and as many at the end."""

CORES: Final = 2
"""On so many the server and its callers run together."""

SPEECH: Final = "de17.wav"
QUIET_S: Final = 8.0
"""Between two questions of a caller: the agent answers for about seven seconds."""

WANTED_MS: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run.

    Attributes:
        late: by how much each message of media was late, seconds.
        cpu: of the server, share of one core.
        lag: by how much the worst frame of the callers was late, seconds.
        lost: calls that the server refused, or ended before their time.
    """

    late: tuple[float, ...]
    cpu: float
    lag: float
    lost: int


def report(_: Bench) -> Section:
    """Hold the calls and tell."""
    measured = measure(CALLS, SECONDS)
    late = [1000 * seconds for seconds in measured.late]
    cells = [
        str(CALLS),
        f"{len(late) / SECONDS:,.0f}",
        *(f"{percentile(late, percent):.1f}" for percent in (50, 95, 99, 100)),
        f"{100 * measured.cpu:.0f} %",
        f"{1000 * measured.lag:.0f}",
        str(measured.lost),
    ]
    heading = (
        "calls at once",
        "messages of media out, a second",
        "late p50, ms",
        "p95, ms",
        "p99, ms",
        "worst, ms",
        "server's CPU, of one core",
        "worst frame of the callers late by, ms",
        "calls lost",
    )
    text = (
        "The product's server without speech models (`tests/bench/media_server.py`): real "
        "webhooks, websockets, call core, webrtcvad on every frame, dialogue, pacer and consent "
        "ledger, one process and one event loop; a recogniser that knows the question at once and "
        f"a synthesiser whose audio is ready. {CALLS} callers in another process, both processes "
        f"on the same {CORES} cores, send a frame every 20 ms and ask a question every "
        f"{QUIET_S + 2:.0f} s or so. A message is late by how long after its time it had been "
        "handed to the socket, reckoned outside the pacer from the messages themselves "
        "(`tests/bench/pacing.py`).\n\n" + table(heading, [cells])
    )
    return Section(
        title="Media alone",
        text=text,
        goals=(Goal(f"pacing error p99, {CALLS} calls", percentile(late, 99), WANTED_MS, "ms", 1),),
        panels=(
            Panel(
                f"Media: {CALLS} calls at once",
                "sent late by, ms",
                "messages, %",
                (Curve("messages of media", shares(late)),),
                (("wanted p99", WANTED_MS),),
                limits_across=True,
            ),
        ),
    )


def measure(calls: int, seconds: float) -> Measured:
    """Hold so many calls for so long."""
    with tempfile.TemporaryDirectory() as name:
        directory, port = Path(name), free_port()
        with _on_cores(), _server(directory, port, calls) as process:
            held = asyncio.run(_hold(f"http://127.0.0.1:{port}", calls, seconds, process))
        late = json.loads((directory / "late.json").read_text("utf-8"))
    began, ended, cpu, made, lost = held
    return Measured(
        late=tuple(by for at, by in late if began <= at <= ended),
        cpu=cpu,
        lag=max(call.lag for call in made),
        lost=lost,
    )


async def _hold(
    url: str, calls: int, seconds: float, process: psutil.Process
) -> tuple[float, float, float, list[ThinCall], int]:
    """Returns the beginning and end of what counts, the server's CPU, the calls, and lost ones."""
    sound = wav.read((ROOT / "tests" / "recordings" / SPEECH).read_bytes())
    spoken = frames(mulaw.encode(sound.mono()), QUIET_S)
    async with Carrier(url, AUTH_TOKEN) as carrier:
        made = [
            ThinCall(carrier, seconds + 2 * RAMP, spoken, number * len(spoken) // calls)
            for number in range(calls)
        ]
        connects = [await call.admit() for call in made]

        async def held(number: int, call: ThinCall, connect: Connect) -> None:
            await asyncio.sleep(RAMP * number / calls)
            await call.hold(connect)

        running = [
            asyncio.create_task(held(number, call, connect))
            for number, (call, connect) in enumerate(zip(made, connects, strict=True))
        ]
        await asyncio.sleep(RAMP)
        began, before = time.monotonic(), _cpu(process)
        await asyncio.sleep(seconds)
        ended, used = time.monotonic(), _cpu(process) - before
        ends = await asyncio.gather(*running, return_exceptions=True)
    lost = [end for end in ends if end is not None]
    for fault in lost:
        if not isinstance(fault, ConnectionError | CarrierError):
            raise fault
    return began, ended, used / (ended - began), made, len(lost)


@contextmanager
def _on_cores() -> Iterator[None]:
    """Keep this process, and those that it starts, to the first ``CORES`` cores for a while."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:CORES])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _server(directory: Path, port: int, calls: int) -> Iterator[psutil.Process]:
    """A process of its own; once it has stopped, what it noted is in the directory."""
    command = ["-m", "tests.bench.media_server", str(directory), str(port), str(calls)]
    process = subprocess.Popen(  # noqa: S603 (our own module, our own arguments)
        [sys.executable, *command],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,  # its log; a fault of the process itself goes to our own stderr
    )
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield psutil.Process(process.pid)
    finally:
        try:
            process.communicate(timeout=60)  # closes its input
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server stopped while starting")
        try:
            if httpx.get(address).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server does not start")


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
