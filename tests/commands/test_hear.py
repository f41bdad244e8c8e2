"""The command with the real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from consent.sealed import Consented
from voice_agent.audio import wav
from voice_agent.audio.resample import resample
from voice_agent.cli import main
from voice_agent.commands.hear import from_own_file
from voice_agent.speech.ports import Transcript

pytestmark = pytest.mark.integration

RECORDINGS = Path(__file__).parents[1] / "recordings"


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the program writes stays with the test."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def run(
    capsys: pytest.CaptureFixture[str], *words: str, status: int = 0
) -> tuple[list[dict[str, Any]], list[str]]:
    """The records that the command prints, and the lines it says about faults."""
    with pytest.raises(SystemExit) as left:
        main(["hear", *words, "--json"])
    assert (left.value.code or 0) == status
    told = capsys.readouterr()
    return [json.loads(line) for line in told.out.splitlines()], told.err.splitlines()


def test_every_file_has_its_object(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(RECORDINGS / f"de{number}.wav") for number in ("21", "37")]
    records, _ = run(capsys, *files, "--language", "de")
    assert [record["file"] for record in records] == files
    assert records[0]["text"] == "Ich möchte bitte mit einem Menschen sprechen."
    assert records[1]["text"] == "Ich kann morgen leider nicht kommen."
    for record in records:
        assert set(record) == {"file", *Transcript.__dataclass_fields__}
        assert 0 < record["seconds"] < 10
        assert record["audio_seconds"] < record["window"]


def test_a_person_reads_text_and_not_json(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(RECORDINGS / "en16.wav")
    with pytest.raises(SystemExit):
        main(["hear", file, "-l", "en"])
    assert capsys.readouterr().out == f"{file}: I would like to speak to a human being.\n"


def test_any_rate_and_stereo_are_heard(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mono = wav.read((RECORDINGS / "en12.wav").read_bytes()).mono()
    wide = resample(mono, 8000, 44_100)
    file = tmp_path / "stereo.wav"
    file.write_bytes(wav.write(np.stack([wide, wide], axis=1), 44_100))
    records, _ = run(capsys, str(file), "--language", "en")
    assert records[0]["text"] == "I want to cancel my appointment."


def test_a_file_longer_than_the_window_is_heard_to_its_end(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    names = ["en01", "en04", "en06", "en10", "en12", "en13", "en14", "en16", "en19", "en21"] * 2
    pause = np.zeros(4000, dtype=np.int16)
    parts = [wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono() for name in names]
    file = tmp_path / "long.wav"
    file.write_bytes(wav.write(np.concatenate([x for part in parts for x in (part, pause)]), 8000))
    records, _ = run(capsys, str(file), "--language", "en")
    assert records[0]["audio_seconds"] > 60
    assert records[0]["text"].startswith("Hello")
    assert "read me today's appointment" in records[0]["text"][-40:]


def test_a_fault_is_one_line_and_the_other_files_are_heard(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = tmp_path / "letter.wav"
    text.write_text("Dear Sir or Madam")
    cut = tmp_path / "cut.wav"
    cut.write_bytes((RECORDINGS / "en16.wav").read_bytes()[:1000])
    missing = tmp_path / "missing.wav"
    good = RECORDINGS / "en16.wav"
    records, told = run(
        capsys, *map(str, (missing, text, tmp_path, cut, good)), "-l", "en", status=1
    )
    assert [record["file"] for record in records] == [str(good)]
    assert [line.split(":")[0] for line in told] == [str(f) for f in (missing, text, tmp_path, cut)]


def test_an_empty_recording_is_nothing_and_no_fault(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "empty.wav"
    file.write_bytes(wav.write(np.zeros(0, dtype=np.int16), 8000))
    records, _ = run(capsys, str(file))
    assert (records[0]["text"], records[0]["rejected"]) == ("", "too_little_speech")


def test_an_unknown_language_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["hear", str(RECORDINGS / "en16.wav"), "--language", "fr"])
    assert left.value.code == 2
    assert "--language fr" in capsys.readouterr().err


def test_an_own_file_is_sealed_under_a_receipt_of_its_own() -> None:
    """Two files share no consent: values of different gates are never joined."""
    one, two = (from_own_file(RECORDINGS / f"{name}.wav") for name in ("en01", "en02"))
    assert isinstance(one, Consented)
    assert one.is_readable
    assert one._authority is not two._authority
