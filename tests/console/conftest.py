from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.console.front_door import FrontDoor, browsing, opened
from tests.redis_server import redis_url
from tests.service.conftest import hear

__all__ = ["hear", "redis_url"]  # a recogniser of the test's own, a Redis of the tests'


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[FrontDoor]:
    """A console with one account, ``anna``, an operator's."""
    async with opened(tmp_path) as door:
        await door.hire()
        yield door


@pytest.fixture
async def http(door: FrontDoor) -> AsyncIterator[httpx.AsyncClient]:
    """A browser."""
    async with browsing(door) as http:
        yield http
