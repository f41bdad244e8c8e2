"""Accounts of the console and who is signed in, in a database.

The database holds hashes of passwords and sessions, and sealed secrets of one-time codes: who reads
it gets in nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Update, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyMissing, KeyRing, seal, unseal
from voice_agent.runtime.accounts import (
    IDLE,
    LONGEST,
    Account,
    LoginTaken,
    NoAccount,
    Secrets,
    session_name,
)
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.tables import operator_sessions, operators
from voice_agent.storage.transaction import transaction

MOST_LOOKUPS: Final = 8
"""Sessions looked up at once: however many guess, the database serves calls as well."""

NOTED_AGAIN: Final = timedelta(minutes=1)
"""A session in constant use is written down no more often than this."""


class SqlAccounts:
    """Implements ``voice_agent.runtime.accounts.Accounts``.

    Args:
        database: where they lie.
        keyring: wraps the keys that the secrets of codes are sealed with.
    """

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self._database = database
        self._keys = DataKeys(keyring)

    async def any(self) -> bool:
        """True if there is an account; see the port."""
        wanted = select(operators.c.account).limit(1)
        async with self._transaction() as connection:
            return await connection.scalar(wanted) is not None

    async def all(self) -> Sequence[Account]:
        """Every account, by login; see the port."""
        wanted = select(operators).order_by(operators.c.login)
        async with self._transaction() as connection:
            return [_account(row) for row in (await connection.execute(wanted)).all()]

    async def find(self, login: str) -> Account | None:
        """The account of this login; see the port."""
        wanted = select(operators).where(operators.c.login == login)
        async with self._transaction() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else _account(row)

    async def add(self, account: Account, secrets: Secrets) -> None:
        """Write down a new account; see the port."""
        same = select(func.count()).where(operators.c.login == account.login)
        async with self._transaction() as connection:
            await begin_writing(connection)
            if await connection.scalar(same):
                raise LoginTaken("LOGIN: another account has it. Choose another one")
            kept = await self._kept(connection, account.account, secrets, account.created_at)
            row = {
                "account": account.account,
                "login": account.login,
                "name": account.name,
                "role": account.role,
                "language": account.language,
                "last_step": 0,
                "locked": account.locked,
                "created_at": account.created_at,
                "used_at": account.used_at,
            }
            await connection.execute(insert(operators).values(row | dict(kept)))

    async def lock(self, account: str, *, locked: bool) -> None:
        """Lock or unlock an account; see the port."""
        async with self._transaction() as connection:
            await begin_writing(connection)
            await _change(connection, account, {"locked": locked})

    async def change_role(self, account: str, role: str) -> None:
        """Give an account another role; see the port."""
        async with self._transaction() as connection:
            await begin_writing(connection)
            await _change(connection, account, {"role": role})

    async def reset(self, account: str, secrets: Secrets, at: datetime) -> None:
        """Replace its secrets; see the port."""
        async with self._transaction() as connection:
            await begin_writing(connection)
            await self._keys.destroy(connection, (account,), KeyKind.OPERATOR)
            kept = await self._kept(connection, account, secrets, at)
            await _change(connection, account, {**kept, "last_step": 0, "subject_sha256": None})

    async def linked(self, subject: str, logins: Sequence[str]) -> Account | None:
        """The account of somebody a provider vouches for; see the port."""
        theirs = select(operators).where(operators.c.subject_sha256 == subject)
        async with self._transaction() as connection:
            await begin_writing(connection)
            row = (await connection.execute(theirs)).one_or_none()
            for login in logins:
                if row is None:
                    free = operators.c.login == login, operators.c.subject_sha256.is_(None)
                    link = update(operators).where(*free).values(subject_sha256=subject)
                    await connection.execute(link)
                    row = (await connection.execute(theirs)).one_or_none()
        return None if row is None else _account(row)

    async def secrets(self, login: str) -> tuple[Account, Secrets] | None:
        """The account of this login with its secrets; see the port."""
        wanted = select(operators).where(operators.c.login == login)
        async with self._transaction() as connection:
            row = (await connection.execute(wanted)).one_or_none()
            if row is None:
                return None
            key = await self._keys.get(connection, row.account, KeyKind.OPERATOR)
        if key is None:
            raise KeyMissing("the key of an account's one-time codes is gone. Reset the account")
        totp = unseal(key, row.sealed_totp, _place(row.account)).decode()
        return _account(row), Secrets(password_hash=row.password_hash, totp_secret=totp)

    async def _kept(
        self, connection: AsyncConnection, account: str, secrets: Secrets, at: datetime
    ) -> Mapping[str, Any]:
        """The columns that hold the secrets."""
        key = await self._keys.get_or_make(connection, account, KeyKind.OPERATOR, at)
        return {
            "password_hash": secrets.password_hash,
            "sealed_totp": seal(key, secrets.totp_secret.encode(), _place(account)),
        }

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the accounts cannot be read or written")


class SqlSessions:
    """Implements ``voice_agent.runtime.accounts.Sessions``.

    Args:
        database: where they lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lookups = asyncio.Semaphore(MOST_LOOKUPS)

    async def begin(
        self, found: Account, secrets: Secrets, step: int, token: str, at: datetime
    ) -> bool:
        """Begin a session; see the port. Of several with one code, one wins."""
        spend = (
            update(operators)
            .where(
                operators.c.account == found.account,
                operators.c.password_hash == secrets.password_hash,
                operators.c.locked.is_(False),
                operators.c.last_step < step,
            )
            .values(last_step=step, used_at=at)
        )
        return await self._begin(spend, found, token, at)

    async def begin_linked(self, found: Account, subject: str, token: str, at: datetime) -> bool:
        """Begin a session of somebody a provider vouches for; see the port."""
        theirs = (
            operators.c.account == found.account,
            operators.c.subject_sha256 == subject,
            operators.c.locked.is_(False),
        )
        return await self._begin(
            update(operators).where(*theirs).values(used_at=at), found, token, at
        )

    async def _begin(self, proof: Update, found: Account, token: str, at: datetime) -> bool:
        """Begin a session if the account's row fits the proof."""
        row = {
            "token_sha256": session_name(token),
            "account": found.account,
            "created_at": at,
            "last_seen_at": at,
            "expires_at": at + IDLE,
        }
        over = delete(operator_sessions).where(operator_sessions.c.expires_at <= at)
        async with self._transaction() as connection:
            await begin_writing(connection)
            if (await connection.execute(proof)).rowcount != 1:
                return False
            await connection.execute(over)
            await connection.execute(insert(operator_sessions).values(row))
        return True

    async def use(self, token: str, at: datetime, *, prolongs: bool = True) -> Account | None:
        """Whose session this is; see the port."""
        mine = operator_sessions.c.token_sha256 == session_name(token)
        wanted = (
            select(operators, operator_sessions.c.created_at.label("began_at"), _SEEN)
            .join(operator_sessions, operator_sessions.c.account == operators.c.account)
            .where(mine, operator_sessions.c.expires_at > at, operators.c.locked.is_(False))
        )
        async with self._lookups, self._transaction() as connection:
            row = (await connection.execute(wanted)).one_or_none()
            if row is None:
                return None
            if prolongs and row.last_seen_at <= at - NOTED_AGAIN:
                ends = min(at + IDLE, row.began_at + LONGEST)
                longer = update(operator_sessions).where(mine)
                await connection.execute(longer.values(last_seen_at=at, expires_at=ends))
        return _account(row)

    async def lasts(self, session: str, at: datetime) -> bool:
        """True while a session lasts; see the port."""
        wanted = (
            select(operator_sessions.c.token_sha256)
            .join(operators, operator_sessions.c.account == operators.c.account)
            .where(
                operator_sessions.c.token_sha256 == session,
                operator_sessions.c.expires_at > at,
                operators.c.locked.is_(False),
            )
        )
        async with self._lookups, self._transaction() as connection:
            return await connection.scalar(wanted) is not None

    async def end(self, token: str) -> None:
        """End a session; see the port."""
        mine = operator_sessions.c.token_sha256 == session_name(token)
        async with self._transaction() as connection:
            await connection.execute(delete(operator_sessions).where(mine))

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the sessions cannot be read or written")


_SEEN: Final = operator_sessions.c.last_seen_at


async def _change(connection: AsyncConnection, account: str, values: Mapping[str, Any]) -> None:
    """Change an account, and end its sessions: none goes on with rights of before."""
    change = update(operators).where(operators.c.account == account).values(values)
    if (await connection.execute(change)).rowcount != 1:
        raise NoAccount("there is no such account")
    await connection.execute(
        delete(operator_sessions).where(operator_sessions.c.account == account)
    )


def _account(row: Row[Any]) -> Account:
    return Account(
        account=row.account,
        login=row.login,
        name=row.name,
        role=row.role,
        language=row.language,
        locked=row.locked,
        created_at=row.created_at,
        used_at=row.used_at,
    )


def _place(account: str) -> str:
    return f"operators/{account}"
