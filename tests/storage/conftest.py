from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import address, database, empty_address, file, kind

__all__ = ["address", "database", "empty_address", "file", "kind"]


@pytest.fixture
def damaged(file: Path) -> Path:
    """A file that is no database."""
    file.write_bytes(b"this is no database" * 100)
    return file
