from __future__ import annotations

import json
from pathlib import Path

import pytest

from voice_agent.cli import main
from voice_agent.storage.database import head


@pytest.fixture(autouse=True)
def _empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(["db", *arguments])
    assert left.value.code == 0
    return capsys.readouterr().out


def test_an_upgrade_brings_the_schema_to_the_programs(capsys: pytest.CaptureFixture[str]) -> None:
    before = json.loads(run(capsys, "current", "--json"))
    done = json.loads(run(capsys, "upgrade", "--json"))
    after = json.loads(run(capsys, "current", "--json"))
    assert before == {"revision": None, "head": head()}
    assert done == after == {"revision": head(), "head": head()}


def test_people_read_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "upgrade") == f"The schema is at {head()}.\n"
    assert "no revision" not in run(capsys, "current")
