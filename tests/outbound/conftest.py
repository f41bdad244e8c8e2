from __future__ import annotations

from tests.databases import address, database, file, kind

__all__ = ["address", "database", "file", "kind"]
