from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voice_agent.storage.database import Database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database lies."""
    return tmp_path / "voice-agent.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    """An SQLite database in a file, with the present schema."""
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    await database.upgrade()
    yield database
    await database.close()


@pytest.fixture
def damaged(file: Path) -> Path:
    """A file that is no database."""
    file.write_bytes(b"this is no database" * 100)
    return file
