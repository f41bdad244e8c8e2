from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the settings make lies here; one for all, so that a company is read once."""
    return tmp_path_factory.mktemp("data")
