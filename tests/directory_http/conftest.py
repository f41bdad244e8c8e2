from __future__ import annotations

import pytest

from tests.databases import address, database, empty_address, file

__all__ = ["address", "database", "empty_address", "file", "kind"]


@pytest.fixture
def kind() -> str:
    """One kind of database is enough: attempts are tested on both."""
    return "sqlite"
