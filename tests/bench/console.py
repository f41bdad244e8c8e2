"""``make bench-console``: the operator console between two workers, into docs/performance.md.

python -m tests.bench console          # measured, and written into its place in the document
python -m tests.bench console --print  # measured and printed alone

Two real servers with one PostgreSQL and one Redis, a real Chromium with a microphone that plays a
file, and the simulated carrier; all of it on one machine. Nothing is asserted.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from tests.bench.bench import load, machine, rendered
from tests.bench.console_call import TAKEOVERS, CallFigures, measure_call
from tests.bench.console_crowd import CALLS, SAID, SECONDS, CrowdFigures, measure_crowd
from tests.bench.console_page import prepare
from tests.bench.document import put_between, wanted
from tests.bench.section import Goal, percentile, table
from tests.browser import VIEWPORT, chromium
from tests.console.latency import beeps
from tests.postgresql import Cluster
from tests.redis_server import RedisServer
from tests.service.server import ROOT
from tests.service.test_takeover import hire, sign_in
from tests.service.workers import Workers, both
from voice_agent.audio import wav

DOCUMENT: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- console: written by `make bench-console`, do not edit -->"
END: Final = "<!-- /console -->"

ANNOUNCED_MS: Final = 500.0
ONE_WAY_MS: Final = 250.0
SHOWN_MS: Final = 200.0

_MADE: Final = (
    "`make bench-console`. Two workers (`voice-agent serve`, real engines) with one PostgreSQL and "
    "one Redis, a real Chromium signed in at worker A, the simulated carrier's caller at worker B; "
    "everything, the browser too, on the cores below."
)

_WAYS: Final = (
    f"**Click to announcement**: {TAKEOVERS} takeovers of one call while nobody speaks, given back "
    "between: from the click in the page at A to the first sound of the announcement that the "
    "carrier receives from B; it has the operator's name in it and is spoken anew each time. "
    "**Voices**: a beep a second. From where the microphone's sound enters the page's audio graph, "
    "through A, Redis, B and its pacer, to when the caller hears it, with what lies before it in "
    "the carrier's buffer; and from the caller's mouth (a frame is sent 20 ms after its first "
    "sample) through B, Redis, A and the page's jitter buffer to where its sound leaves the audio "
    "graph. Sound cards and the telephone network add their own. **Event**: from the carrier's "
    "sending a key at B to the line that stands in the page at A. **Tiles**: "
    f"{CALLS} calls of four more workers change once a second each for {SECONDS:.0f} s, spread "
    "over the second, from the writing to Redis to the text in the overview at A."
)

_SEEN: Final = (
    "{seen:,} of {changes:,} changes were seen, the others overtaken by the next one of their call."
)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, and write or print it."""
    began, loaded, started = datetime.now(UTC), load(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="voice-agent-console-") as directory:
        call, crowd, quiet = _measure(Path(directory))
    facts = [
        ("measured", f"{began:%Y-%m-%d %H:%M} UTC, `make bench-console`"),
        ("machine", machine()),
        ("load average at the start (1, 5, 15 min)", loaded),
        ("the same once both workers were ready", quiet),
        ("the same at the end, this measurement included", load()),
        ("the page's clock ahead of the machine's", f"{1000 * crowd.ahead:.1f} ms"),
        ("all of it took", f"{(time.monotonic() - started) / 60:.1f} min"),
    ]
    text = _text(facts, call, crowd)
    print(text)
    if "--print" not in arguments:
        DOCUMENT.write_text(put_between(DOCUMENT.read_text("utf-8"), text, BEGIN, END), "utf-8")


def _measure(directory: Path) -> tuple[CallFigures, CrowdFigures, str]:
    """Start everything, measure, and stop everything."""
    parts = {name: directory / name for name in ("redis", "first", "second", "desk")}
    for part in parts.values():
        part.mkdir()
    # PostgreSQL's own account must be able to enter its directory.
    with tempfile.TemporaryDirectory(prefix="voice-agent-postgresql-") as place:
        cluster, redis = Cluster(Path(place)), RedisServer(parts["redis"])
        try:
            cluster.start()
            redis.start()
            with both(cluster, redis.url, (parts["first"], parts["second"])) as workers:
                for server in (workers.first, workers.second):
                    rendered(server)
                sys.stderr.write("both workers are ready ...\n")
                return (*asyncio.run(_look(workers, parts["desk"])), load())
        finally:
            redis.stop()
            cluster.stop("immediate")


async def _look(workers: Workers, desk: Path) -> tuple[CallFigures, CrowdFigures]:
    codes = hire(workers, desk)
    microphone = desk / "beeps.wav"
    microphone.write_bytes(wav.write(np.tile(beeps(), 10), 8000))
    async with chromium(f"--use-file-for-fake-audio-capture={microphone}") as browser:
        width, height = VIEWPORT
        context = await browser.new_context(viewport={"width": width, "height": height})
        await prepare(context)
        overview = await context.new_page()
        await sign_in(overview, workers.first.url, codes)
        await overview.click("#available")
        call = await measure_call(workers, browser, overview)
        sys.stderr.write("the call is measured ...\n")
        crowd = await measure_crowd(workers, overview)
    return call, crowd


def _text(facts: list[tuple[str, str]], call: CallFigures, crowd: CrowdFigures) -> str:
    """The section."""
    measured = [
        ("click to announcement", call.announced, ANNOUNCED_MS),
        ("operator's microphone to caller's ear", call.outward, ONE_WAY_MS),
        ("caller's mouth to the page's websocket", call.arrived, None),
        ("caller's mouth to operator's loudspeaker", call.inward, ONE_WAY_MS),
        ("event to the call's page", call.shown, SHOWN_MS),
        (f"change to tile, {CALLS} calls", crowd.shown, SHOWN_MS),
        (f"one look at {CALLS} calls in Redis", crowd.read, None),
    ]
    goals = [
        Goal(f"{name}, p95", 1000 * percentile(found, 95), limit, "ms")
        for name, found, limit in measured
        if limit is not None
    ]
    rows = [
        (name, str(len(found)), *(f"{1000 * percentile(found, p):.0f}" for p in (50, 95, 100)))
        for name, found, _ in measured
    ]
    longest = f"{1000 * crowd.longest:.0f} ms" if crowd.longest else "none over 50 ms"
    costs = [
        (
            "CPU of the worker that shows them, standing still",
            f"{100 * crowd.idle:.0f} % of a core",
        ),
        ("the same, each changing once a second", f"{100 * crowd.busy:.0f} % of a core"),
        ("CPU of Redis then", f"{100 * crowd.redis:.0f} % of a core"),
        ("longest task of the page then", longest),
        ("memory in Redis of a call's snapshot", f"{crowd.snapshot / 1024:.1f} KiB"),
        (f"and of {SAID} observations in it", f"{crowd.events / 1024:.1f} KiB"),
        ("and of the most that is kept of a call", f"{crowd.most / 1024:.0f} KiB"),
    ]
    seen = _SEEN.format(seen=len(crowd.shown), changes=crowd.changes)
    return "\n\n".join(
        [
            "## The operator console",
            _MADE,
            table(("", ""), facts),
            wanted(goals),
            table(("way", "samples", "p50, ms", "p95, ms", "worst, ms"), rows),
            f"{_WAYS} {seen}",
            table((f"{CALLS} calls", ""), costs),
        ]
    )
