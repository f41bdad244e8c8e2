from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.commands.kept import on_machine
from tests.test_settings import PRODUCTION
from voice_agent.cli import main
from voice_agent.models.catalogue import find
from voice_agent.storage.calls import SqlCallBook
from voice_agent.stores import Stores

ROOT = Path(__file__).parents[2]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with the example configuration and files of the right names and sizes as models."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    for model in (find("whisper-base"), find("en_US-joe-medium"), find("de_DE-thorsten-medium")):
        directory = tmp_path / "models" / model.name
        directory.mkdir(parents=True)
        for file in model.files:
            with (directory / file.name).open("wb") as sparse:
                sparse.truncate(file.size or 1)
    for name in ("config", "prompts", "models", "data"):
        monkeypatch.setenv(f"{name.upper()}_DIR", str(tmp_path / name))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], status: int) -> dict[str, list[str | None]]:
    """The faults by check."""
    with pytest.raises(SystemExit) as left:
        main(["check", "--json"])
    records: list[dict[str, Any]] = [
        json.loads(line) for line in capsys.readouterr().out.splitlines()
    ]
    assert left.value.code == status
    found: dict[str, list[str | None]] = {}
    for record in records:
        assert set(record) == {"check", "ok", "fault"}
        assert record["ok"] is (record["fault"] is None)
        found.setdefault(record["check"], []).append(record["fault"])
    return found


@pytest.mark.integration
@pytest.mark.usefixtures("machine")
def test_a_machine_that_is_ready_has_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the real voices: the notice's length is measured on its audio."""
    monkeypatch.setenv("MODELS_DIR", str(ROOT / "models"))
    assert run(capsys, 0) == {
        "settings": [None],
        "agent": [None],
        "prompts": [None],
        "knowledge": [None],
        "retention": [None],
        "notice": [None],
        "recogniser": [None],
        "voices": [None],
        "database": [None],
        "calendar": [None],
        "directory": [None],
        "reminders": [None],
        "flows": [None],
        "clock": [None],
        "notice length": [None],
    }


@pytest.mark.integration
def test_c9_a_notice_that_takes_too_long_is_a_fault(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A long company name is enough, and the server would refuse to start."""
    monkeypatch.setenv("MODELS_DIR", str(ROOT / "models"))
    file = machine / "config" / "agent.yaml"
    name = "Autowerkstatt Berger und Söhne für alle Marken, Meisterbetrieb seit 1953 in Kreuzberg"
    text = file.read_text(encoding="utf-8").replace(
        "name: Autowerkstatt Berger\n", f"name: {name}\n"
    )
    file.write_text(text, encoding="utf-8")
    faults = run(capsys, 1)["notice length"]
    assert any(fault and "company.name" in fault for fault in faults)


@pytest.mark.usefixtures("machine")
def test_a_wrong_setting_is_told_and_nothing_after_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("HANDOVER_NUMBER", "x")
    found = run(capsys, 1)
    assert list(found) == ["settings"]
    assert len(found["settings"]) == 2


def test_a_wrong_configuration_is_told_with_its_line(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (machine / "config" / "agent.yaml").open("a", encoding="utf-8") as file:
        file.write("typo: 1\n")
    (fault,) = run(capsys, 1)["agent"]
    assert fault is not None
    assert "agent.yaml:" in fault
    assert "typo" in fault


def test_a_wrong_flow_is_told_with_its_line(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = machine / "config" / "flows" / "book_appointment.yaml"
    with file.open("a", encoding="utf-8") as out:
        out.write("typo: 1\n")
    (fault,) = run(capsys, 1)["flows"]
    assert fault is not None
    assert "book_appointment.yaml:" in fault
    assert "typo" in fault


def test_everything_that_is_missing_is_told_at_once(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No models, no espeak-ng on the path, a broken prompt, no knowledge, a broken database."""
    shutil.rmtree(machine / "models")
    shutil.rmtree(machine / "config" / "knowledge")
    next((machine / "prompts" / "de").glob("*.yaml")).write_text("- no\n", encoding="utf-8")
    (machine / "data").mkdir(exist_ok=True)
    (machine / "data" / "voice-agent.db").write_bytes(b"no database" * 99)
    monkeypatch.setenv("PATH", str(machine))
    found = run(capsys, 1)
    wrong = {check for check, faults in found.items() if faults != [None]}
    assert wrong == {"prompts", "knowledge", "recogniser", "voices", "database"}
    assert "voice-agent models pull" in str(found["recogniser"])
    assert len(found["voices"]) == 2


def test_c19_a_retention_table_that_does_not_fit_the_database_is_told(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = machine / "config" / "retention.yaml"
    text = file.read_text(encoding="utf-8").replace("after: created_at", "after: ended_at")
    file.write_text(text, encoding="utf-8")
    (fault,) = run(capsys, 1)["retention"]
    assert fault is not None
    assert "ended_at, which may be empty" in fault


@pytest.mark.integration
@pytest.mark.usefixtures("machine")
def test_c19_rows_from_the_future_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["db", "upgrade"])

    async def call(stores: Stores) -> None:
        at = stores.clock() + timedelta(days=1)
        await SqlCallBook(stores.database).begin("CA1", "de", at)

    on_machine(call)
    capsys.readouterr()
    (fault,) = run(capsys, 1)["clock"]
    assert fault is not None
    assert "calls: 1 rows are later than the clock" in fault


def test_people_read_a_line_each(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(machine / "models" / "whisper-base")
    with pytest.raises(SystemExit) as left:
        main(["check"])
    assert left.value.code == 1
    shown = capsys.readouterr().out.splitlines()
    assert "settings: all right" in shown
    assert any("models pull whisper-base" in line for line in shown)


@pytest.mark.usefixtures("machine")
def test_production_wants_the_schema_there_already(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    (fault,) = run(capsys, 1)["database"]
    assert fault is not None
    assert "voice-agent db upgrade" in fault
