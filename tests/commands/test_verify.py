"""Verify against what was published and kept, as somebody at a keyboard does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.authority import Authority
from tests.commands.test_prove import FINGERPRINT, KEY, do, fields, machine, run
from tests.evidence import exhibit
from tests.runtime.sample_call import HOME
from tests.storage.forgers import cut_off
from tests.storage.ledgers import NOON, Books
from voice_agent.evidence import timestamp
from voice_agent.evidence.bundle import write
from voice_agent.evidence.proof import fingerprint
from voice_agent.evidence.published import as_fields
from voice_agent.keyring import KeyRing

__all__ = ["machine"]

pytestmark = pytest.mark.integration  # a real database on a real disk


def keep(path: Path, grown_from: int | None = None) -> Path:
    """A file with what ``GET /privacy/ledger`` answers."""

    async def answer(books: Books) -> dict[str, Any]:
        keys = await books.archive.public_keys()
        if grown_from is None:
            return as_fields(await books.archive.head(), keys)
        signed, proof = await books.archive.grown(grown_from)
        return as_fields(signed, keys, (grown_from, proof))

    path.write_text(json.dumps(do(answer)))
    return path


async def more(books: Books) -> None:
    books.clock.now = NOON + timedelta(hours=1)
    for number in range(10, 14):
        await books.give(number)


async def truncate(books: Books) -> None:
    async with books.database.begin() as connection:
        await cut_off(connection, 5)


def test_c15_a_timestamp_is_only_right_of_an_authority_that_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    authority, made = Authority(tmp_path), exhibit.bundle()
    token = authority.answer(timestamp.request(made.head).as_bytes())
    pem = timestamp.written(authority.roots[0])
    path = tmp_path / "out.zip"
    path.write_bytes(write(replace(made, token=token, authority=pem)))
    key = ("--key", fingerprint(made.public_key))
    out, err = run(capsys, "verify", str(path), *key)
    assert "Not checked: whose certificate that is" in err
    assert "All of it is right" in out
    named = timestamp.fingerprint(authority.roots[0])
    found = fields(capsys, "verify", str(path), *key, "--authority", named)
    assert (found["key_checked"], found["authority_checked"]) == (True, True)
    assert "whose" not in run(capsys, "verify", str(path), *key, "--authority", named)[1]
    other = fields(capsys, "verify", str(path), "--authority", "ab" * 32, status=1)
    assert "an authority that was named" in other["faults"][0]
    path.write_bytes(write(made))
    assert not fields(capsys, "verify", str(path), "--authority", named, status=1)["right"]


def test_c15_a_ledger_that_was_cut_off_is_found_with_a_kept_head(
    capsys: pytest.CaptureFixture[str], machine: Path
) -> None:
    kept = str(keep(machine / "head.json"))
    do(more)
    assert fields(capsys, "verify", "--head", kept)["kept_heads"] == 1
    do(truncate)
    out, err = run(capsys, "verify")
    assert "all of it is right" in out
    assert "Not checked: whether the newest entries were cut off" in err
    out, _ = run(capsys, "verify", "--head", kept, status=1)
    assert "WRONG: kept head 7: the ledger has 5 entries: it was cut off" in out


@pytest.mark.usefixtures("machine")
def test_c15_every_key_there_was_can_be_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = b"n" * 32
    monkeypatch.setenv("RECORD_KEY", f"{new.hex()},{KEY.hex()}")
    run(capsys, "keys", "rotate")

    async def give(books: Books) -> None:
        await Books.of(books.database, KeyRing([new, KEY])).give(9)

    do(give)
    monkeypatch.setenv("RECORD_KEY", new.hex())
    present = fingerprint(KeyRing([new]).public_key)
    out, _ = run(capsys, "verify", status=1)
    assert f"name its fingerprint with --key: {FINGERPRINT}" in out
    named = ("--key", FINGERPRINT, "--key", present)
    assert sorted(fields(capsys, "verify", *named)["fingerprints"]) == sorted(
        [FINGERPRINT, present]
    )
    assert fields(capsys, "verify", "--key", FINGERPRINT, status=1)["faults"] == [
        f"heads are signed with another key, {present}"
    ]


def test_c15_a_stranger_compares_two_answers_on_a_machine_without_anything(
    machine: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = keep(machine / "old.json")
    do(more)
    new = keep(machine / "new.json", 7)
    done = subprocess.run(  # noqa: S603 (ourselves)
        [sys.executable, "-m", "voice_agent", "verify", "--consistent", str(old), str(new)],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env={"PATH": os.defpath, "PYTHONPATH": str(HOME), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "has grown from the older one" in done.stdout


def test_c15_two_answers_that_do_not_agree_are_told(
    capsys: pytest.CaptureFixture[str], machine: Path
) -> None:
    old = str(keep(machine / "old.json"))
    do(truncate)
    do(more)
    new = str(keep(machine / "new.json", 7))
    found = fields(capsys, "verify", "--consistent", old, new, status=1)
    assert (found["right"], found["from"], found["to"]) == (False, 7, 9)
    assert "written anew" in found["faults"][0]
    assert "was cut off" in run(capsys, "verify", "--consistent", new, old, status=1)[0]


def test_what_is_no_kept_head_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], machine: Path
) -> None:
    path = machine / "head.json"
    path.write_text("{}")
    _, err = run(capsys, "verify", "--head", str(path), status=2)
    assert f"{path}: it is not what GET /privacy/ledger answers" in err
    assert "cannot be read" in run(capsys, "verify", "--head", "nowhere", status=2)[1]
    both = ("--head", str(path), "--consistent", str(path), str(path))
    assert "one at a time" in run(capsys, "verify", *both, status=2)[1]
