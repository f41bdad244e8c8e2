from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.commands.kept import CANARY, NUMBER, Cli, cli, machine, on_machine, read
from voice_agent.runtime.records import Direction
from voice_agent.storage.calls import SqlCallBook
from voice_agent.stores import Stores

pytestmark = pytest.mark.integration  # a real database on a real disk

__all__ = ["cli", "machine"]


@pytest.fixture
def kept(machine: Path) -> None:
    """The machine knows of one call."""
    del machine

    async def work(stores: Stores) -> None:
        pseudonym = stores.pseudonyms.of(NUMBER)
        await SqlCallBook(stores.database).begin(
            CANARY, "de", stores.clock(), Direction.INBOUND, pseudonym=pseudonym
        )

    on_machine(work)


@pytest.mark.usefixtures("kept")
def test_c20_one_command_exports_everything_about_a_number(cli: Cli) -> None:
    status, out, _ = cli("subject", "export", "--number", NUMBER, "--json")
    assert status == 0
    found = read(out)
    assert found["calls"] == 1
    assert [record["call_id"] for record in found["places"]["calls"]] == [CANARY]


@pytest.mark.usefixtures("kept")
def test_people_read_lines(cli: Cli) -> None:
    status, out, _ = cli("subject", "export", "--number", NUMBER)
    assert status == 0
    assert out.startswith("1 calls\n")
    assert CANARY in out


@pytest.mark.usefixtures("kept")
def test_c20_one_command_erases_everything_about_a_number(cli: Cli) -> None:
    status, out, _ = cli("subject", "erase", "--number", NUMBER, "--yes", "--json")
    assert status == 0
    assert read(out)["places"]["calls"]["erased"] == 1
    _, out, _ = cli("subject", "export", "--number", NUMBER, "--json")
    assert read(out)["calls"] == 0
    status, out, _ = cli("subject", "erase", "--number", NUMBER, "--yes")
    assert status == 0
    assert "calls: 0 erased" in out


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(("answer", "status", "left"), [("y\n", 0, 0), ("n\n", 1, 1), ("\n", 1, 1)])
def test_an_erasure_is_asked_about(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, left: int
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    found, _, err = cli("subject", "erase", "--number", NUMBER)
    assert found == status
    assert "cannot be brought back" in err
    _, out, _ = cli("subject", "export", "--number", NUMBER, "--json")
    assert read(out)["calls"] == left


@pytest.mark.usefixtures("kept")
def test_a_number_can_be_kept_out_of_the_shells_history(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NUMBER}\n"))
    status, out, _ = cli("subject", "export", "--number", "-", "--json")
    assert status == 0
    assert read(out)["calls"] == 1


@pytest.mark.parametrize("number", ["", "0151 12345678", "+49 151", "CA1", "+49151123456789012345"])
@pytest.mark.parametrize("command", [("export",), ("erase", "--yes")])
def test_c18_what_is_no_number_is_refused_and_not_repeated(
    cli: Cli, command: tuple[str, ...], number: str
) -> None:
    status, out, err = cli("subject", *command, "--number", number)
    assert status == 2
    assert out == ""
    assert "--number: is no telephone number" in err
    assert not number or number not in err


@pytest.mark.usefixtures("kept")
def test_c18_the_number_is_neither_logged_nor_echoed(cli: Cli) -> None:
    for command in (("export",), ("export", "--json"), ("erase", "--yes")):
        _, out, err = cli("subject", *command, "--number", NUMBER)
        assert NUMBER[3:] not in out + err


def test_the_residual_report_is_shown(cli: Cli) -> None:
    assert read(cli("subject", "carrier", "--json")[1]) == {"left": 0, "oldest": None, "codes": {}}
    assert cli("subject", "carrier")[1] == "0 records left at the carrier\n"


def test_a_database_without_tables_is_told_with_the_mend(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    status, _, err = cli("subject", "export", "--number", NUMBER)
    assert status == 2
    assert "voice-agent db upgrade" in err


@pytest.mark.parametrize("command", ["export", "erase", "carrier"])
def test_every_command_explains_itself(cli: Cli, command: str) -> None:
    status, out, _ = cli("subject", command, "--help")
    assert status == 0
    assert "--json" in out
