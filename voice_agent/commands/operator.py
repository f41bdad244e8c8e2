"""``voice-agent operator``: accounts of the console. Every change is written down."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar
from uuid import uuid4

import typer

from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.console import one_time_code
from voice_agent.console.password import MOST, Passwords, checked_password
from voice_agent.console.role import Role
from voice_agent.console.texts import LANGUAGES
from voice_agent.runtime.accounts import (
    Account,
    NoAccount,
    Secrets,
    WrongAccount,
    checked_login,
    checked_name,
)
from voice_agent.stores import Stores

app = typer.Typer()

Login = Annotated[str, typer.Argument(help="What is typed to sign in.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Made:
    """What its owner needs to sign in, shown once.

    Attributes:
        account: the account.
        totp_secret: base32.
    """

    account: Account
    totp_secret: str


@app.command()
def add(
    login: Login,
    *,
    name: Annotated[str, typer.Option("--name", help="What they are called, to callers as well.")],
    role: Annotated[Role, typer.Option("--role", help="What they may do.")],
    language: Annotated[str, typer.Option("--language", help="Of the pages they see.")] = "de",
    password_stdin: FromStdin = False,
    json: Json = False,
) -> None:
    """Make an account, and show the secret of its one-time codes: once, and never again.

    With --json one object: login, name, role, language, totp_secret, totp_address.
    """
    wanted, called = checked_login(login), checked_name(name)
    if language not in LANGUAGES:
        raise WrongAccount(f"--language: there are pages in {', '.join(LANGUAGES)}. Choose one")
    password = _password(from_stdin=password_stdin)

    async def work(stores: Stores) -> Made:
        secrets = await _secrets(password)
        account = Account(
            account=uuid4().hex,
            login=wanted,
            name=called,
            role=role,
            language=language,
            locked=False,
            created_at=stores.clock(),
            used_at=stores.clock(),
        )
        await stores.accounts.add(account, secrets)
        await stores.audit.note("command", "operator_add", "done", account.account)
        return Made(account, secrets.totp_secret)

    _show(Output(json), with_stores(work), "has an account")


@app.command()
def reset(login: Login, *, password_stdin: FromStdin = False, json: Json = False) -> None:
    """Give an account a new password and a new secret of its codes; its sessions end.

    With --json one object, as add.
    """
    password = _password(from_stdin=password_stdin)

    async def work(stores: Stores, account: Account) -> Made:
        secrets = await _secrets(password)
        await stores.audit.note("command", "operator_reset", "begun", account.account)
        await stores.accounts.reset(account.account, secrets, stores.clock())
        return Made(account, secrets.totp_secret)

    _show(Output(json), _with_account(login, work), "can sign in anew")


@app.command("list")
def list_accounts(
    *, json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False
) -> None:
    """List the accounts by login.

    With --json one object an account: login, name, role, language, locked, created_at, used_at.
    """
    output = Output(json)
    found = with_stores(lambda stores: stores.accounts.all())
    for account in found:
        output.result(_as_fields(account), _line(account))
    if not found:
        output.note("There is no account. Make one: voice-agent operator add --help")


@app.command()
def lock(login: Login, *, json: Json = False) -> None:
    """Let nobody in by an account; its sessions end at once. With --json one object, as list."""
    _set_locked(login, json, locked=True)


@app.command()
def unlock(login: Login, *, json: Json = False) -> None:
    """Open an account again. With --json one object, as list."""
    _set_locked(login, json, locked=False)


def _set_locked(login: str, json: bool, *, locked: bool) -> None:
    async def work(stores: Stores, account: Account) -> Account:
        action = "operator_lock" if locked else "operator_unlock"
        await stores.audit.note("command", action, "begun", account.account)
        await stores.accounts.lock(account.account, locked=locked)
        return replace(account, locked=locked)

    account = _with_account(login, work)
    Output(json).result(_as_fields(account), _line(account))


def _with_account(login: str, work: Callable[[Stores, Account], Awaitable[Result]]) -> Result:
    """Do something with the account of a login.

    Raises:
        NoAccount: there is none.
    """
    wanted = checked_login(login)

    async def found(stores: Stores) -> Result:
        account = await stores.accounts.find(wanted)
        if account is None:
            raise NoAccount("LOGIN: there is no such account. See: voice-agent operator list")
        return await work(stores, account)

    return with_stores(found)


def _password(*, from_stdin: bool) -> str:
    """The password, from the terminal twice or from standard input.

    Raises:
        WrongAccount: it may not be chosen, or was not typed twice the same.
    """
    if from_stdin:
        # A byte more than it may have, so that too long is seen; four for a character.
        line = sys.stdin.readline(4 * MOST + 2)
        return checked_password(line.removesuffix("\n").removesuffix("\r"))
    password = checked_password(getpass.getpass("Password: "))
    if getpass.getpass("Again: ") != password:
        raise WrongAccount("these are two passwords. Type the same one twice")
    return password


async def _secrets(password: str) -> Secrets:
    kept = await Passwords().hash(password)
    return Secrets(password_hash=kept, totp_secret=one_time_code.new_secret())


def _show(output: Output, made: Made, happened: str) -> None:
    account = made.account
    link = one_time_code.address(made.totp_secret, account.login)
    fields = {name: _as_fields(account)[name] for name in ("login", "name", "role", "language")}
    record = fields | {"totp_secret": made.totp_secret, "totp_address": link}
    prose = (
        f"{account.login} {happened}.\n"
        f"secret of the one-time codes, shown this once: {made.totp_secret}\n{link}"
    )
    output.result(record, prose)


def _as_fields(account: Account) -> dict[str, object]:
    return {
        "login": account.login,
        "name": account.name,
        "role": account.role,
        "language": account.language,
        "locked": account.locked,
        "created_at": account.created_at.isoformat(),
        "used_at": account.used_at.isoformat(),
    }


def _line(account: Account) -> str:
    state = "locked" if account.locked else "open"
    used = f"{account.used_at:%Y-%m-%d %H:%M} UTC"
    return f"{account.login}  {account.role}  {state}  last used {used}  {account.name}"
