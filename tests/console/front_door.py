"""The way into the console on a real database, and browsers that come in by it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pyotp
from fastapi import FastAPI, Request, Response, WebSocket
from sqlalchemy import select

from voice_agent.console.entrance import open_entrance
from voice_agent.console.one_time_code import new_secret
from voice_agent.console.password import Passwords
from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.provider import Provider
from voice_agent.console.role import Right, Role
from voice_agent.console.view import Renderer, assets, static
from voice_agent.keyring import KeyRing
from voice_agent.request_limit import RequestLimit
from voice_agent.runtime.accounts import Account, Secrets
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.access_log import SqlAccessLog
from voice_agent.storage.database import Database
from voice_agent.storage.operators import SqlAccounts, SqlSessions
from voice_agent.storage.tables import access_log

ORIGIN = "https://agent.example"
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


@dataclass(kw_only=True)
class FrontDoor:
    """The way in.

    Attributes:
        database: where accounts, sessions and the log lie.
        origin: ours.
        now: the time.
        off: accounts whose duty was ended.
    """

    database: Database
    origin: str = ORIGIN
    provider: Provider | None = None
    now: datetime = NOON
    secrets: dict[str, str] = field(default_factory=dict)
    off: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.accounts = SqlAccounts(self.database, KeyRing([b"r" * 32]))
        self.sessions = SqlSessions(self.database)
        self.access = SqlAccessLog(self.database, self.clock)
        self.limiter = Limiter()
        self.passwords = Passwords(passes=1, memory_kib=64)
        self.app = self.worker()

    def worker(self) -> FastAPI:
        """One process of several on the same records."""
        entrance = open_entrance(
            accounts=self.accounts,
            sessions=self.sessions,
            access=self.access,
            limiter=self.limiter,
            keyed=Pseudonyms([b"k" * 32]).of,
            renderer=Renderer("Werkstatt <Muster>"),
            public_url=self.origin,
            clock=self.clock,
            off_duty=self.off_duty,
            passwords=self.passwords,
            provider=self.provider,
        )
        self.guard = entrance.guard
        app = FastAPI()
        app.add_middleware(RequestLimit)
        app.include_router(entrance.router)

        files = assets()

        @app.get("/console/static/{name}")
        async def file(name: str, request: Request) -> Response:
            return static(files, name, request)

        @app.websocket("/console/socket")
        async def socket(socket: WebSocket) -> None:
            try:
                operator = await entrance.guard.operator(socket, Right.TAKE_OVER)
            except (NotAllowed, NotSignedIn):
                await socket.close()
                return
            await socket.accept()
            await socket.send_text(operator.name)
            await socket.close()

        return app

    async def off_duty(self, account: str) -> None:
        """Whoever has this account takes no calls any more."""
        self.off.append(account)

    def clock(self) -> datetime:
        """The wall clock."""
        return self.now

    def pass_time(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    async def hire(
        self, login: str = "anna", role: str = Role.OPERATOR, name: str = "Anna Beispiel"
    ) -> Account:
        """Make an account."""
        account = Account(
            account=uuid4().hex,
            login=login,
            name=name,
            role=role,
            language="de",
            locked=False,
            created_at=self.now,
            used_at=self.now,
        )
        self.secrets[login] = new_secret()
        kept = Secrets(
            password_hash=await self.passwords.hash(PASSWORD), totp_secret=self.secrets[login]
        )
        await self.accounts.add(account, kept)
        return account

    def code(self, login: str = "anna") -> str:
        """What the authenticator shows."""
        return pyotp.TOTP(self.secrets[login]).at(self.now)

    def form(self, login: str = "anna", **changes: str) -> dict[str, str]:
        """The form of the sign-in, filled in rightly but for the changes."""
        code = self.code(login) if login in self.secrets else "123456"
        return {"login": login, "password": PASSWORD, "code": code, "language": "de"} | changes

    async def logged(self) -> list[tuple[Any, ...]]:
        """The access log: role, action, object."""
        columns = (access_log.c.role, access_log.c.action, access_log.c.object_id)
        async with self.database.begin() as connection:
            rows = await connection.execute(select(*columns).order_by(access_log.c.number))
            return [tuple(row) for row in rows.all()]


@contextlib.asynccontextmanager
async def opened(directory: Path, origin: str = ORIGIN) -> AsyncIterator[FrontDoor]:
    """A console with an empty database of its own."""
    database = Database.open(f"sqlite+aiosqlite:///{directory / 'console.db'}")
    await database.upgrade()
    try:
        yield FrontDoor(database=database, origin=origin)
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def browsing(
    door: FrontDoor, address: str = "192.0.2.7", app: FastAPI | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, as far as httpx is one."""
    transport = httpx.ASGITransport(app or door.app, client=(address, 1))
    headers = {"Accept": "text/html", "Accept-Language": "de"}
    async with httpx.AsyncClient(
        transport=transport, base_url=door.origin, headers=headers
    ) as http:
        yield http


async def sign_in(door: FrontDoor, http: httpx.AsyncClient, login: str = "anna") -> httpx.Response:
    """Sign in with the next code that is good."""
    door.pass_time(seconds=30)
    answer = await http.post(
        "/console/login", data=door.form(login), headers={"Origin": door.origin}
    )
    assert answer.status_code == 303, answer.text
    return answer


def csrf_in(page: str) -> str:
    """What the page's forms carry."""
    return page.partition('name="csrf" value="')[2].partition('"')[0]


@contextlib.asynccontextmanager
async def ten(door: FrontDoor) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Ten browsers, each at an address of its own."""
    async with contextlib.AsyncExitStack() as open_ones:
        yield [
            await open_ones.enter_async_context(browsing(door, f"192.0.2.{number}"))
            for number in range(10)
        ]
