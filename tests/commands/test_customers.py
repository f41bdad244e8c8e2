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
    assert read(out) == {
        "added": 3,
        "changed": 0,
        "without_secret": 0,
        "reminded": 1,
        "not_reminded": 0,
        "faults": [],
    }
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


def test_consents_to_be_reminded_are_taken_in_until_they_are_withdrawn(
    cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    lines = [
        "customer,name,phone,pin,remind_at,remind_how,remind_text",
        "K-1,Anna,030 23125 101,1234,2025-06-02,counter,2025-06",
        "K-2,Bert,030 23125 102,1234,2025-06-02,nobody knows,2025-06",
        "K-3,Carla,030 23125 103,1234,,,",
    ]
    file.write_text("\n".join(lines))
    status, out, _ = cli("customers", "import", str(file), "--json")
    told = read(out)
    assert (status, told["added"], told["reminded"], told["not_reminded"]) == (1, 2, 1, 0)
    assert [(fault["line"], fault["column"]) for fault in told["faults"]] == [(3, "remind_how")]
    anna = PersonKey("K-1")

    async def agreed(stores: Stores) -> None:
        assert stores.reminding is not None
        found = await stores.reminding.consents.of([anna, PersonKey("K-3")])
        assert [each.number for each in found.values()] == ["+493023125101"]
        assert "+493023125101" not in repr(found)

    on_machine(agreed)
    assert cli("dnc", "add", "--number", "+493023125101")[0] == 0
    told = read(cli("customers", "import", str(file), "--json")[1])
    assert (told["reminded"], told["not_reminded"]) == (0, 1)
    assert cli("dnc", "remove", "--number", "+493023125101")[0] == 0
    file.write_text(file.read_text().replace("2025-06-02,counter", "2099-06-02,counter"))
    told = read(cli("customers", "import", str(file), "--json")[1])
    assert next(fault["why"] for fault in told["faults"]) == "is in the future"
