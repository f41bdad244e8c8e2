from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from voice_agent.errors import ConfigurationError
from voice_agent.storage.database import Database, head
from voice_agent.storage.tables import metadata

pytestmark = pytest.mark.integration  # a real database on a real disk


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_the_revisions_make_the_tables_as_they_are_written(database: Database) -> None:
    async with database.begin() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_empty_database_says_what_to_run(file: Path) -> None:
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    with pytest.raises(ConfigurationError, match="voice-agent db upgrade"):
        await database.check_schema()
    await database.upgrade()
    await database.check_schema()
    assert await database.revision() == head()
    await database.close()


async def test_an_upgrade_twice_changes_nothing(database: Database) -> None:
    await database.upgrade()
    await database.check_schema()


async def test_workers_that_start_together_make_one_schema(file: Path) -> None:
    databases = [Database.open(f"sqlite+aiosqlite:///{file}") for _ in range(4)]
    await asyncio.gather(*(database.upgrade() for database in databases))
    for database in databases:
        await database.check_schema()
        await database.close()


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


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        Database.open(url)


async def test_foreign_keys_are_enforced(database: Database) -> None:
    async with database.begin() as connection:
        assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar() == 1


async def test_a_database_of_the_first_revision_is_brought_up_with_its_rows(
    database: Database,
) -> None:
    async with database.begin() as connection:
        await connection.exec_driver_sql("drop table message_counts")
        await connection.exec_driver_sql("update alembic_version set version_num = '0001'")
        await connection.exec_driver_sql(
            "insert into calls values ('CA1', 'de', 'inbound', 'ended', '2026-11-23', null)"
        )
    with pytest.raises(ConfigurationError, match="voice-agent db upgrade"):
        await database.check_schema()
    await database.upgrade()
    async with database.begin() as connection:
        assert await connection.run_sync(differences) == []
        assert (await connection.exec_driver_sql("select count(*) from calls")).scalar() == 1
