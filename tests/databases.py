"""Both kinds of database, for tests that must pass on each: import these fixtures in a conftest.

A test that is about one of them says so with ``ON_SQLITE`` or ``ON_POSTGRESQL``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr, TypeAdapter

from tests.postgresql import Cluster
from voice_agent.storage.database import Database
from voice_agent.values import DatabaseUrl

ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"])
ON_POSTGRESQL = pytest.mark.parametrize("kind", ["postgresql"])


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database: every test that asks for one runs on both."""
    kind: str = request.param
    return kind


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the SQLite database lies."""
    return tmp_path / "voice-agent.db"


@pytest.fixture
def empty_address(kind: str, file: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a database without tables."""
    if kind == "sqlite":
        yield setting(f"sqlite:///{file}")
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = cluster.create()
    yield setting(cluster.address(name))
    cluster.drop(name)


@pytest.fixture
async def address(kind: str, file: Path, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Address of a database with the present schema."""
    if kind == "sqlite":
        url = setting(f"sqlite:///{file}")
        await upgrade(url)
        yield url
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    if cluster.template is None:
        template = cluster.create()
        await upgrade(setting(cluster.address(template)))
        cluster.template = template
    name = cluster.create(cluster.template)
    yield setting(cluster.address(name))
    cluster.drop(name)


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    """A database with the present schema."""
    database = Database.open(address)
    yield database
    await database.close()


def setting(url: str) -> str:
    """What the settings make of a ``DATABASE_URL``."""
    value: SecretStr = TypeAdapter(DatabaseUrl).validate_python(url)
    return value.get_secret_value()


async def upgrade(url: str) -> None:
    """Bring a database to the present schema."""
    database = Database.open(url)
    try:
        await database.upgrade()
    finally:
        await database.close()
