"""The access log of the console in a database: appended to, and read by the officer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.live.snapshot import call_key
from voice_agent.runtime.accounts import AccessEntry, Wanted
from voice_agent.runtime.place import Erased, Subject
from voice_agent.storage.database import Database
from voice_agent.storage.place import DatabasePlace, count, fields, look_up
from voice_agent.storage.tables import access_log, operator_sessions, operators
from voice_agent.storage.transaction import transaction


class SqlAccessLog:
    """Implements ``voice_agent.runtime.accounts.AccessLog``.

    Args:
        database: where it lies.
        clock: the wall clock, timezone-aware.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def note(self, account: str | None, role: str, action: str, object_id: str) -> None:
        """Append an entry; see the port."""
        row = {
            "at": self._clock(),
            "account": account,
            "role": role,
            "action": action,
            "object_id": object_id,
        }
        async with self._transaction() as connection:
            await connection.execute(insert(access_log).values(row))

    async def entries(self, wanted: Wanted) -> Sequence[AccessEntry]:
        """Entries, the newest first; see the port."""
        chosen = (
            select(access_log, func.coalesce(operators.c.name, "").label("name"))
            .outerjoin(operators, operators.c.account == access_log.c.account)
            .where(*_conditions(wanted))
            .order_by(access_log.c.number.desc())
            .limit(wanted.most)
        )
        async with self._transaction() as connection:
            rows = (await connection.execute(chosen)).all()
        return [
            AccessEntry(
                number=row.number,
                at=row.at,
                account=row.account,
                name=row.name,
                role=row.role,
                action=row.action,
                object_id=row.object_id,
            )
            for row in rows
        ]

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the access log cannot be read or written")


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.account is not None:
        yield access_log.c.account == wanted.account
    if wanted.object_id is not None:
        yield access_log.c.object_id == wanted.object_id
    if wanted.since is not None:
        yield access_log.c.at >= wanted.since
    if wanted.until is not None:
        yield access_log.c.at < wanted.until
    if wanted.before is not None:
        yield access_log.c.number < wanted.before


class ConsolePlace(DatabasePlace):
    """Who looked at a person's calls. Of callers nothing else lies in the console's tables."""

    name = "console"
    TABLES = (access_log, operators, operator_sessions)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """Every look at their calls: when and in which role; not which colleague it was."""
        calls = {call_key(call_id) for call_id in subject.call_ids}
        async with self._transaction() as connection:
            rows = await look_up(connection, select(access_log), access_log.c.object_id, calls)
        shown = ("record", "at", "role", "action", "object_id")
        return [
            {name: value for name, value in fields(access_log, row).items() if name in shown}
            for row in sorted(rows, key=lambda row: row.number)
        ]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Keep it (Art. 5(2) GDPR)."""
        del at
        calls = {call_key(call_id) for call_id in subject.call_ids}
        async with self._transaction() as connection:
            kept = await count(connection, access_log.c.object_id, calls)
        return Erased(kept=kept, why="accountability")
