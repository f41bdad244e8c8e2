"""Prove and verify, as somebody at a keyboard does it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.evidence import exhibit
from tests.runtime.sample_call import HOME
from tests.storage.ledgers import NOON, Books
from voice_agent.cli import main
from voice_agent.evidence.bundle import write
from voice_agent.evidence.proof import fingerprint
from voice_agent.keyring import KeyRing
from voice_agent.storage.database import Database
from voice_agent.storage.tables import audit_log, ledger_entries, notices

pytestmark = pytest.mark.integration  # a real database on a real disk

KEY = b"r" * 32
FINGERPRINT = fingerprint(KeyRing([KEY]).public_key)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with a ledger: CA0 withdrawn, CA1 expired, CA2 to CA4 given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFIG_DIR", str(HOME / "config"))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.setenv("RECORD_KEY", KEY.hex())
    do(lambda books: books.fill())
    return tmp_path


@pytest.fixture
def old_machine(machine: Path) -> Path:
    """The same, ten years ago: everything may be destroyed."""
    (machine / "ledger.db").unlink()

    async def fill(books: Books) -> None:
        books.clock.now = NOON - timedelta(days=3653)
        await books.fill()

    do(fill)
    return machine


def do(work: Any) -> Any:
    """Something with the machine's books."""

    async def run() -> Any:
        database = Database.open("sqlite+aiosqlite:///ledger.db")
        await database.upgrade()
        try:
            return await work(Books.of(database))
        finally:
            await database.close()

    return asyncio.run(run())


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> tuple[str, str]:
    """Standard output and standard error of a command."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    said = capsys.readouterr()
    assert left.value.code == status, said
    return said.out, said.err


def fields(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    """The one object a command prints."""
    found: dict[str, Any] = json.loads(run(capsys, *words, "--json", status=status)[0])
    return found


async def noted(books: Books) -> list[tuple[str, str, str, str | None]]:
    async with books.database.begin() as connection:
        rows = (await connection.execute(select(audit_log).order_by(audit_log.c.number))).all()
    return [(row.actor, row.action, row.outcome, row.object_id) for row in rows]


@pytest.mark.usefixtures("machine")
def test_c13_what_was_heard_is_reproduced_word_for_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = fields(capsys, "prove", "r0")
    assert found["heard"] == {
        "part": "notice",
        "language": "de",
        "ms": 48,
        "known_by": "elapsed",
    }
    assert (found["key"], found["given_at"]) == ("1", "2026-11-23T12:00:00.000Z")
    assert [event["state"] for event in found["events"]] == ["requested", "given", "withdrawn"]
    assert found["notice"] == {
        "version": exhibit.notice().version,
        "text": [part.text for part in exhibit.notice().texts["de"].layer1],
        "audio": dict(exhibit.notice().audio),
    }
    assert found["entries"] == [
        {"position": 0, "kind": "given"},
        {"position": 5, "kind": "withdrawn"},
    ]
    assert (found["head"]["size"], found["head"]["fingerprint"]) == (7, FINGERPRINT)
    assert (found["faults"], found["restricted"], found["software"]) == ([], False, "0.1.0")


@pytest.mark.usefixtures("machine")
def test_c13_people_read_the_notice_and_that_it_is_verified(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said, _ = run(capsys, "prove", "CA0")
    assert exhibit.notice().texts["de"].layer1[0].text in said
    assert "48 ms before the key (by elapsed)" in said
    assert "withdrawn (portal)" in said
    assert "Verified" in said


@pytest.mark.usefixtures("machine")
def test_c20_every_look_is_noted_in_the_audit_log(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "prove", "CA2")
    run(capsys, "prove", "+4915112345678", status=2)
    assert do(noted) == [
        ("command", "prove", "shown", "r2"),
        ("command", "prove", "unknown", None),  # what was typed may be anything
    ]


@pytest.mark.usefixtures("machine")
def test_c20_a_restricted_record_is_shown_with_that_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def restrict(books: Books) -> None:
        async with books.database.begin() as connection:
            await books.archive.restrict(connection, ["CA0"], NOON)

    do(restrict)
    assert fields(capsys, "prove", "r0")["restricted"] is True
    assert "restricted: kept for proof only" in run(capsys, "prove", "r0")[0]


async def destroy(books: Books) -> None:
    async with books.database.begin() as connection:
        await books.archive.destroy(connection, [0, 5], NOON)


def test_c15_a_destroyed_record_says_so_and_an_older_bundle_still_verifies(
    capsys: pytest.CaptureFixture[str], old_machine: Path
) -> None:
    bundle = str(old_machine / "out.zip")
    run(capsys, "prove", "r0", "--bundle", bundle)
    do(destroy)
    assert fields(capsys, "prove", "r0") == {"record_id": "r0", "destroyed": True}
    assert "was destroyed" in run(capsys, "prove", "r0")[0]
    assert "destroyed" in run(capsys, "prove", "r0", "--bundle", bundle, status=2)[1]
    assert fields(capsys, "verify", bundle, "--key", FINGERPRINT)["right"] is True
    assert fields(capsys, "verify")["destroyed"] == 2
    assert do(noted)[-1][2:] == ("destroyed", "r0")


def test_c13_the_same_record_makes_the_same_bundle(
    capsys: pytest.CaptureFixture[str], machine: Path
) -> None:
    for name in ("a.zip", "b.zip"):
        assert fields(capsys, "prove", "r1", "--bundle", name)["bundle"] == name
    assert (machine / "a.zip").read_bytes() == (machine / "b.zip").read_bytes()
    assert (machine / "a.zip").read_bytes().startswith(b"PK")


def test_a_bundle_that_cannot_be_written_is_told(
    capsys: pytest.CaptureFixture[str], machine: Path
) -> None:
    (machine / "file").write_text("")
    _, said = run(capsys, "prove", "r1", "--bundle", str(machine / "file" / "x.zip"), status=2)
    assert "cannot be written" in said


def test_c13_what_cannot_be_proved_makes_no_bundle(
    capsys: pytest.CaptureFixture[str], machine: Path
) -> None:
    async def lose(books: Books) -> None:
        async with books.database.begin() as connection:
            await connection.execute(delete(notices))

    do(lose)
    _, said = run(capsys, "prove", "r1", "--bundle", "out.zip", status=2)
    assert f"notice {exhibit.notice().version}: is not kept" in said
    assert not (machine / "out.zip").exists()


# -- verify ----------------------------------------------------------------------------------------


def test_c13_a_stranger_verifies_it_on_a_machine_without_anything(
    capsys: pytest.CaptureFixture[str], machine: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No database, configuration, environment, network; not even a home."""
    run(capsys, "prove", "r0", "--bundle", "out.zip")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(  # noqa: S603 (ourselves)
        [sys.executable, "-m", "voice_agent", "verify", str(machine / "out.zip")],
        cwd=elsewhere,
        env={"PATH": os.defpath, "PYTHONPATH": str(HOME), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, list(elsewhere.iterdir())) == (0, [])
    assert f"fingerprint {FINGERPRINT}" in done.stdout
    assert "All of it is right." in done.stdout
    assert "whose key that is" in done.stderr


def test_c15_another_key_is_refused(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    path = machine / "out.zip"
    path.write_bytes(write(exhibit.bundle()))
    spelled = ":".join(FINGERPRINT[at : at + 2].upper() for at in range(0, 64, 2))
    assert fields(capsys, "verify", str(path), "--key", spelled)["right"] is True
    found = fields(capsys, "verify", str(path), "--key", "ab" * 32, status=1)
    assert "another key" in found["faults"][0]
    assert "64 hex digits" in run(capsys, "verify", str(path), "--key", "abc", status=2)[1]


@pytest.mark.parametrize(
    ("content", "said"), [(b"nothing", "not a zip"), (b"PK\x05\x06" + b"\x00" * 18, "missing")]
)
def test_what_is_no_bundle_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "out.zip"
    path.write_bytes(content)
    out, _ = run(capsys, "verify", str(path), status=1)
    assert out.startswith("WRONG: ")
    assert said in out
    assert out.count("\n") == 1


def test_a_file_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "cannot be read" in run(capsys, "verify", str(tmp_path / "x.zip"), status=2)[1]


def test_an_endless_file_is_not_read_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert "larger than" in run(capsys, "verify", "/dev/zero", status=1)[0]


@pytest.mark.usefixtures("machine")
def test_c15_the_whole_ledger_is_verified_and_a_fault_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = fields(capsys, "verify")
    assert (found["right"], found["entries"], found["heads"]) == (True, 7, 7)
    assert found["fingerprints"] == [FINGERPRINT]
    assert fields(capsys, "verify", "--key", FINGERPRINT)["right"] is True
    assert fields(capsys, "verify", "--key", "ab" * 32, status=1)["faults"]

    async def change(books: Books) -> None:
        async with books.database.begin() as connection:
            chosen = update(ledger_entries).where(ledger_entries.c.position == 3)
            await connection.execute(chosen.values(sealed=b"x" * 200))

    do(change)
    out, _ = run(capsys, "verify", status=1)
    assert "WRONG: record r3, entry 3 (given)" in out
