"""Fixtures of the console's browser tests: import those a test wants."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.browser import VIEWPORT, chromium
from tests.console.console_house import ConsoleHouse, opened, served


@pytest.fixture
async def house() -> AsyncIterator[ConsoleHouse]:
    """A worker with the console."""
    async with opened() as house:
        yield house


@pytest.fixture
async def origin(house: ConsoleHouse) -> AsyncIterator[str]:
    """Where it is served."""
    async with served(house.app) as origin:
        yield origin


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser."""
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page that fails the test if its script complains."""
    width, height = VIEWPORT
    page = await browser.new_page(viewport={"width": width, "height": height})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    assert [each for each in complaints if "Failed to load resource" not in each] == []


async def fits(page: Page) -> bool:
    """Nothing stands out on the right."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width <= 0
