from __future__ import annotations

import getpass
import io
import sys
from collections.abc import Callable

import pyotp
import pytest

from tests.commands.kept import Cli, cli, machine, on_machine, read
from voice_agent.console.password import Passwords
from voice_agent.runtime.accounts import IDLE, session_name
from voice_agent.stores import Stores, now

pytestmark = pytest.mark.integration  # a real database on a real disk

__all__ = ["cli", "machine"]

PASSWORD = "correct horse battery"
ADD = ("operator", "add", "Anna", "--name", "Anna Beispiel", "--role", "administrator")

Typed = Callable[[str], None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Puts something on standard input."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_the_first_account_can_sign_in_with_what_was_shown(cli: Cli, typed: Typed) -> None:
    typed(f"{PASSWORD}\n")
    status, out, err = cli(*ADD, "--password-stdin", "--json")
    assert status == 0
    shown = read(out)
    assert (shown["login"], shown["role"], shown["language"]) == ("anna", "administrator", "de")
    assert pyotp.parse_uri(shown["totp_address"]).secret == shown["totp_secret"]
    assert PASSWORD not in out + err

    async def work(stores: Stores) -> None:
        found = await stores.accounts.secrets("anna")
        assert found is not None
        assert found[1].totp_secret == shown["totp_secret"]
        assert found[1].password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
        assert await Passwords().fits(found[1].password_hash, PASSWORD)

    on_machine(work)


def test_the_secret_is_shown_once_and_listed_never(cli: Cli, typed: Typed) -> None:
    typed(PASSWORD)
    secret = read(cli(*ADD, "--password-stdin", "--json")[1])["totp_secret"]
    _, out, _ = cli("operator", "list", "--json")
    account = read(out)
    assert secret not in out
    assert (account["login"], account["name"], account["locked"]) == (
        "anna",
        "Anna Beispiel",
        False,
    )
    _, out, _ = cli("operator", "list")
    assert out.startswith("anna  administrator  open  last used ")


def test_without_an_account_the_list_says_how_to_make_one(cli: Cli) -> None:
    status, out, err = cli("operator", "list")
    assert (status, out) == (0, "")
    assert "voice-agent operator add" in err


def test_a_password_is_typed_twice(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([PASSWORD, PASSWORD, PASSWORD, "another password"])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(answers))
    assert cli(*ADD)[0] == 0
    status, _, err = cli("operator", "reset", "anna")
    assert status == 2
    assert "two passwords" in err


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (ADD, "too short", "the password has 12 to 256 characters"),
        (ADD, "x" * 257, "the password has 12 to 256 characters"),
        (("operator", "add", "an na", *ADD[3:]), PASSWORD, "LOGIN: has 1 to 64 characters"),
        (("operator", "add", "ännä", *ADD[3:]), PASSWORD, "LOGIN: has 1 to 64 characters"),
        ((*ADD[:4], "a\x07b", *ADD[5:]), PASSWORD, "--name: has 1 to 80 printable characters"),
        ((*ADD, "--language", "fr"), PASSWORD, "--language: there are pages in de, en"),
    ],
)
def test_what_cannot_be_is_told_and_no_account_is_made(
    cli: Cli, typed: Typed, arguments: tuple[str, ...], password: str, told: str
) -> None:
    typed(f"{password}\n")
    status, out, err = cli(*arguments, "--password-stdin")
    assert status == 2
    assert told in err
    assert password not in err
    assert out == ""
    assert cli("operator", "list")[1] == ""


def test_a_login_is_given_once(cli: Cli, typed: Typed) -> None:
    typed(PASSWORD)
    assert cli(*ADD, "--password-stdin")[0] == 0
    typed(PASSWORD)
    status, _, err = cli(*ADD, "--password-stdin")
    assert status == 2
    assert "another account has it" in err


def test_locking_and_a_reset_end_the_sessions(cli: Cli, typed: Typed) -> None:
    typed(PASSWORD)
    first = read(cli(*ADD, "--password-stdin", "--json")[1])["totp_secret"]

    async def enter(stores: Stores) -> None:
        found = await stores.accounts.secrets("anna")
        assert found is not None
        assert await stores.sessions.begin(*found, int(now().timestamp()) // 30, "t", now())

    async def nobody_is_in(stores: Stores) -> None:
        assert not await stores.sessions.lasts(session_name("t"), now() - IDLE)

    on_machine(enter)
    assert read(cli("operator", "lock", "anna", "--json")[1])["locked"] is True
    on_machine(nobody_is_in)
    assert read(cli("operator", "unlock", "anna", "--json")[1])["locked"] is False
    typed("another long password")
    second = read(cli("operator", "reset", "anna", "--password-stdin", "--json")[1])
    assert second["totp_secret"] != first
    on_machine(nobody_is_in)


@pytest.mark.parametrize("command", ["lock", "unlock", "reset"])
def test_an_account_that_is_not_there_is_told(cli: Cli, typed: Typed, command: str) -> None:
    typed(PASSWORD)
    options = ("--password-stdin",) if command == "reset" else ()
    status, _, err = cli("operator", command, "nobody", *options)
    assert status == 2
    assert "there is no such account" in err
