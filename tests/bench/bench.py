"""The machine that is measured, and the product's server on it, started once for all sections."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psutil

from tests.service.server import ROOT, Server, running

RECORDINGS: Final = ROOT / "tests" / "recordings"
MODELS: Final = ROOT / "models"

_RENDERED: Final = "lines_rendered"
_LIMIT: Final = 300.0


@dataclass(frozen=True, slots=True)
class Running:
    """The server, once nothing is rendered in the background any more.

    Attributes:
        server: it.
        rendered_s: how long it rendered static lines after it was ready, seconds.
        rendered_cpu: what that cost, CPU seconds.
    """

    server: Server
    rendered_s: float
    rendered_cpu: float

    def cpu(self) -> float:
        """CPU seconds of the server so far, with those of processes it has ended."""
        return _cpu(self.server.process)

    def memory(self) -> int:
        """Resident bytes."""
        return int(psutil.Process(self.server.process).memory_info().rss)


class Bench:
    """What the sections measure. Use it as a context manager: it stops the server at its end."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._running: Running | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def server(self) -> Running:
        """The product's server as ``make run`` starts it, with every static line rendered.

        The first to ask starts it and waits; it is the same for all.

        Raises:
            AssertionError: it does not start.
            TimeoutError: it renders for longer than five minutes.
        """
        if self._running is None:
            directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
            self._running = rendered(self._stack.enter_context(running(directory)))
        return self._running


def rendered(server: Server) -> Running:
    """A server once it has rendered every static line.

    Raises:
        TimeoutError: it renders for longer than five minutes.
    """
    began, before = time.monotonic(), _cpu(server.process)
    while _RENDERED not in server.log.read_text("utf-8"):
        if time.monotonic() - began > _LIMIT:
            raise TimeoutError("the server is still rendering static lines")
        time.sleep(0.2)
    return Running(server, time.monotonic() - began, _cpu(server.process) - before)


def _cpu(process: int) -> float:
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def machine() -> str:
    """Processor, cores and system in one line."""
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GB of memory, no GPU used, "
        f"{platform.system()} {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}"
    )


def load() -> str:
    """How many processes wanted a core over the last 1, 5 and 15 minutes."""
    return ", ".join(f"{each:.2f}" for each in os.getloadavg())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
