"""Pools of connections: to an SQLite file of our own, or to a PostgreSQL server."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any, Final

import aiosqlite
from sqlalchemy import URL, event
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from voice_agent.errors import ConfigurationError

CONNECT_TIMEOUT_S: Final = 2.0
"""How long a server may take for a connection, seconds."""

POOL_SIZE: Final = 20
"""Connections that a process has at most. PostgreSQL takes 100 unless it is told otherwise."""

_WRITE_AHEAD_RETRY_S: Final = 0.02

# What a PostgreSQL address may carry behind its "?". Of a misspelt or unknown one the driver would
# complain with the first call.
_PARAMETERS: Final = frozenset(
    {"host", "passfile", "port", "prepared_statement_cache_size", "ssl", "target_session_attrs"}
)


def embedded(url: URL, patience_s: float) -> AsyncEngine:
    """The pool of an SQLite file.

    Args:
        url: its address, ``sqlite+aiosqlite:///FILE``.
        patience_s: how long a writer waits for another one, seconds.
    """
    engine = _engine(url, connect_args={"timeout": patience_s})

    def prepare(connection: AdaptedConnection, record: object) -> None:
        del record
        connection.run_async(lambda driver: _prepare_sqlite(driver, patience_s))

    event.listen(engine.sync_engine, "connect", prepare)
    return engine


def server(url: URL, answer_s: float) -> AsyncEngine:
    """The pool of a PostgreSQL server.

    Args:
        url: its address, ``postgresql+asyncpg://...``.
        answer_s: how long a statement may take, seconds.

    Raises:
        ConfigurationError: the address has parameters nobody understands.
    """
    return _engine(_server_address(url), **_server_options(answer_s))


def _engine(url: URL, **options: Any) -> AsyncEngine:
    try:
        # Without parameters in its errors: those would be identifiers of calls.
        return create_async_engine(url, hide_parameters=True, **options)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise ConfigurationError(
            "DATABASE_URL: names a database or driver that cannot be used. "
            "Write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error


def _server_address(url: URL) -> URL:
    """The address as the driver wants it: ``sslmode``, as libpq calls it, is its ``ssl``."""
    mode = url.query.get("sslmode")
    if mode is not None:
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    unknown = sorted(set(url.query) - _PARAMETERS)
    if unknown:
        raise ConfigurationError(
            f"DATABASE_URL: has parameters nobody understands ({', '.join(unknown)}). Take them out"
        )
    return url


def _server_options(answer_s: float) -> dict[str, Any]:
    """How to deal with a PostgreSQL server.

    Args:
        answer_s: how long a statement may take, seconds.
    """
    return {
        # A connection that broke while it lay in the pool is noticed before a call gets it.
        "pool_pre_ping": True,
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "pool_timeout": CONNECT_TIMEOUT_S,
        "connect_args": {
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": answer_s,
            "server_settings": {
                "application_name": "voice-agent",
                # A commit is on the disk before it returns, whatever the server's default is.
                "synchronous_commit": "on",
                # The server gives up too, and lets go of what the statement had locked.
                "statement_timeout": f"{answer_s * 1000:.0f}",
            },
        },
    }


async def _prepare_sqlite(driver: aiosqlite.Connection, patience_s: float) -> None:
    """Readers beside one writer; a commit is on the disk; what is deleted is overwritten."""
    await _write_ahead(driver, patience_s)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        await driver.execute(f"PRAGMA {pragma}")


async def _write_ahead(driver: aiosqlite.Connection, patience_s: float) -> None:
    """Keep a write-ahead log.

    The change to it does not wait for another connection that is just making the same change
    (SQLite sees a deadlock in it and answers "locked" at once), so the wait is here.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + patience_s
    while True:
        try:
            await driver.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() > give_up:
                raise
            await asyncio.sleep(_WRITE_AHEAD_RETRY_S)
        else:
            return
