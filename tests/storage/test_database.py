from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, delete, inspect, select

from tests.databases import ON_POSTGRESQL, ON_SQLITE, setting
from voice_agent.errors import ConfigurationError
from voice_agent.storage import database as database_module
from voice_agent.storage.database import Database, _alembic, head
from voice_agent.storage.tables import data_keys, metadata

pytestmark = pytest.mark.integration  # a real database on a real disk

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_the_revisions_make_the_tables_as_they_are_written(database: Database) -> None:
    async with database.begin() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_empty_database_says_what_to_run(empty_address: str) -> None:
    database = Database.open(empty_address)
    with pytest.raises(ConfigurationError, match="voice-agent db upgrade"):
        await database.check_schema()
    await database.upgrade()
    await database.check_schema()
    assert await database.revision() == head()
    await database.close()


async def test_an_upgrade_twice_changes_nothing(database: Database) -> None:
    await database.upgrade()
    await database.check_schema()


async def test_workers_that_start_together_make_one_schema(empty_address: str) -> None:
    databases = [Database.open(empty_address) for _ in range(4)]
    await asyncio.gather(*(database.upgrade() for database in databases))
    for database in databases:
        await database.check_schema()
        await database.close()


async def test_only_a_database_of_our_own_is_upgraded_by_the_start(
    kind: str, empty_address: str
) -> None:
    """A colleague's older worker may be using a server's."""
    database = Database.open(empty_address)
    if kind == "sqlite":
        await database.prepare(upgrade=True)
    else:
        with pytest.raises(ConfigurationError, match="voice-agent db upgrade"):
            await database.prepare(upgrade=True)
        assert await database.revision() is None
        await database.upgrade()
    await database.prepare(upgrade=False)
    await database.close()


def test_processes_that_upgrade_together_make_one_schema(empty_address: str) -> None:
    """Each has an event loop and a pool of its own."""

    async def work() -> None:
        database = Database.open(empty_address)
        try:
            await database.upgrade()
            await database.check_schema()
        finally:
            await database.close()

    with ThreadPoolExecutor(4) as workers:
        for started in [workers.submit(asyncio.run, work()) for _ in range(4)]:
            started.result()


async def test_a_newer_schema_is_not_touched(database: Database) -> None:
    async with database.begin() as connection:
        await connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(ConfigurationError, match="newer version"):
        await database.check_schema()


async def test_the_upgrade_of_a_newer_schema_is_refused(database: Database) -> None:
    async with database.begin() as connection:
        await connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(ConfigurationError, match="newer version"):
        await database.upgrade()


async def test_a_file_that_is_no_database_is_named(damaged: Path) -> None:
    database = Database.open(f"sqlite+aiosqlite:///{damaged}")
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL.*not a database"):
        await database.check_schema()
    await database.close()


