from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from voice_agent import __version__
from voice_agent.cli import COMMANDS, EXIT_FAULT, main


def status(*arguments: str) -> int:
    """The exit status of a command line run in this process."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert isinstance(left.value.code, int)
    return left.value.code


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("--help") == 0
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert name in shown


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("--version") == 0
    assert capsys.readouterr().out == f"voice-agent {__version__}\n"


def test_a_command_that_does_not_exist_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status("nosuch") == 2
    assert "nosuch" in capsys.readouterr().err


def test_a_coded_error_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "none")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert status("db", "current") == EXIT_FAULT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert shown.err.startswith("PORT: ")


def test_a_library_that_is_missing_stops_its_command_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``None`` in ``sys.modules`` is how Python itself marks a module that cannot be imported."""
    monkeypatch.delitem(sys.modules, "voice_agent.commands.db", raising=False)
    monkeypatch.setitem(sys.modules, "voice_agent.storage.database", None)
    assert status("db", "current") == EXIT_FAULT
    assert "needs voice_agent.storage.database" in capsys.readouterr().err
    assert status("--help") == 0


def test_the_help_imports_no_engine_and_no_database() -> None:
    """It answers at once because nothing heavy is loaded for it."""
    script = (
        "import sys; from voice_agent.cli import build; build()\n"
        "heavy = {'numpy', 'sqlalchemy', 'faster_whisper', 'onnxruntime', 'fastapi', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
