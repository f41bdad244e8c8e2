from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.commands.kept import Cli, cli, machine, read
from voice_agent.commands.reminders import DIALLED, MOST_FAULTS
from voice_agent.outbound.campaign_file import COLUMNS
from voice_agent.outbound.reminder_file import NEEDED

pytestmark = pytest.mark.integration  # a real database on a real disk

__all__ = ["cli", "machine"]

NEEDS = ["TWILIO_ACCOUNT_SID", "TWILIO_NUMBER", "PUBLIC_URL"]
NOT_DIALLED = f"Nobody is rung up: voice-agent serve needs {', '.join(NEEDS)}."
HEADER = ";".join(NEEDED)
AHEAD = datetime.now().astimezone() + timedelta(days=5)
FIRST, SECOND = "030 23125 101", "+4930 23125 102"


def line(name: str, phone: str = FIRST, hour: int = 11) -> str:
    return f"{name};{phone};{AHEAD:%Y-%m-%d} {hour}:00;2026-11-02;form;2026-01"


def written(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> str:
    file = tmp_path / "reminders.csv"
    file.write_text("\n".join((HEADER, *lines)), encoding=encoding)
    return str(file)


def test_reminders_are_taken_in_and_a_second_time_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path, line("T-1"), line("T-2", SECOND))
    status, out, _ = cli("reminders", "import", file, "--json")
    assert status == 0
    nothing = {"moved": 0, "changed": 0, "same": 0, "wrong": 0, "faults": []}
    nothing |= {"dialled": False, "needs": NEEDS}
    assert read(out) == {**nothing, "added": 2}
    status, out, _ = cli("reminders", "import", file, "--json")
    assert read(out) == {**nothing, "added": 0, "same": 2}
    status, out, _ = cli("reminders", "import", written(tmp_path, line("T-1", hour=12)))
    assert out.splitlines() == [
        "0 reminders added, 1 moved, 0 changed, 0 as they were",
        NOT_DIALLED,
    ]


def test_good_lines_are_kept_and_the_others_told_by_number_alone(cli: Cli, tmp_path: Path) -> None:
    file = written(
        tmp_path, line("T-Ä"), line("T-1"), line("T-2", "0900 1234567"), encoding="latin-1"
    )
    status, out, err = cli("reminders", "import", file)
    assert status == 1
    assert out.splitlines() == [
        "1 reminders added, 0 moved, 0 changed, 0 as they were",
        "line 2: reminder is 1 to 64 letters, digits or . _ : -",
        "line 4: phone is a premium or another special number",
        NOT_DIALLED,
    ]
    assert "0900" not in out + err


def test_of_many_faults_only_the_first_are_told(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path, *("x" for _ in range(MOST_FAULTS + 7)))
    _, out, _ = cli("reminders", "import", file)
    assert out.splitlines()[-2:] == ["and 7 more lines are wrong", NOT_DIALLED]
    assert len(out.splitlines()) == MOST_FAULTS + 3


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "FILE: cannot be read"), ("reminder,phone\n", "there is no column starts")],
)
def test_a_file_that_is_none_is_refused(
    cli: Cli, tmp_path: Path, content: str | None, told: str
) -> None:
    file = tmp_path / "reminders.csv"
    if content is not None:
        file.write_text(content)
    status, _, err = cli("reminders", "import", str(file))
    assert status == 2
    assert told in err


def test_what_is_planned_is_shown_without_anybodys_number(cli: Cli, tmp_path: Path) -> None:
    cli("reminders", "import", written(tmp_path, line("T-1"), line("T-2", SECOND)))
    status, out, _ = cli("reminders", "status", "--json")
    assert status == 0
    shown = read(out)
    assert (shown["states"], shown["dialled"], shown["paused"]) == ({"open": 2}, False, False)
    assert shown["calls"] + sum(shown["left"].values()) == 2
    _, out, _ = cli("reminders", "status")
    assert out.splitlines()[-1] == NOT_DIALLED
    assert "23125" not in out