def test_the_directory_is_made(tmp_path: Path) -> None:
    Database.open(f"sqlite+aiosqlite:///{tmp_path}/new/deep/voice-agent.db")
    assert (tmp_path / "new" / "deep").is_dir()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL: .*file"):
        Database.open(f"sqlite+aiosqlite:///{tmp_path}/file/voice-agent.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite",
        "mysql://database/voice",
        "postgresql+psycopg2://database/voice",
        "postgresql+asyncpg://database:port/voice",
        "postgresql+asyncpg://database/voice?sslmod=require",
        "postgresql+asyncpg://database/voice?timeout=1",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """Before the first call, not by it."""
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        Database.open(url)


@ON_SQLITE
async def test_foreign_keys_are_enforced(database: Database) -> None:
    async with database.begin() as connection:
        assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar() == 1
        assert (await connection.exec_driver_sql("PRAGMA secure_delete")).scalar() == 1


@ON_SQLITE
async def test_c20_a_destroyed_key_is_in_no_file_of_the_database_while_it_is_open(
    database: Database, file: Path
) -> None:
    """Neither among the deleted rows nor in the write-ahead log."""
    wrapped = b"wrapped key, to be destroyed" * 4
    async with database.begin() as connection, database.begin() as other:  # the server's
        await other.execute(select(data_keys))
        await connection.execute(
            data_keys.insert().values(call_id="CA1", kind="proof", wrapped=wrapped, made_at=NOON)
        )
    assert await database.scrub()
    async with database.begin() as connection:
        await connection.execute(delete(data_keys))
    assert await database.scrub()
    files = list(file.parent.glob(f"{file.name}*"))
    assert len(files) == 3
    assert not any(wrapped[:28] in each.read_bytes() for each in files)


@ON_SQLITE
async def test_a_log_that_somebody_is_reading_is_emptied_later(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0.05)
    impatient = Database.open(setting(f"sqlite:///{file}"))
    async with database.begin() as reader:
        await reader.exec_driver_sql("BEGIN")
        await reader.execute(select(data_keys))
        async with impatient.begin() as connection:
            await connection.execute(
                data_keys.insert().values(call_id="CA1", kind="proof", wrapped=b"w", made_at=NOON)
            )
        assert not await impatient.scrub()
    assert await impatient.scrub()
    await impatient.close()


@ON_POSTGRESQL
async def test_a_servers_log_is_its_own(database: Database) -> None:
    assert await database.scrub()


def older(connection: Connection, revision: str) -> None:
    """The schema as an earlier version made it."""
    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
async def test_an_older_database_is_brought_up_with_its_rows(
    empty_address: str, revision: str
) -> None:
    """And is refused until then, with the command to run."""
    database = Database.open(empty_address)
    async with database.begin() as connection:
        await connection.run_sync(older, revision)
        await connection.exec_driver_sql(
            "insert into calls (call_id, language, direction, disposition, created_at) "
            "values ('CA1', 'de', 'inbound', 'ended', '2026-11-23')"
        )
    with pytest.raises(ConfigurationError, match=r"older.*voice-agent db upgrade"):
        await database.check_schema()
    await database.upgrade()
    async with database.begin() as connection:
        assert await connection.run_sync(differences) == []
        assert (await connection.exec_driver_sql("select count(*) from calls")).scalar() == 1
    await database.close()


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (
            "consent_records",
            "('r1', 'CA1', '[]', 'ab', 'de', 1, '1', '2026-11-23 12:00:00', '0.1.0')",
        ),
        ("consent_withdrawals", "('CA1', '2026-11-23 12:00:00')"),
    ],
)
async def test_c13_an_upgrade_loses_no_proof_of_an_older_version(
    empty_address: str, table: str, row: str
) -> None:
    """It is refused, says what to do, and leaves the database as it was."""
    database = Database.open(empty_address)
    async with database.begin() as connection:
        await connection.run_sync(older, "0002")
        await connection.exec_driver_sql(f"insert into {table} values {row}")  # noqa: S608 (both ours)
    for attempt in (database.upgrade, lambda: database.prepare(upgrade=True)):
        with pytest.raises(ConfigurationError, match=rf"{table} holds 1 rows|db upgrade"):
            await attempt()
    assert await database.revision() == "0002"
    async with database.begin() as connection:
        assert (await connection.exec_driver_sql(f"select count(*) from {table}")).scalar() == 1  # noqa: S608 (ours)
    await database.close()


async def test_an_upgrade_that_fails_leaves_nothing_behind(empty_address: str) -> None:
    """Somebody else's table is in the way; the tables before it are not made either."""
    database = Database.open(empty_address)
    async with database.begin() as connection:
        await connection.exec_driver_sql("create table calls (mine integer)")
    with pytest.raises(ConfigurationError, match=r"cannot be used \(.*calls"):
        await database.upgrade()
    assert await database.revision() is None
    async with database.begin() as connection:
        assert await connection.run_sync(lambda here: inspect(here).get_table_names()) == ["calls"]
    await database.close()


@ON_POSTGRESQL
@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
async def test_sslmode_is_understood_as_other_programs_understand_it(
    address: str, mode: str
) -> None:
    """The tests' server has no certificate: whoever insists on encryption is refused."""
    database = Database.open(f"{address}?sslmode={mode}")
    if mode == "require":
        with pytest.raises(ConfigurationError, match="SSL"):
            await database.revision()
    else:
        assert await database.revision() == head()
    await database.close()


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("part", "wrong", "complaint"),
    [
        ("postgres:", "nobody:", "password authentication failed"),
        ("/test_", "/untest_", "does not exist"),
        ("127.0.0.1", "nowhere.invalid", "DATABASE_URL"),
    ],
)
async def test_a_database_that_cannot_be_used_is_named(
    address: str, part: str, wrong: str, complaint: str
) -> None:
    """The password is in no message."""
    assert part in address
    url = address.replace(part, wrong)
    database = Database.open(url)
    for attempt in (database.check_schema(), database.upgrade()):
        with pytest.raises(ConfigurationError, match=complaint) as caught:
            await attempt
        assert str(database.engine.url.password) not in str(caught.value)
    await database.close()
