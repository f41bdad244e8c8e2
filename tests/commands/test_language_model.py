from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.llm.server import Behaviour, Server, answers, serving, writes
from tests.postgresql import free_port
from voice_agent.agent import AgentConfig
from voice_agent.cli import main
from voice_agent.commands.check import examine_parts
from voice_agent.settings import load_settings

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
BOOK = '{"commands": [{"command": "start_flow", "flow": "book_appointment"}]}'


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A language model that the settings name."""
    with serving() as running:
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("LLM_BASE_URL", running.url)
        monkeypatch.setenv("LLM_MODEL", "m-1")
        yield running


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """What a command printed, one object a line."""
    with pytest.raises(SystemExit):
        main([*arguments, "--json"])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def understood(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, *more: str
) -> dict[str, Any]:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    (record,) = told(capsys, "understand", "--now", "2026-11-23T09:00", *more)
    return record


def test_what_the_rules_do_not_understand_the_model_is_asked_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: Server
) -> None:
    server.behaviour = writes(BOOK)
    record = understood(monkeypatch, capsys, "mein Lenkrad wackelt so komisch")
    assert record["commands"] == [{"command": "start_flow", "name": "book_appointment"}]
    warmed = len(server.requests) - 1
    assert warmed == 2  # the instructions, in German and in English


def test_a_value_it_points_to_is_shown_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: Server
) -> None:
    command = {"command": "fill_slot", "slot": "name", "words": "Fischer"}
    server.behaviour = writes(json.dumps({"commands": [command]}))
    text = "Fischer jedenfalls schon immer"
    assert understood(monkeypatch, capsys, text, "--no-model")["slots"] == {}
    assert understood(monkeypatch, capsys, text)["slots"] == {"name": "Fischer"}


def test_nobody_is_asked_who_is_not_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: Server
) -> None:
    text = "mein Lenkrad wackelt so komisch"
    assert understood(monkeypatch, capsys, text, "--no-model")["commands"] == []
    assert server.requests == []


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        (writes(BOOK), None),
        (answers(401, b""), "LLM_API_KEY: the server refuses it (401)"),
        (answers(404, b""), "LLM_MODEL: the server knows no such model"),
        (answers(503, b""), "LLM_BASE_URL: the server answers with an error (503)"),
        (writes("Gerne doch."), "LLM_MODEL: it does not answer in JSON"),
    ],
)
def test_check_says_in_one_line_what_is_wrong_with_the_model(
    capsys: pytest.CaptureFixture[str], server: Server, behaviour: Behaviour, fault: str | None
) -> None:
    server.behaviour = behaviour
    (found,) = [each for each in told(capsys, "check") if each["check"] == "language model"]
    assert found["ok"] is (fault is None)
    assert (found["fault"] or "").startswith(fault or "")
    assert "\n" not in (found["fault"] or "")


@pytest.mark.usefixtures("server")
def test_check_says_that_nobody_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    (found,) = [each for each in told(capsys, "check") if each["check"] == "language model"]
    assert found["fault"].startswith("LLM_BASE_URL: nobody answers there")


@pytest.mark.usefixtures("server")
def test_a_model_that_is_away_does_not_keep_the_server_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LLM_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    found = parts()
    assert "language model" not in found
    assert found["instructions"] is None


def test_instructions_that_are_wrong_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Server
) -> None:
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    (tmp_path / "prompts" / "en" / "understand.md").write_text("Do as you like.", encoding="utf-8")
    monkeypatch.setenv("PROMPTS_DIR", str(tmp_path / "prompts"))
    assert "en/understand.md: needs {flows}" in (parts()["instructions"] or "")
    assert server.requests == []


def parts() -> dict[str, str | None]:
    """What a start examines, and what it finds."""
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    return {each.check: each.fault for each in examine_parts(settings, agent)}


@pytest.mark.usefixtures("server")
def test_without_a_model_nothing_is_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LLM_BASE_URL")
    monkeypatch.delenv("LLM_MODEL")
    assert "language model" not in {each["check"] for each in told(capsys, "check")}
