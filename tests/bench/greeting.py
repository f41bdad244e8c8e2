"""How soon a caller who pressed the key hears the agent once their stream has started."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.bench.bench import Bench
from tests.bench.section import Goal, Section, percentile, table
from tests.bench.thin_call import ThinCall
from tests.service.server import TOKEN
from voice_agent.phone.carrier import Carrier

ROUNDS: Final = {1: 10, 4: 5}
"""Calls at once, and how often."""

SECONDS: Final = 2.0
"""Length of a stream."""

WANTED_MS: Final = 300.0


def report(bench: Bench) -> Section:
    """Measure and tell."""
    url = bench.server().server.url
    found = {count: asyncio.run(_ring(url, count, rounds)) for count, rounds in ROUNDS.items()}
    rows = [
        [
            str(count),
            str(len(heard)),
            *(f"{1000 * percentile(heard, percent):.0f}" for percent in (50, 95, 100)),
        ]
        for count, heard in found.items()
    ]
    heading = ("calls starting at once", "greetings", "first sound p50, ms", "p95, ms", "worst, ms")
    return Section(
        title="The greeting",
        text="From the stream's `start` message, sent by the carrier, to the first sound of the "
        "greeting as the caller hears it. The key was pressed before the stream; its consent is "
        "in the ledger.\n\n" + table(heading, rows),
        goals=tuple(
            Goal(f"greeting, {count} at once, worst", 1000 * max(heard), WANTED_MS, "ms")
            for count, heard in found.items()
        ),
    )


async def _ring(url: str, count: int, rounds: int) -> list[float]:
    """Seconds until each caller heard the first sound."""
    heard: list[float] = []
    async with Carrier(url, TOKEN) as carrier:
        for _ in range(rounds):
            calls = [ThinCall(carrier, SECONDS) for _ in range(count)]
            connects = [await call.admit() for call in calls]
            await asyncio.gather(
                *(call.hold(connect) for call, connect in zip(calls, connects, strict=True))
            )
            for call in calls:
                first = call.first_sound()
                if first is None:
                    raise RuntimeError(f"no greeting was heard in {SECONDS:.0f} s")
                heard.append(first)
    return heard
