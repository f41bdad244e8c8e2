from __future__ import annotations

import pytest

from tests.call.conftest import make_stage
from tests.call.scene import Scene


@pytest.fixture(scope="session")
def stage() -> Scene:
    """What every call is made of."""
    return make_stage()
