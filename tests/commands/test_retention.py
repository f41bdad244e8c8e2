from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.commands.kept import CANARY, Cli, cli, machine, on_machine, read
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.tables import metadata
from voice_agent.stores import Stores

pytestmark = pytest.mark.integration  # a real database on a real disk

__all__ = ["cli", "machine"]

CONFIG = Path(__file__).parents[2] / "config"


def keep_a_call(days: int) -> None:
    """The machine knows of a call so many days ago."""

    async def work(stores: Stores) -> None:
        at = stores.clock() - timedelta(days=days)
        await SqlCallBook(stores.database).begin(f"{CANARY}{days}", "de", at)

    on_machine(work)


def test_c19_every_column_is_shown(cli: Cli) -> None:
    status, out, _ = cli("retention", "show", "--json")
    assert status == 0
    lines = [json.loads(line) for line in out.splitlines()]
    shown = {(line["table"], line["column"]) for line in lines}
    assert shown == {
        (table.name, column.name) for table in metadata.sorted_tables for column in table.columns
    }
    assert {"period", "after", "basis", "purpose", "personal"} <= set(lines[0])
    assert "calls.language: P90D after created_at" in cli("retention", "show")[1]


def test_c19_one_command_deletes_what_is_due(cli: Cli) -> None:
    keep_a_call(91)
    keep_a_call(89)
    status, out, _ = cli("retention", "run", "--dry-run", "--json")
    assert status == 0
    assert (read(out)["dry_run"], read(out)["rows"]["calls"]) == (True, 1)
    assert cli("retention", "run", "--dry-run")[1] == "calls: 1 due\n"
    assert cli("retention", "run")[1] == "calls: 1 deleted\n"
    assert cli("retention", "run")[1] == "Nothing is due any more.\n"
    assert cli("retention", "run", "--dry-run")[1] == "Nothing is due.\n"


def test_c19_a_clock_that_is_behind_is_told(cli: Cli) -> None:
    keep_a_call(-1)
    keep_a_call(91)
    status, out, _ = cli("retention", "run")
    assert status == 1
    assert "calls: 1 deleted" in out
    assert "calls: 1 rows are later than the clock" in out
    assert "Set the clock" in out
    assert read(cli("retention", "run", "--json")[1])["ahead"] == {"calls": 1}


def test_c19_a_table_that_does_not_fit_is_told_with_the_row(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(CONFIG, tmp_path / "config")
    file = tmp_path / "config" / "retention.yaml"
    file.write_text(file.read_text().replace("    direction:\n", "    mood:\n"))
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "config"))
    for command in ("show", "run"):
        status, _, err = cli("retention", command)
        assert status == 2
        assert "calls.mood: the database has no such column" in err


@pytest.mark.parametrize("command", ["show", "run"])
def test_every_command_explains_itself(cli: Cli, command: str) -> None:
    status, out, _ = cli("retention", command, "--help")
    assert status == 0
    assert "--json" in out
