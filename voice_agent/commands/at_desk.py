"""How commands use the console: signed in as its pages are, for as long as the command runs."""

from __future__ import annotations

import asyncio
import getpass
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import uuid4

import typer

from voice_agent.commands.stores import with_stores
from voice_agent.console.desk import Desk
from voice_agent.console.password import MOST, Passwords
from voice_agent.console.ports import NotSignedIn
from voice_agent.console.role import Operator, Role
from voice_agent.console.sign_in import Entered, SignIn, Throttled
from voice_agent.errors import ConfigurationError, VoiceAgentError
from voice_agent.live.redis import RedisLive
from voice_agent.runtime.accounts import session_name
from voice_agent.runtime.limiter import Limiter
from voice_agent.settings import load_settings
from voice_agent.stores import Stores

FromStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        help="Read the password and the code from the first two lines of standard input.",
    ),
]

Result = TypeVar("Result")


class SignInRefused(VoiceAgentError):
    """Nobody was signed in."""

    code = "sign_in"


@dataclass(frozen=True, slots=True)
class _Session:
    """A session of the terminal's own; implements ``voice_agent.console.desk.Presence``."""

    stores: Stores
    token: str

    async def still(self, operator: Operator) -> bool:
        del operator
        return await self.stores.sessions.lasts(session_name(self.token), self.stores.clock())

    async def note(self, operator: Operator, action: str, call: str = "") -> None:
        if await self.stores.sessions.use(self.token, self.stores.clock()) is None:
            raise NotSignedIn("the session is over. Sign in again")
        await self.stores.access.note(operator.account, operator.role, action, call)


def at_desk(login: str, work: Callable[[Desk], Awaitable[Result]], *, from_stdin: bool) -> Result:
    """Sign in, do something at the desk, and sign out again.

    Raises:
        ConfigurationError: there is no Redis.
        SignInRefused: login, password or code is wrong, or there were too many tries.
    """
    address = load_settings().redis_url
    if address is None:
        raise ConfigurationError(
            "REDIS_URL is not set: without Redis the server keeps calls in its own memory, "
            "where the terminal cannot see them"
        )
    redis = address.get_secret_value()
    password, code = _asked(from_stdin=from_stdin)

    async def run(stores: Stores) -> Result:
        live = RedisLive(redis, f"terminal-{uuid4().hex}")
        try:
            entered = await _sign_in(stores, redis, login, password, code)
            account = entered.account
            operator = Operator(account.account, account.name, Role(account.role))
            session = _Session(stores, entered.token)
            try:
                return await work(Desk(live, operator, session, time.time))
            finally:
                await stores.sessions.end(entered.token)
        finally:
            await live.close()

    return with_stores(run)


async def _sign_in(stores: Stores, redis: str, login: str, password: str, code: str) -> Entered:
    limiter = Limiter(redis)
    try:
        sign_in = SignIn(
            accounts=stores.accounts,
            sessions=stores.sessions,
            access=stores.access,
            passwords=await asyncio.to_thread(Passwords),
            limiter=limiter,
            keyed=stores.pseudonyms.of,
            clock=stores.clock,
        )
        entered = await sign_in.enter(login, password, code, "127.0.0.1")
    finally:
        await limiter.close()
    if isinstance(entered, Throttled):
        raise SignInRefused(f"too many tries. Wait {entered.waits} seconds")
    if not isinstance(entered, Entered):
        raise SignInRefused("login, password or code is wrong, or the code was used before")
    return entered


def _asked(*, from_stdin: bool) -> tuple[str, str]:
    if not from_stdin:
        return getpass.getpass("Password: "), getpass.getpass("Code: ")
    # A byte more than it may have, so that too long is seen; four for a character.
    password, code = (sys.stdin.buffer.readline(4 * MOST + 2) for _ in range(2))
    return _text(password), _text(code)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r\n")
