"""How the server starts, and what it takes."""

from __future__ import annotations

from pathlib import Path

import httpx
import psutil
import pytest

from tests.service.server import Server

pytestmark = pytest.mark.integration

MOST_MEMORY = 900 * 1024 * 1024


def test_the_server_says_which_engines_speak_and_hear(server: Server) -> None:
    """Which one spoke is visible at start-up and in /readyz."""
    report = httpx.get(f"{server.url}/readyz").json()
    assert report["state"] == "ready"
    assert report["engines"]["recogniser"].startswith("whisper:")
    assert set(report["engines"]) == {"recogniser", "voice_de", "voice_en"}


def test_the_terminal_says_what_to_open(server: Server) -> None:
    """Two minutes after `make run` a newcomer talks to the agent."""
    assert f"{server.url}/phone" in server.log.read_text()


def test_whisper_and_two_voices_take_less_than_900_mb(server: Server) -> None:
    """Resident memory of the process that holds all engines."""
    assert psutil.Process(server.process).memory_info().rss < MOST_MEMORY


def test_no_log_line_holds_a_telephone_number(server: Server) -> None:
    """The simulated callers' number is in every webhook and in no log line."""
    assert "15112345678" not in server.log.read_text()
    assert Path(server.log).stat().st_size > 0
