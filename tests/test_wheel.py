"""The wheel carries all that a first start needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with the hatchling that is installed, without asking an index for anything."""
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 (our own words)
    (wheel,) = directory.glob("voice_agent-*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment of its own, which borrows only the libraries of this one.

    The borrowed directory comes last on the path and its ``.pth`` files are not read, so that the
    checkout this environment points to is not found by it.
    """
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
    command = [str(python), "-m", "pip", "install", *options, str(wheel)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own words)
    site = next((home / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin" / "voice-agent"


def run(command: Path, directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a directory, with an environment that points nowhere else."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(directory), "LANG": "C.UTF-8"}
    return subprocess.run(  # noqa: S603 (our own words)
        [str(command), *arguments],
        cwd=directory,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_wheel_holds_texts_migrations_and_notices(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "voice_agent/defaults/config/agent.yaml" in names
    assert "voice_agent/storage/migrations/env.py" in names
    assert any(name.startswith("voice_agent/defaults/prompts/de/") for name in names)
    assert any(name.startswith("voice_agent/defaults/config/knowledge/") for name in names)
    assert any(name.startswith("consent/notices/") for name in names)
    assert not any(name.startswith("tests/") for name in names)


def test_an_installed_program_checks_itself_in_an_empty_directory(
    installed: Path, tmp_path: Path
) -> None:
    """Texts and configuration come from the wheel; only the models are still to be pulled."""
    checked = run(installed, tmp_path, "check", "--json")
    records = {record["check"]: record for record in map(json.loads, checked.stdout.splitlines())}
    assert checked.stderr == ""
    assert checked.returncode == 1
    for check in ("settings", "agent", "prompts", "knowledge", "notice", "database"):
        assert records[check] == {"check": check, "ok": True, "fault": None}
    home = tmp_path / ".local" / "share" / "voice-agent"
    assert str(home / "models") in records["recogniser"]["fault"]
    assert (home / "data").is_dir()
    assert [entry.name for entry in tmp_path.iterdir()] == [".local"]


def test_an_installed_program_makes_its_database(installed: Path, tmp_path: Path) -> None:
    """The migrations travel too; there is no alembic.ini beside it."""
    done = run(installed, tmp_path, "db", "upgrade", "--json")
    record = json.loads(done.stdout)
    assert record["revision"] == record["head"]


def test_an_installed_program_knows_its_version(installed: Path, tmp_path: Path) -> None:
    shown = run(installed, tmp_path, "--version")
    assert shown.stdout.startswith("voice-agent ")
    assert "unknown" not in shown.stdout
