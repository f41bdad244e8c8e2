"""The command with the real models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.paused import Turn, turns
from voice_agent.audio import mulaw, wav
from voice_agent.cli import main
from voice_agent.commands.rehearsal import Moment

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
        main(["turns", *words, "--json", "--answer-after", "0.25"])
    assert (left.value.code or 0) == status
    told = capsys.readouterr()
    return [json.loads(line) for line in told.out.splitlines()], told.err.splitlines()


def paused(name: str) -> Turn:
    return next(turn for turn in turns() if turn.name == name)


def test_every_event_is_an_object_with_the_witnesses(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(RECORDINGS / "de18.wav")
    records, _ = run(capsys, file, "--language", "de")
    assert {record["file"] for record in records} == {file}
    assert all(set(record) == {"file", *Moment.__dataclass_fields__} for record in records)
    assert records[0]["type"] == "speech_started"
    ended = records[-1]
    assert ended["type"] == "turn_ended"
    assert ended["words"] == "finished"
    assert ended["text"] == "Haben Sie am Samstag auch offen?"
    assert ended["smart_turn"] > 0.5
    assert [record["at"] for record in records] == sorted(record["at"] for record in records)


def test_a_pause_in_mid_sentence_is_waited_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One turn: "Ich möchte meinen", a pause, "Termin absagen"."""
    turn = paused("de15.0")
    file = tmp_path / "paused.wav"
    file.write_bytes(wav.write(mulaw.decode(turn.mulaw), 8000))
    records, _ = run(capsys, str(file), "-l", "de")
    assert [record["type"] for record in records].count("turn_ended") == 1
    resumed = next(record for record in records if record["type"] == "resumed")
    assert resumed["words"] == "unfinished"
    assert resumed["silence_ms"] > 400


def test_a_person_reads_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["turns", str(RECORDINGS / "en12.wav"), "-l", "en"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "en12.wav",
        lines[0].split()[1],
        "s",
        "turn",
        "1",
        *"speech started".split(),
    ]
    assert "turn ended" in lines[-1]
    assert "words finished: I want to cancel my appointment." in lines[-1]


def test_a_fault_is_one_line_and_the_other_files_are_heard(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = tmp_path / "letter.wav"
    text.write_text("Dear Sir or Madam")
    missing = tmp_path / "missing.wav"
    good = str(RECORDINGS / "en12.wav")
    records, told = run(capsys, str(missing), str(text), good, "-l", "en", status=1)
    assert {record["file"] for record in records} == {good}
    assert [line.split(":")[0] for line in told] == [str(missing), str(text)]


def test_an_unknown_language_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["turns", str(RECORDINGS / "en12.wav"), "--language", "fr"])
    assert left.value.code == 2
    assert "--language fr" in capsys.readouterr().err
