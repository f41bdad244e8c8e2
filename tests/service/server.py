"""A real server in a process of its own: what ``make run`` starts, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
TOKEN = "the-token-of-the-service-tests"
START_LIMIT = 90.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        url: its origin.
        log: what it wrote to standard error.
        process: its process id.
        start_seconds: from its start to ready.
    """

    url: str
    log: Path
    process: int
    start_seconds: float

    @property
    def socket_url(self) -> str:
        """The same origin for websockets."""
        return "ws" + self.url.removeprefix("http")

    def metric(self, name: str, **labels: str) -> float:
        """A sample of ``/metrics``; 0 if it is not there."""
        wanted = ",".join(f'{key}="{value}"' for key, value in labels.items())
        sample = f"{name}{{{wanted}}} " if labels else f"{name} "
        for line in httpx.get(f"{self.url}/metrics").text.splitlines():
            if line.startswith(sample):
                return float(line.removeprefix(sample))
        return 0.0


def free_port() -> int:
    """A port of the loopback nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    directory: Path,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
    program: str = "voice_agent",
) -> Iterator[Server]:
    """Start ``voice-agent serve`` and stop it at the end, by its process id.

    Args:
        directory: for its data and its log.
        environment: settings besides port, token and directories.
        port: where it listens; a free one if left out.
        program: the module that is the command.
    """
    port = port or free_port()
    log = directory / "server.log"
    settings = {
        "PORT": str(port),
        "DATA_DIR": str(directory / "data"),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "HANDOVER_NUMBER": "+4930901829",
        "MODELS_DIR": str(ROOT / "models"),
        "PYTHONPATH": str(ROOT),
    }
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 (this program)
            [sys.executable, "-m", program, "serve"],
            cwd=directory,
            env=inherited | settings | dict(environment or {}),
            stdout=output,
            stderr=output,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process, log)
        yield Server(url, log, process.pid, time.monotonic() - started)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"the server stopped while starting:\n{log.read_text()}")
        try:
            if httpx.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the server is not ready after {START_LIMIT} s:\n{log.read_text()}")
