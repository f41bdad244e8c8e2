"""A real Redis of the tests' own: on a free loopback port, in memory, ended by its process."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

START_LIMIT = 20.0


class RedisServer:
    """A Redis that a test may stop, start again, pause and fill; empty after each start.

    Args:
        directory: for its log; with ``tls``, ``redis.pem`` and ``redis.key`` lie there.
        tls: speak TLS and nothing else.
    """

    def __init__(self, directory: Path, *, tls: bool = False) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is missing: sh deploy/debian.sh redis-server"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._scheme = "rediss" if tls else "redis"
        options = ["--tls-port" if tls else "--port", str(self._port), "--bind", "127.0.0.1"]
        if tls:
            options += ["--port", "0", "--tls-auth-clients", "no"]
            options += ["--tls-cert-file", str(directory / "redis.pem")]
            options += ["--tls-key-file", str(directory / "redis.key")]
        options += ["--save", "", "--appendonly", "no", "--dir", str(directory)]
        self._command = [program, *options]
        self._log = directory / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, the same after each start."""
        return f"{self._scheme}://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it and wait until it listens."""
        with self._log.open("a") as output:
            self._process = subprocess.Popen(  # noqa: S603 (the program on PATH, our options)
                self._command, stdout=output, stderr=output
            )
        _wait_until_it_listens(self._port, self._process)

    def stop(self) -> None:
        """End it; all it held is gone. Does nothing if it does not run."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def pause(self) -> None:
        """Let it answer nobody any more; its connections stay."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after a pause."""
        self._signal(signal.SIGCONT)

    def fill(self) -> None:
        """Let it be full: it takes nothing that needs memory."""
        self._set("maxmemory", "1")

    def empty(self) -> None:
        """Let it have room again."""
        self._set("maxmemory", "0")

    def _set(self, name: str, value: str) -> None:
        with Redis.from_url(self.url) as redis:
            redis.config_set(name, value)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running Redis."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A running Redis of this test alone, to be mistreated."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        assert process.poll() is None, "redis-server stopped while starting"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"redis-server does not listen after {START_LIMIT} s")
