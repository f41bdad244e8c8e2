from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.kept import CANARY, NUMBER, Cli, cli, machine, on_machine, read
from tests.storage.household import Household
from voice_agent.keyring import key_id
from voice_agent.secret_keys import DEVELOPMENT_FILE
from voice_agent.storage.calls import SqlCallBook
from voice_agent.stores import Stores

pytestmark = pytest.mark.integration  # a real database on a real disk

__all__ = ["cli", "machine"]

NEW = bytes(range(7, 39)).hex()


@pytest.fixture
def old(machine: Path) -> dict[str, str]:
    """The machine knows of one consent, under its old keys; these."""

    async def work(stores: Stores) -> None:
        household = Household(stores.database, now=stores.clock(), keyring=stores.keyring)
        pseudonym = stores.pseudonyms.of(NUMBER)
        await household.consent(CANARY, pseudonym)
        await SqlCallBook(stores.database).begin(CANARY, "de", stores.clock(), pseudonym=pseudonym)

    on_machine(work)
    keys: dict[str, str] = json.loads((machine / "data" / DEVELOPMENT_FILE).read_text())
    return keys


async def expire(stores: Stores) -> None:
    """The ledger's next entry."""
    await stores.ledger.expire(CANARY, stores.clock())


def test_c17_keys_are_shown_by_identifier_alone(cli: Cli, old: dict[str, str]) -> None:
    status, out, err = cli("keys", "show", "--json")
    assert status == 0
    present = key_id(bytes.fromhex(old["record_key"]))
    assert read(out)["data_keys"] == {present: 1}
    assert old["record_key"] not in out + err
    assert old["pseudonym_key"] not in out + err


def test_c17_one_command_rotates_and_says_when_the_old_key_may_go(
    cli: Cli, old: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORD_KEY", f"{NEW},{old['record_key']}")
    before = key_id(bytes.fromhex(old["record_key"]))
    assert read(cli("keys", "show", "--json")[1])["idle_record_keys"] == []
    assert f"RECORD_KEY {before}: 1 data keys (old, still needed)" in cli("keys", "show")[1]
    status, out, _ = cli("keys", "rotate", "--json")
    assert status == 0
    assert read(out)["rewrapped"] == 1
    assert (read(out)["head_key"], read(out)["idle_record_keys"]) == (before, [])
    assert f"RECORD_KEY {before}: 0 data keys (old, needed until" in cli("keys", "show")[1]
    on_machine(expire)
    assert read(cli("keys", "show", "--json")[1])["idle_record_keys"] == [before]
    assert f"RECORD_KEY {before}: 0 data keys (old, idle: it may go)" in cli("keys", "show")[1]
    assert cli("keys", "rotate")[1].startswith("0 data keys re-wrapped\n")
    monkeypatch.setenv("RECORD_KEY", NEW)
    status, out, _ = cli("subject", "export", "--number", NUMBER, "--json")
    assert status == 0
    assert len(read(out)["places"]["consent"]) == 1


def test_c17_an_old_pseudonym_key_is_needed_as_long_as_somebody_is_named_by_it(
    cli: Cli, old: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSEUDONYM_KEY", f"{NEW},{old['pseudonym_key']}")
    found = read(cli("keys", "show", "--json")[1])
    assert found["idle_pseudonym_keys"] == []
    assert len(found["pseudonym_keys"]) == 2
    assert read(cli("subject", "export", "--number", NUMBER, "--json")[1])["calls"] == 1


def test_c17_a_key_that_was_taken_out_too_soon_is_told(
    cli: Cli, old: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORD_KEY", NEW)
    status, out, _ = cli("keys", "rotate")
    assert status == 1
    assert "1 are under a key that RECORD_KEY does not hold" in out
    assert f"{key_id(bytes.fromhex(old['record_key']))}: 1 data keys (missing)" in out
    status, _, err = cli("subject", "export", "--number", NUMBER)
    assert status == 2
    assert "RECORD_KEY: the key" in err


@pytest.mark.parametrize("command", ["show", "rotate"])
def test_every_command_explains_itself(cli: Cli, command: str) -> None:
    status, out, _ = cli("keys", command, "--help")
    assert status == 0
    assert "--json" in out
