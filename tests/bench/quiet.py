"""What a call costs while nobody speaks, and what one turn of a caller costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Final

from tests.bench.bench import RECORDINGS, Bench, Running
from tests.bench.section import Goal, Section, table
from tests.service.server import TOKEN
from voice_agent.audio import mulaw, wav
from voice_agent.phone.caller import CallResult, SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.recording import Recording
from voice_agent.phone.script import Listen, PressKey, Say, Step, Wait
from voice_agent.phone.sound import span

WAIT: Final = "de25"
""""One moment, please": for a minute after it the agent does not ask whether anybody is there."""

IDLE_S: Final = 10.0
QUIET_S: Final = 30.0
SETTLE_S: Final = 1.0
"""After the last word, before anything counts."""

QUESTIONS: Final = ("de19", "de28", "de16")
TURNS: Final = 6

WANTED_QUIET: Final = 3.0
WANTED_TURN: Final = 1.0


class Stopwatch:
    """The server's CPU and the clock, read now and then."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self.read: list[tuple[float, float]] = []

    def note(self) -> None:
        """Read both."""
        self.read.append((time.monotonic(), self._server.cpu()))

    def spent(self) -> tuple[float, float]:
        """Seconds, and CPU seconds, between the last two readings.

        Raises:
            ValueError: there are no two.
        """
        (began, before), (ended, after) = self.read[-2:]
        return ended - began, after - before


def report(bench: Bench) -> Section:
    """Measure and tell."""
    server = bench.server()
    idle = _idle(server)
    quiet = _quiet(server)
    turn, speech = _turn(server, quiet)
    rows = [
        ["the server without a call", f"{100 * idle:.2f} % of a core"],
        ["the server with one quiet call", f"{100 * quiet:.2f} % of a core"],
        [f"a turn with {speech:.1f} s of speech (mean of {TURNS})", f"{turn:.2f} CPU s"],
    ]
    return Section(
        title="What a call costs",
        text=f"CPU time of the server's process. The quiet call lasts {QUIET_S:.0f} s after the "
        "caller has asked for a moment: frames of silence come in, voice activity detection "
        "hears each, nobody speaks. A turn is everything that the quiet call is not: recogniser "
        "(also for pauses that are none), judge, voice activity, dialogue, and sending the "
        "answer, which was rendered before.\n\n" + table(("what", "costs"), rows),
        goals=(
            Goal("CPU of a quiet call", 100 * (quiet - idle), WANTED_QUIET, "% of a core", 2),
            Goal(f"CPU of a turn, {speech:.1f} s of speech", turn, WANTED_TURN, "CPU s", 2),
        ),
    )


def _idle(server: Running) -> float:
    watch = Stopwatch(server)
    watch.note()
    time.sleep(IDLE_S)
    watch.note()
    seconds, cpu = watch.spent()
    return cpu / seconds


def _quiet(server: Running) -> float:
    """CPU of the server with a quiet call, share of a core."""
    watch = Stopwatch(server)
    spoken: list[float] = []

    def script(recording: Recording) -> Iterator[Step]:
        yield from (Listen(), PressKey("1"), Listen(), _say(WAIT), Listen(), Wait(SETTLE_S))
        watch.note()
        spoken.append(recording.agent.end)
        yield Wait(QUIET_S)
        watch.note()
        spoken.append(recording.agent.end)

    asyncio.run(_call(server, script))
    if spoken[0] != spoken[1]:
        raise RuntimeError("the agent spoke while the call should have been quiet")
    seconds, cpu = watch.spent()
    return cpu / seconds


def _turn(server: Running, quiet: float) -> tuple[float, float]:
    """CPU seconds of a turn beyond a quiet call's, and seconds of speech in it; means."""
    watch = Stopwatch(server)
    says = [_say(QUESTIONS[number % len(QUESTIONS)]) for number in range(TURNS)]

    def script(_: Recording) -> Iterator[Step]:
        yield from (Listen(), PressKey("1"), Listen())
        watch.note()
        for say in says:
            yield from (say, Listen())
        watch.note()

    result = asyncio.run(_call(server, script))
    if len(result.turns) < TURNS or any(turn.seconds is None for turn in result.turns):
        raise RuntimeError("a turn was not answered")
    seconds, cpu = watch.spent()
    return (cpu - quiet * seconds) / TURNS, sum(map(_speech, says)) / TURNS


async def _call(server: Running, script: Callable[[Recording], Iterator[Step]]) -> CallResult:
    """Hold one call whose caller follows a script that may look at the call's recording."""
    async with Carrier(server.server.url, TOKEN) as carrier:
        call = SimulatedCall(carrier, ())
        call.script = script(call.recording)
        return await call.run()


def _say(name: str) -> Say:
    sound = wav.read((RECORDINGS / f"{name}.wav").read_bytes())
    return Say(mulaw.encode(sound.mono()), name)


def _speech(say: Say) -> float:
    found = span(say.mulaw)
    return 0.0 if found is None else found[1] - found[0]
