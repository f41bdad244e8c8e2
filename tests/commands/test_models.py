from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from voice_agent.cli import main
from voice_agent.models.catalogue import CATALOGUE, find
from voice_agent.models.store import LOCK


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without models and without a configuration of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "models"


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> list[dict[str, Any]]:
    """The records that a command prints with --json."""
    with pytest.raises(SystemExit) as left:
        main(["models", *words, "--json"])
    assert (left.value.code or 0) == status
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def put(models: Path, name: str, content: bytes = b"x") -> None:
    """Files of the right names, and not the right ones."""
    (models / name).mkdir(parents=True)
    for file in find(name).files:
        (models / name / file.name).write_bytes(content)


def test_the_list_tells_every_model_and_that_nothing_is_here(
    capsys: pytest.CaptureFixture[str], models: Path
) -> None:
    records = run(capsys, "list")
    assert [record["model"] for record in records] == list(CATALOGUE)
    assert {record["present"] for record in records} == {False}
    assert records[0]["directory"] == str(models / "whisper-base")
    assert records[0]["bytes"] > 147_000_000
    assert set(records[0]) == {
        "model",
        "kind",
        "language",
        "present",
        "default",
        "bytes",
        "directory",
        "about",
    }


def test_the_list_tells_what_is_here(capsys: pytest.CaptureFixture[str], models: Path) -> None:
    put(models, "de_DE-thorsten-medium")
    present = [record["model"] for record in run(capsys, "list") if record["present"]]
    assert present == ["de_DE-thorsten-medium"]


def test_missing_models_of_the_defaults_fail_the_verification(
    capsys: pytest.CaptureFixture[str],
) -> None:
    records = run(capsys, "verify", status=1)
    assert {record["model"] for record in records} == {
        "whisper-base",
        "en_US-joe-medium",
        "de_DE-thorsten-medium",
        "smart-turn-v3.2",
    }
    states = {record["model"]: record["state"] for record in records}
    assert states["whisper-base"] == states["en_US-joe-medium"] == "missing"
    assert states["de_DE-thorsten-medium"] == states["smart-turn-v3.2"] == "optional"


def test_an_optional_model_that_is_named_fails_the_verification_when_it_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    records = run(capsys, "verify", "de_DE-thorsten-medium", status=1)
    assert {record["state"] for record in records} == {"missing"}


def test_a_wrong_file_fails_the_verification_with_both_hashes(
    capsys: pytest.CaptureFixture[str], models: Path
) -> None:
    put(models, "smart-turn-v3.2")
    (record,) = run(capsys, "verify", "smart-turn-v3.2", status=1)
    assert record["state"] == "wrong"
    assert record["expected"] == find("smart-turn-v3.2").files[0].sha256
    assert record["found"].startswith("2d711642")


def test_a_file_without_any_known_hash_is_told_and_no_fault(
    capsys: pytest.CaptureFixture[str], models: Path
) -> None:
    put(models, "de_DE-thorsten-medium")
    records = run(capsys, "verify", "de_DE-thorsten-medium")
    assert {record["state"] for record in records} == {"unpinned"}


def test_a_model_that_is_not_in_the_catalogue_is_answered_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["models", "pull", "whisper-huge"])
    assert left.value.code == 2
    assert "whisper-base" in capsys.readouterr().err


def test_a_hub_that_is_not_https_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["models", "pull", "--hub", "http://example.org"])
    assert left.value.code == 2
    assert "https://" in capsys.readouterr().err


@pytest.mark.integration
def test_a_pull_of_what_is_here_fetches_nothing(
    capsys: pytest.CaptureFixture[str], models: Path
) -> None:
    """A voice that was put here by hand is kept, though no hub answers."""
    put(models, "de_DE-thorsten-medium")
    words = ("pull", "de_DE-thorsten-medium", "--hub", "http://127.0.0.1:9")
    assert run(capsys, *words) == []
    assert (models / LOCK).is_file()
    assert run(capsys, *words) == []


@pytest.mark.integration
def test_a_pull_goes_on_without_what_can_be_done_without(
    capsys: pytest.CaptureFixture[str], models: Path
) -> None:
    words = ("pull", "de_DE-thorsten-medium", "--hub", "http://127.0.0.1:9")
    with pytest.raises(SystemExit):
        main(["models", *words])
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "cannot be reached" in told
    assert "espeak-ng speaks German" in told
    assert not (models / "de_DE-thorsten-medium").exists()
