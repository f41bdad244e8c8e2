"""How long an answer takes without sound: every scenario, turn by turn, processor time alone."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.bench.section import percentile, table
from tests.runtime.virtual_time import VirtualTimeLoop
from tests.scenarios.house import House
from tests.scenarios.scenario import Scenario
from tests.scenarios.stage import take
from tests.scenarios.test_scenarios import FILES
from voice_agent import log

LANGUAGES = ("de", "en")


def main(_: Sequence[str] = ()) -> None:
    """Play all of them and print a table; a slow tool takes no time here."""
    log.configure(production=False, least=logging.CRITICAL)
    seconds: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as directory:
        for number, path in enumerate((FILES[0], *FILES)):
            scenario = Scenario.load(path)
            with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                times = runner.run(_play(scenario, Path(directory)))
            if number:  # the first one warms up
                seconds[scenario.language] += times
    heading = ("language", "turns", "median, ms", "p95, ms", "p99, ms", "longest, ms")
    rows = [
        (
            language,
            str(len(seconds[language])),
            *(f"{percentile(seconds[language], p) * 1000:.1f}" for p in (50, 95, 99, 100)),
        )
        for language in LANGUAGES
    ]
    print(table(heading, rows))


async def _play(scenario: Scenario, data_dir: Path) -> list[float]:
    """The processor time of each turn, seconds."""
    house = House(scenario, data_dir)
    await house.chat.begin()
    times = []
    for turn in scenario.turns:
        began = time.process_time()
        await take(house.chat, turn)
        times.append(time.process_time() - began)
    await house.chat.end()
    return times
