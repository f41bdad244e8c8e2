"""The command with the real voices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from voice_agent.audio import wav
from voice_agent.cli import main

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the sound goes; what the program writes besides stays beside it."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "said.wav"


def run(*words: str) -> int:
    """A command's exit status."""
    with pytest.raises(SystemExit) as left:
        main(["say", *words])
    return int(left.value.code or 0)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("de", "Wir öffnen um 8 Uhr.", "Wir öffnen um acht Uhr."),
        ("en", "We open at 8:30.", "We open at eight thirty."),
    ],
)
def test_a_text_is_said_as_the_agent_would(
    capsys: pytest.CaptureFixture[str], out: Path, language: str, text: str, said: str
) -> None:
    assert run(text, "--language", language, "--out", str(out), "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["file"], record["text"], record["language"]) == (str(out), said, language)
    assert record["voice"].startswith(("piper:", "espeak-ng:"))
    recording = wav.read(out.read_bytes())
    assert (recording.rate, recording.channels) == (8000, 1)
    assert recording.seconds == pytest.approx(record["seconds"])
    assert 0.8 < recording.seconds < 5


def test_a_slower_rate_takes_longer(out: Path) -> None:
    seconds = []
    for rate in ("0.7", "1.3"):
        assert run("Guten Tag, was kann ich tun?", "--out", str(out), "--rate", rate) == 0
        seconds.append(wav.read(out.read_bytes()).seconds)
    assert seconds[0] > 1.3 * seconds[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Hallo", "--language", "fr"), "--language fr"),
        (("...",), "nothing in this text"),
        (("Hallo", "--out", "/nonexistent/said.wav"), "/nonexistent/said.wav: cannot be written"),
        (("Hallo", "--rate", "9"), "--rate"),
    ],
)
def test_what_cannot_be_said_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], out: Path, words: tuple[str, ...], said: str
) -> None:
    given = words if "--out" in words else (*words, "--out", str(out))
    assert run(*given) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
