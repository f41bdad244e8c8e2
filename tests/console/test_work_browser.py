"""The page of work in a real browser: both languages, light and dark, as narrow as a telephone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Literal

import pytest
import uvicorn
from playwright.async_api import Browser, expect

from tests.accessibility import violations
from tests.browser import chromium
from tests.console.work_house import WorkHouse, opened, texts
from tests.databases import ON_SQLITE, address, database, empty_address, file, kind
from tests.storage.household import CANARY, NUMBER
from voice_agent.server import OPTIONS
from voice_agent.storage.database import Database

__all__ = ["address", "database", "empty_address", "file", "kind"]

pytestmark = [pytest.mark.integration, ON_SQLITE]  # a real browser, a real database


@pytest.fixture
async def house(database: Database) -> AsyncIterator[WorkHouse]:
    async with opened(database) as house:
        await house.household.begin(CANARY, NUMBER)
        await house.fill(CANARY)
        yield house


@pytest.fixture
async def origin(house: WorkHouse) -> AsyncIterator[str]:
    """The page behind a real server on a free loopback port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(house.app, **OPTIONS))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 (uvicorn has a flag, no event)
        await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["de", "en"])
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(
    house: WorkHouse,
    origin: str,
    browser: Browser,
    language: str,
    scheme: Literal["light", "dark"],
) -> None:
    house.gate.language = language
    page = await browser.new_page(color_scheme=scheme)
    for width in (320, 1200):
        await page.set_viewport_size({"width": width, "height": 700})
        for address_ in ("/console/work", "/console/work?kind=message&done=1"):
            await page.goto(origin + address_)
            assert await violations(page) == []
            assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_by_keyboard_alone_an_entry_is_dealt_with(
    house: WorkHouse, origin: str, browser: Browser
) -> None:
    page = await browser.new_page()
    await page.goto(f"{origin}/console/work?kind=callback")
    (entry, *_) = await house.household.inbox.entries()
    finish = page.get_by_role("button", name=f"Done: Callback {entry.reference}")
    while not await finish.evaluate("button => button === document.activeElement"):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text(texts("en")["done"])
    await expect(page.get_by_text(texts("en")["nothing"])).to_be_visible()
    assert [held.done_at is not None for held in await house.household.inbox.entries()] == [
        True,
        False,
        False,
    ]
