"""``voice-agent call`` as it is typed, in a process of its own, against a small agent."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from tests.phone.fake_agent import TOKEN, FakeAgent, serving, tone, wav

pytestmark = pytest.mark.integration


async def run(directory: Path, *arguments: str, url: str = "") -> tuple[int, str, str]:
    """Type a command; returns its exit status, standard output and standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voice_agent", "call", *arguments),
        env=os.environ
        | {"TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_URL": url, "DATA_DIR": str(directory)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    path.write_bytes(wav(tone(0.5, 700.0)))
    return path


async def test_a_whole_call_as_json_with_a_stereo_recording(tmp_path: Path, speech: Path) -> None:
    out = tmp_path / "call.wav"
    agent = FakeAgent(answer=tone(0.5))
    async with serving(agent) as url:
        status, printed, complaints = await run(
            tmp_path, "--say", str(speech), "--url", url, "--out", str(out), "--json", url=url
        )
    assert (status, complaints) == (0, "")
    lines: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines()]
    assert [line["type"] for line in lines] == [
        *("notice", "key", "stream", "heard", "said", "turn", "heard", "end")
    ]
    assert [line["text"] for line in lines if line["type"] == "heard"] == ["Beep.", "Beep."]
    assert lines[5]["text"] == "beep?"
    assert lines[5]["seconds"] == pytest.approx(0.4, abs=0.2)
    with wave.open(str(out)) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() / 8000 == pytest.approx(lines[-1]["seconds"], abs=0.1)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--say", "missing.wav"], "missing.wav: cannot be read"),
        (["--say", __file__], "not a WAV file"),
        (["--key", "A"], "one of 0123456789*#"),
        (["--from", "abc"], "or anonymous"),
        (["--to", "030901820"], "E.164"),
        (["--out", "nowhere/at/all.wav"], "there is no directory"),
        (["--url", "http://127.0.0.1:9"], "no answer"),
        (["--url", "127.0.0.1"], "http://"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    status, printed, complaints = await run(tmp_path, *arguments)
    assert (status, printed) == (2, "")
    assert complaint in complaints
    assert "Traceback" not in complaints
