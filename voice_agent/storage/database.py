"""The database: opened, kept at the right schema, closed."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from voice_agent.errors import ConfigurationError

BUSY_TIMEOUT_S: Final = 2.0
"""How long a writer waits for another one, seconds. Less than a call waits for its ledger."""

ANSWER_TIMEOUT_S: Final = 2.0
"""How long a server may take for a connection, and for a statement, seconds: one that hangs counts
as away within twice that, and the call goes to a human."""

POOL_SIZE: Final = 20
"""Connections that a process has at most. PostgreSQL takes 100 unless it is told otherwise."""

UPGRADE_TIMEOUT_S: Final = 600.0
"""How long one statement of an upgrade may take, and the wait for a colleague's, seconds."""

FAULTS: Final = (SQLAlchemyError, sqlite3.Error, OSError, UnicodeEncodeError)
"""What a database raises when it is away, locked, full or damaged, and of a text that is none."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"

_UPGRADE_LOCK: Final = 0x766F696365  # any number, the same in every version

# What a PostgreSQL address may carry behind its "?". Of a misspelt or unknown one the driver would
# complain with the first call.
_PARAMETERS: Final = frozenset(
    {"host", "passfile", "port", "prepared_statement_cache_size", "ssl", "target_session_attrs"}
)


class Database:
    """A pool of connections. One object per process; made by ``open``, ended by ``close``.

    Attributes:
        engine: SQLAlchemy's engine.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> Database:
        """Prepare the pool; a connection is made with the first use.

        Args:
            url: ``sqlite+aiosqlite:///FILE`` or ``postgresql+asyncpg://...``, as
                ``values.DatabaseUrl`` makes them.

        Raises:
            ConfigurationError: no such database can be opened from here.
        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):  # ValueError: of a port that is no number
            raise ConfigurationError("DATABASE_URL: is not a database address. Mend it") from None
        if parsed.get_backend_name() != "sqlite":
            return cls(_engine(_server_address(parsed), **_server_options(ANSWER_TIMEOUT_S)))
        if parsed.database:
            _make_directory(Path(parsed.database).parent)
        engine = _engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        return cls(engine)

    @property
    def is_embedded(self) -> bool:
        """True for SQLite: a file of our own."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end of the block and rolled back by an exception."""
        async with self.engine.begin() as connection:
            yield connection

    async def ping(self) -> None:
        """Ask the database for nothing; whatever it raises says that it is away."""
        async with self.begin() as connection:
            await connection.execute(text("SELECT 1"))

    async def revision(self) -> str | None:
        """Revision of the schema in the database, ``None`` while it is empty.

        Raises:
            ConfigurationError: the database cannot be reached or is damaged.
        """
        try:
            async with self.engine.connect() as connection:
                return await connection.run_sync(_revision)
        except FAULTS as error:
            raise _unreachable(error) from error

    async def check_schema(self) -> None:
        """Insist that the database has the schema this program was written for.

        Raises:
            ConfigurationError: it is older or newer, or cannot be reached; the message says what
                to run.
        """
        found = await self.revision()
        scripts = ScriptDirectory.from_config(_alembic())
        if found == scripts.get_current_head():
            return
        if found is None or found in {script.revision for script in scripts.walk_revisions()}:
            raise ConfigurationError(
                "DATABASE_URL: the database's schema is older than the program's. "
                "Run: voice-agent db upgrade"
            )
        raise _newer()

    async def upgrade(self) -> None:
        """Bring the schema to this program's revision, all of it or nothing.

        Raises:
            ConfigurationError: the database cannot be reached or changed, or its schema is newer.
        """
        try:
            async with self._for_upgrade() as engine, engine.begin() as connection:
                # Two processes that start together must not both see an empty database. (And
                # Python's sqlite3 opens no transaction for DDL.)
                await connection.exec_driver_sql(
                    "BEGIN IMMEDIATE"
                    if self.is_embedded
                    else f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"
                )
                await connection.run_sync(_upgrade)
        except CommandError as error:
            raise _newer() from error
        except FAULTS as error:
            raise _unreachable(error) from error

    @asynccontextmanager
    async def _for_upgrade(self) -> AsyncIterator[AsyncEngine]:
        """The engine, or beside it one that is more patient: a large table takes its time."""
        if self.is_embedded:
            yield self.engine
            return
        engine = _engine(self.engine.url, **_server_options(UPGRADE_TIMEOUT_S))
        try:
            yield engine
        finally:
            await engine.dispose()

    async def prepare(self, *, upgrade: bool) -> None:
        """Make ready for the start: upgrade where that may happen by itself, else insist.

        Args:
            upgrade: an embedded database is brought to the present schema; others never are,
                because a colleague's older worker may be using them.

        Raises:
            ConfigurationError: as ``upgrade`` and ``check_schema``.
        """
        if upgrade and self.is_embedded:
            await self.upgrade()
        else:
            await self.check_schema()

    async def scrub(self) -> bool:
        """Take what was deleted out of the write-ahead log, where it could still be read.

        PostgreSQL keeps its log and its dead rows by its own rules; nothing is done there.

        Returns:
            False if somebody was reading or writing all the time: to be done again later.
        """
        if not self.is_embedded:
            return True
        async with self.engine.connect() as connection:
            answer = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return bool(answer.one()[0] == 0)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def head() -> str:
    """The revision this program was written for."""
    return ScriptDirectory.from_config(_alembic()).get_current_head() or ""


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
        "pool_timeout": ANSWER_TIMEOUT_S,
        "connect_args": {
            "timeout": ANSWER_TIMEOUT_S,
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


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"DATABASE_URL: {directory} cannot be made ({error.strerror}). Mend its owner, or set "
            "another DATABASE_URL"
        ) from error


def _newer() -> ConfigurationError:
    return ConfigurationError(
        "DATABASE_URL: the database was written by a newer version. Install that version"
    )


def _unreachable(error: Exception) -> ConfigurationError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return ConfigurationError(
        f"DATABASE_URL: the database cannot be used ({str(cause) or 'no answer in time'}). "
        "Mend it, or set another DATABASE_URL"
    )


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Readers beside one writer; a commit is on the disk; what is deleted is overwritten."""
    del record
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
