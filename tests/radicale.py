"""A real CalDAV server of the tests' own: Radicale, on a free loopback port, with one user."""

from __future__ import annotations

import base64
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from tests.postgresql import free_port

START_LIMIT: Final = 30.0
USER: Final = "agent"

_MAKE = """<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{name}</D:displayname></D:prop></D:set></C:mkcalendar>"""


@dataclass
class Radicale:
    """A running server.

    Attributes:
        port: where it listens.
        password: of ``USER``.
        folder: where the files lie; somebody may write past the server.
    """

    port: int
    password: str = field(repr=False)
    folder: Path

    def url(self, group: str) -> str:
        """The address below which the calendars of one test lie."""
        return f"http://127.0.0.1:{self.port}/{USER}-{group}"

    def make(self, group: str, *names: str) -> str:
        """Make calendars, and give the address they lie below."""
        self.send("MKCOL", f"{self.url(group)}/", "")
        for name in names:
            self.send("MKCALENDAR", f"{self.url(group)}/{name}/", _MAKE.format(name=name))
        return self.url(group)

    def put(self, group: str, calendar: str, name: str, text: str) -> None:
        """Write an event, as somebody else's program would."""
        self.send("PUT", f"{self.url(group)}/{calendar}/{name}.ics", text, "text/calendar")

    def send(self, method: str, address: str, body: str, kind: str = "application/xml") -> None:
        """Send a request as the user."""
        login = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 (an address of ours)
            address,
            data=body.encode(),
            method=method,
            headers={"Content-Type": kind, "Authorization": f"Basic {login}"},
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 (as above)


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """A running server for all tests of this process; each makes calendars of its own in it."""
    directory: Path = tmp_path_factory.mktemp("radicale")
    server = Radicale(free_port(), secrets.token_hex(), directory / "files")
    (directory / "users").write_text(f"{USER}:{server.password}\n")
    (directory / "rights").write_text(
        f"[own]\nuser: {USER}\ncollection: {USER}-[^/]*(/[^/]*)?\npermissions: RrWw\n"
        "[root]\nuser: .+\ncollection:\npermissions: R\n"
    )
    options = {
        "server-hosts": f"127.0.0.1:{server.port}",
        "auth-type": "htpasswd",
        "auth-htpasswd-filename": str(directory / "users"),
        "auth-htpasswd-encryption": "plain",
        "auth-delay": "0",
        "rights-type": "from_file",
        "rights-file": str(directory / "rights"),
        "storage-filesystem-folder": str(server.folder),
    }
    with (directory / "log").open("w") as output:
        process = subprocess.Popen(  # noqa: S603 (a program of ours, with options of our own)
            [
                sys.executable,
                "-m",
                "radicale",
                "--config",
                "",
                *(f"--{name}={value}" for name, value in options.items()),
            ],
            stdout=output,
            stderr=output,
            cwd=directory,
        )
        try:
            _wait_until_it_answers(server, process)
            yield server
        finally:
            process.kill()  # it would wait for connections, and nothing of it is needed
            process.kill()  # it would wait for connections; nothing of it is needed any more
            process.wait(10)


def _wait_until_it_answers(server: Radicale, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        assert process.poll() is None, "Radicale stopped while starting"
        try:
            server.send("OPTIONS", f"http://127.0.0.1:{server.port}/", "")
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"Radicale does not answer after {START_LIMIT} s")