def test_how_things_stand_is_one_object_for_programs(cli: Cli, tmp_path: Path) -> None:
    cli("reminders", "import", written(tmp_path, line("T-1")))
    cli("dnc", "add", "--number", "+493023125101")
    shown = read(cli("reminders", "status", "--json")[1])
    assert (shown["running"], shown["hours"], shown["pause"]) == (0, [], None)
    assert shown["outcomes"] == {"listed": 1}
    cli("reminders", "pause")
    shown = read(cli("reminders", "status", "--json")[1])
    assert shown["pause"]["reason"] == "operator"
    assert datetime.fromisoformat(shown["pause"]["since"]).utcoffset() is not None
    assert "stopped since" in cli("reminders", "status")[1].splitlines()[0]


def test_the_list_is_written_without_names_and_numbers(cli: Cli, tmp_path: Path) -> None:
    cli("reminders", "import", written(tmp_path, line("T-1"), line("T-2", SECOND)))
    cli("dnc", "add", "--number", "+493023125102")
    file = tmp_path / "list.csv"
    assert read(cli("reminders", "export", str(file), "--json")[1]) == {"lines": 2}
    with file.open(encoding="utf-8", newline="") as content:
        rows = list(csv.DictReader(content))
    assert tuple(rows[0]) == COLUMNS
    assert {(row["state"], row["language"], row["attempts"]) for row in rows} == {
        ("open", "de", "0"),
        ("done", "de", "0"),
    }
    assert "listed" in {row["reason"] for row in rows}
    assert "23125" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", [("list.csv",), ("nowhere", "list.csv")])
def test_nothing_that_is_there_is_written_over(
    cli: Cli, tmp_path: Path, place: tuple[str, ...]
) -> None:
    file = tmp_path.joinpath(*place)
    (tmp_path / "list.csv").write_text("mine")
    status, _, err = cli("reminders", "export", str(file))
    assert status == 2
    assert "FILE: cannot be written" in err
    assert (tmp_path / "list.csv").read_text() == "mine"


def test_with_a_carrier_that_comes_back_people_are_rung_up(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "1" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "2" * 32)
    monkeypatch.setenv("TWILIO_NUMBER", "+4930901820")
    shown = read(cli("reminders", "status", "--json")[1])
    assert (shown["dialled"], shown["needs"]) == (False, ["PUBLIC_URL"])
    monkeypatch.setenv("PUBLIC_URL", "https://agent.example")
    shown = read(cli("reminders", "status", "--json")[1])
    assert (shown["dialled"], shown["needs"]) == (True, [])
    assert cli("reminders", "status")[1].splitlines()[-1] == DIALLED


def test_all_of_it_can_be_stopped_and_resumed(cli: Cli, tmp_path: Path) -> None:
    cli("reminders", "import", written(tmp_path, line("T-1")))
    assert read(cli("reminders", "pause", "--json")[1]) == {"paused": True, "changed": True}
    assert "stopped already" in cli("reminders", "pause")[1]
    assert read(cli("reminders", "status", "--json")[1])["left"] == {"paused": 1}
    assert read(cli("reminders", "resume", "--json")[1]) == {"paused": False, "changed": True}
    assert "were not stopped" in cli("reminders", "resume")[1]


def test_c28_whoever_is_on_the_list_is_not_rung_up(cli: Cli, tmp_path: Path) -> None:
    cli("reminders", "import", written(tmp_path, line("T-1"), line("T-2", SECOND)))
    number = "+493023125101"
    assert read(cli("dnc", "add", "--number", number, "--json")[1]) == {
        "listed": True,
        "changed": True,
    }
    assert "on the list already" in cli("dnc", "add", "--number", number)[1]
    assert read(cli("dnc", "list-count", "--json")[1]) == {"count": 1}
    shown = read(cli("reminders", "status", "--json")[1])
    assert (shown["states"], shown["outcomes"]) == ({"done": 1, "open": 1}, {"listed": 1})
    assert "off the list" in cli("dnc", "remove", "--number", number)[1]
    assert "was not on the list" in cli("dnc", "remove", "--number", number)[1]
    status, out, err = cli("dnc", "add", "--number", "12")
    assert status == 2
    assert "no telephone number" in err
    assert number not in out


def test_without_rules_nobody_is_reminded(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "elsewhere"))
    status, _, err = cli("reminders", "status")
    assert status == 2
    assert "reminders.yaml: is missing" in err
