"""A PostgreSQL of the tests' own: made in a temporary directory, gone when the tests are done."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import pytest

ACCOUNT: Final = "postgres"
"""Who runs the server when the tests run as root: PostgreSQL refuses root. Debian makes it."""

MISSING: Final = "PostgreSQL's server is missing. Run: sh deploy/debian.sh postgresql"
ATTEMPTS: Final = 5
"""To start: between asking for a free port and using it, another program may take it."""

# What a test writes need not survive a power cut.
OPTIONS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
}


class Cluster:
    """A server with its databases, on a loopback port.

    Attributes:
        port: stays the same over ``stop`` and ``start``.
        template: name of a database that has the present schema, once somebody made it.
    """

    def __init__(self, directory: Path) -> None:
        """Make the files of the server.

        Args:
            directory: empty, and below directories that everybody may enter.

        Raises:
            RuntimeError: PostgreSQL is missing or does not work; the message says what to run.
        """
        self.port = 0
        self.template: str | None = None
        self._programs = programs()
        self._directory = directory
        self._data = directory / "data"
        self._password = secrets.token_hex()
        self._account = account()
        self._databases = 0
        (directory / "password").write_text(self._password)
        for path in (directory, directory / "password"):
            os.chown(path, self._account.pw_uid, self._account.pw_gid)
        self._run(
            "initdb",
            f"--pgdata={self._data}",
            f"--pwfile={directory / 'password'}",
            f"--username={ACCOUNT}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )

    def address(self, database: str) -> str:
        """The ``DATABASE_URL`` of a database, as an operator would write it."""
        return f"postgresql://{ACCOUNT}:{self._password}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Make a database, by name; a copy of a template that nobody is connected to."""
        self._databases += 1
        name = f"test_{self._databases}"
        self._sql(f"create database {name} template {template}")
        return name

    def drop(self, database: str) -> None:
        """Delete a database, whoever is connected to it."""
        self._sql(f"drop database {database} with (force)")

    def start(self) -> None:
        """Start, and wait until it answers.

        Raises:
            RuntimeError: it does not; the message is the server's.
        """
        options = " ".join(f"-c {name}='{value}'" for name, value in OPTIONS.items())
        first = self.port == 0
        for attempt in range(ATTEMPTS):
            if first:
                self.port = free_port()
            try:
                self._control("start", "-o", f"-p {self.port} {options}")
            except RuntimeError:
                if attempt + 1 == ATTEMPTS or not first:
                    raise
            else:
                return

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop, with a farewell to who is connected (fast) or without (immediate)."""
        self._control("stop", "-m", mode)

    def freeze(self) -> None:
        """Let every process of the server stand still, as a machine that hangs."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def _control(self, action: str, *arguments: str) -> None:
        log = self._directory / "log"
        self._run("pg_ctl", f"--pgdata={self._data}", f"--log={log}", "--wait", action, *arguments)

    def _signal(self, number: signal.Signals) -> None:
        """To the process that ``start`` started and those it started itself."""
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for process in (pid, *map(int, children)):
            os.kill(process, number)

    def _sql(self, statement: str) -> None:
        self._run(
            "psql", "--no-psqlrc", "--quiet", f"--command={statement}", self.address("postgres")
        )

    def _run(self, program: str, *arguments: str) -> None:
        # To a file and not to a pipe: the server inherits it, and would keep a pipe open.
        with (self._directory / "said").open("w+") as said:
            done = subprocess.run(  # noqa: S603 (a program of PostgreSQL, and arguments of ours)
                [self._programs / program, *arguments],
                cwd=self._directory,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(self._directory)},
                user=self._account.pw_uid,
                group=self._account.pw_gid,
                extra_groups=[] if os.getuid() == 0 else None,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
            )
            said.seek(0)
            if done.returncode != 0:
                raise RuntimeError(f"{program}: {said.read().strip()}")


def programs() -> Path:
    """Where PostgreSQL's programs are: the newest of Debian's, else what is on PATH.

    Raises:
        RuntimeError: nowhere; the message says what to run.
    """
    versions = [
        path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()
    ]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise RuntimeError(MISSING)
    return Path(found).resolve().parent


def account() -> pwd.struct_passwd:
    """Who runs the server: who runs the tests, but never root.

    Raises:
        RuntimeError: the tests run as root, and PostgreSQL's account is missing.
    """
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise RuntimeError(MISSING) from None


def free_port() -> int:
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A running server for all tests of this process; each test makes its own database in it."""
    # Not below pytest's directories: those may be entered by one user alone.
    with tempfile.TemporaryDirectory(prefix="voice-agent-postgresql-") as directory:
        cluster = Cluster(Path(directory))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")
