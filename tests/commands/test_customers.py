from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.kept import Cli, cli, machine, on_machine, read
from voice_agent.stores import Stores
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.directory import Pin, Record, Verified

pytestmark = pytest.mark.integration  # a real database on a real disk

__all__ = ["cli", "machine"]

EXAMPLE = str(Path(__file__).parents[2] / "config" / "customers.example.csv")


def test_customers_are_imported_and_a_second_time_changes_nothing(cli: Cli) -> None:
    status, out, _ = cli("customers", "import", EXAMPLE, "--json")
    assert status == 0
    assert read(out) == {"added": 3, "changed": 0, "without_secret": 0, "faults": []}
    status, out, _ = cli("customers", "import", EXAMPLE, "--json")
    assert (status, read(out)["added"], read(out)["changed"]) == (0, 0, 3)

    async def work(stores: Stores) -> None:
        anna = PersonKey("K-1001")
        assert await stores.directory.verify("+493023125101", Pin("482913")) == Verified(anna)
        record = await stores.directory.record(anna)
        assert isinstance(record, Record)
        assert [entry.reference for entry in record.entries] == ["A 4711", "V 12"]

    on_machine(work)


def test_good_lines_are_kept_and_the_others_told_by_number_alone(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(
        "customer;name;phone;pin\nK-1;Anna Beispiel;030 23125 101;geheim\nK-2;Bert;030 23125 102;\n"
    )
    status, out, err = cli("customers", "import", str(file))
    assert status == 1
    assert out.splitlines() == [
        "1 customers added, 0 written again",
        "1 have neither PIN nor birth date: nothing is told to them",
        "line 2: pin is 4 to 12 digits",
    ]
    assert "geheim" not in out + err
    assert "Anna" not in out + err


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "FILE: cannot be read"), ("name,phone\n", "there is no column customer")],
)
def test_a_file_that_is_none_is_refused(
    cli: Cli, tmp_path: Path, content: str | None, told: str
) -> None:
    file = tmp_path / "customers.csv"
    if content is not None:
        file.write_text(content)
    status, _, err = cli("customers", "import", str(file))
    assert status == 2
    assert told in err
