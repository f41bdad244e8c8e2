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
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from voice_agent.errors import ConfigurationError

BUSY_TIMEOUT_S: Final = 2.0
"""How long a writer waits for another one, seconds. Less than a call waits for its ledger."""

FAULTS: Final = (SQLAlchemyError, sqlite3.Error, OSError)
"""What a database raises when it is away, locked, full or damaged."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


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
            url: ``sqlite+aiosqlite:///FILE`` or ``postgresql+asyncpg://...``.

        Raises:
            ConfigurationError: no such database can be opened from here.
        """
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise ConfigurationError("DATABASE_URL: is not a database address. Mend it") from None
        embedded = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if embedded else {}
        if embedded and parsed.database:
            _make_directory(Path(parsed.database).parent)
        try:
            # Without parameters in its errors: those would be identifiers of calls.
            engine = create_async_engine(parsed, hide_parameters=True, **options)
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"DATABASE_URL: needs the package {error.name}. Install it, or use sqlite"
            ) from error
        if embedded:
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
            async with self.engine.begin() as connection:
                if self.is_embedded:
                    # Python's sqlite3 opens no transaction for DDL; and two processes that start
                    # together must not both see an empty file.
                    await connection.exec_driver_sql("BEGIN IMMEDIATE")
                await connection.run_sync(_upgrade)
        except CommandError as error:
            raise _newer() from error
        except FAULTS as error:
            raise _unreachable(error) from error

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
        f"DATABASE_URL: the database cannot be used ({cause}). Mend it, or set another DATABASE_URL"
    )


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Readers beside one writer; a commit is on the disk before it returns."""
    del record
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
