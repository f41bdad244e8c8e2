from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.privacy.portal_house import PortalHouse, Visitor, opened, visiting


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PortalHouse]:
    """A portal to which one call has come in."""
    async with opened(tmp_path) as house:
        await house.call()
        yield house


@pytest.fixture
async def visitor(house: PortalHouse) -> AsyncIterator[Visitor]:
    """A browser without script."""
    async with visiting(house) as visitor:
        yield visitor
