from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from voice_agent.errors import ConfigurationError, ModelError, VoiceAgentError
from voice_agent.server import OPTIONS, Start, announcement, listen, run
from voice_agent.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"DATA_DIR": str(tmp_path)})


async def nobody(seconds: float) -> int:
    """There are no calls to hand on."""
    del seconds
    return 0


class Application:
    """Starts, or fails to with the error it is given; answers other scopes with nothing."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.scopes: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Play the application's part of ASGI."""
        self.scopes.append(scope["type"])
        if scope["type"] != "lifespan":
            return
        await receive()
        if self.fault is not None:
            await send({"type": "lifespan.startup.failed"})
            raise self.fault
        await send({"type": "lifespan.startup.complete"})


async def receive() -> Message:
    return {"type": "lifespan.startup"}


async def started(application: Application) -> tuple[Start, list[str]]:
    """Start it; returns the watcher, and what was heard: messages sent, and ``ready``."""
    heard: list[str] = []
    start = Start(application, lambda: heard.append("ready"))

    async def send(message: Message) -> None:
        heard.append(message["type"])

    try:
        await start({"type": "lifespan"}, receive, send)
    except VoiceAgentError as error:
        heard.append(error.code)
    return start, heard


async def test_it_is_ready_when_the_application_says_so() -> None:
    start, heard = await started(Application())
    assert heard == ["lifespan.startup.complete", "ready"]
    assert start.failure is None


async def test_the_error_that_stopped_the_start_is_kept() -> None:
    fault = ModelError("a file is missing")
    start, heard = await started(Application(fault))
    assert heard == ["lifespan.startup.failed", "model"]
    assert start.failure is fault


async def test_an_error_that_is_not_ours_is_left_to_the_log() -> None:
    with pytest.raises(ValueError, match="any"):
        await started(Application(ValueError("any")))


async def test_everything_else_is_passed_on() -> None:
    application = Application()
    start = Start(application, lambda: None)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await start({"type": "http"}, receive, send)
    assert application.scopes == ["http"]


def test_the_terminal_says_what_to_open(settings: Settings) -> None:
    assert "http://127.0.0.1:8080/phone" in announcement(settings)
    assert "http://127.0.0.1:8080/twilio/voice" in announcement(settings)


def test_the_terminal_names_no_telephone_that_is_off(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "BROWSER_TELEPHONE": "off"})
    assert "/phone" not in announcement(settings)


def test_nothing_that_prints_addresses_is_on() -> None:
    assert OPTIONS["access_log"] is False
    assert OPTIONS["log_config"] is None
    assert OPTIONS["proxy_headers"] is False
    assert OPTIONS["ws_max_size"] == 65_536
    assert OPTIONS["ws_per_message_deflate"] is False


@pytest.fixture
def taken() -> Iterator[int]:
    """A port another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.integration
def test_a_port_that_is_taken_is_told(tmp_path: Path, taken: int) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "PORT": str(taken)})
    with pytest.raises(
        ConfigurationError, match=rf"PORT: cannot listen on 127\.0\.0\.1 port {taken}"
    ):
        listen(settings)


@pytest.mark.integration
def test_a_start_that_fails_ends_with_the_error_that_stopped_it(settings: Settings) -> None:
    """And nobody was told that it is ready."""
    told: list[str] = []
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(ModelError, match="a file is missing"),
    ):
        run(Application(ModelError("a file is missing")), settings, listener, told.append, nobody)
    assert told == []


@pytest.mark.integration
def test_a_start_that_fails_otherwise_points_to_the_log(settings: Settings) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(VoiceAgentError, match="the log says where"),
    ):
        run(Application(ValueError("any")), settings, listener, print, nobody)


@pytest.mark.integration
def test_an_address_of_another_machine_is_told(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "HOST": "192.0.2.1"})
    with pytest.raises(ConfigurationError, match="set another HOST or PORT"):
        listen(settings)
