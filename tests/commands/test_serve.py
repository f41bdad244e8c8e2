from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


def serve(directory: Path, **variables: str) -> subprocess.Popen[str]:
    """Start the command in a directory, with these variables and no others of its own."""
    variables |= {"PATH": os.environ["PATH"], "HOME": str(directory), "DATA_DIR": str(directory)}
    return subprocess.Popen(
        [sys.executable, "-m", "voice_agent", "serve"],
        cwd=directory,
        env=variables | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(server: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit status and what it said to a person."""
    out, err = server.communicate(timeout=60)
    assert out == ""
    return server.returncode, err


def test_a_model_that_is_missing_stops_the_start_with_one_line(tmp_path: Path) -> None:
    status, said = ended(serve(tmp_path, MODELS_DIR=str(tmp_path / "none")))
    lines = [line for line in said.splitlines() if "whisper-base" in line]
    assert status == 2
    assert len(lines) == 1
    assert "Run: voice-agent models pull whisper-base" in lines[0]
    assert "Traceback" not in said


def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path: Path) -> None:
    status, said = ended(serve(tmp_path, PORT="http"))
    assert status == 2
    assert said.count("\n") == 1
    assert said.startswith("PORT: ")


def test_a_port_that_is_taken_stops_the_start_before_models_load(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        status, said = ended(serve(tmp_path, PORT=port))
    assert status == 2
    assert said.startswith(f"PORT: cannot listen on 127.0.0.1 port {port}")
    assert said.count("\n") == 1


def test_ctrl_c_stops_the_server(tmp_path: Path) -> None:
    """Once it said that it is ready, and with the status shells expect."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    server = serve(tmp_path, PORT=port)
    assert server.stderr is not None
    said = []
    for line in server.stderr:
        said.append(line)
        if line.startswith("Ctrl-C"):
            break
    server.send_signal(signal.SIGINT)
    status, rest = ended(server)
    assert status == 130
    assert f"http://127.0.0.1:{port}/phone" in "".join(said)
    assert [line.startswith("Nobody can use the console yet") for line in said].count(True) == 1
    assert "Traceback" not in "".join(said) + rest
