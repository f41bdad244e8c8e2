from __future__ import annotations

import json
from pathlib import Path

import pytest

from voice_agent.cli import main

NAMES = ["art30", "data-flow", "dpia", "measures"]


@pytest.fixture(autouse=True)
def _empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def run(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as left:
        main(["records", *arguments])
    return left.value.code


def test_c30_every_document_is_written_as_markdown_and_as_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "records"
    assert run("--out", str(out), "--json") == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = sorted(path.name for path in out.iterdir())
    assert names == sorted(f"{name}.{form}" for name in NAMES for form in ("md", "html"))
    assert {Path(each["path"]).name for each in told} == set(names)
    assert "Verzeichnis von Verarbeitungstätigkeiten" in (out / "art30.md").read_text()


def test_c30_the_language_can_be_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--out", str(tmp_path / "r"), "--language", "en") == 0
    assert "Record of processing activities" in (tmp_path / "r" / "art30.md").read_text()
    assert "art30.html" in capsys.readouterr().out


def test_c29_an_overridden_region_stands_there_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_REGION", "us1")
    monkeypatch.setenv("TWILIO_EDGE", "ashburn")
    monkeypatch.setenv("TWILIO_REGION_OVERRIDE", "us1: assessed on 2026-10-01")
    assert run("--out", str(tmp_path / "r")) == 0
    assert "us1: assessed on 2026-10-01" in (tmp_path / "r" / "data-flow.md").read_text()


def test_what_was_there_before_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "r"
    out.mkdir()
    (out / "art30.md").write_text("old")
    (out / "mine.txt").write_text("mine")
    assert run("--out", str(out)) == 0
    assert (out / "art30.md").read_text() != "old"
    assert (out / "mine.txt").read_text() == "mine"
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_a_directory_that_cannot_be_written_to_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert run("--out", str(tmp_path / "file")) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [(), ("--out", "r", "--language", "fr")])
def test_a_wrong_command_line_is_refused(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert capsys.readouterr().err
