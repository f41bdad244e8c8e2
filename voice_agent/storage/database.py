"""The database: opened, kept at the right schema, closed."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from voice_agent.errors import ConfigurationError
from voice_agent.storage import pool

BUSY_TIMEOUT_S: Final = 2.0
"""How long a writer waits for another one, seconds. Less than a call waits for its ledger."""

ANSWER_TIMEOUT_S: Final = 2.0
"""How long a server may take for a statement, seconds. With as long for a connection, one that
hangs counts as away within twice that, and the call goes to a human."""

UPGRADE_TIMEOUT_S: Final = 600.0
"""How long one statement of an upgrade may take, and the wait for a colleague's, seconds."""

FAULTS: Final = (SQLAlchemyError, sqlite3.Error, OSError, UnicodeEncodeError)
"""What a database raises when it is away, locked, full or damaged, and of a text that is none."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"

_UPGRADE_LOCK: Final = 0x766F696365  # any number, the same in every version


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
            return cls(pool.server(parsed, ANSWER_TIMEOUT_S))
        if parsed.database:
            _make_directory(Path(parsed.database).parent)
        return cls(pool.embedded(parsed, BUSY_TIMEOUT_S))

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
        """An engine that is more patient: a large table takes its time, a colleague's too."""
        url = self.engine.url
        if not self.is_embedded:
            engine = pool.server(url, UPGRADE_TIMEOUT_S)
        elif url.database:
            engine = pool.embedded(url, UPGRADE_TIMEOUT_S)
        else:  # in memory: another engine would have another database
            yield self.engine
            return
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
