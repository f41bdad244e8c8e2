"""The pages of the console's door in a real browser: signing in, and what axe-core says of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from playwright.async_api import Page, expect

from tests.accessibility import violations
from tests.browser import page
from tests.console.front_door import PASSWORD, FrontDoor, opened
from voice_agent.console.role import Role
from voice_agent.console.texts import load
from voice_agent.server import OPTIONS

__all__ = ["page"]

pytestmark = pytest.mark.integration  # a real browser

Theme = Literal["light", "dark"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[FrontDoor]:
    """The door behind a real server on a free loopback port, as on a developer's machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with opened(tmp_path, origin) as house:
        await house.hire("otto", Role.OFFICER, "Otto Amt")
        await house.hire("ada", Role.ADMINISTRATOR, "Ada Amt")
        await house.hire("anna", Role.OPERATOR, "Anna Beispiel")
        server = uvicorn.Server(uvicorn.Config(house.app, **OPTIONS))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 (uvicorn has a flag, no event)
            await asyncio.sleep(0.005)
        yield house
        server.should_exit = True
        await running


async def enter(page: Page, house: FrontDoor, login: str, language: str = "de") -> None:
    """Sign in by the keyboard."""
    await page.goto(f"{house.origin}/console/login?language={language}")
    await expect(page.locator("#login")).to_be_focused()
    for text in (login, PASSWORD, house.code(login)):
        await page.keyboard.type(text)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")


async def test_an_officer_signs_in_by_the_keyboard_reads_and_signs_out(
    house: FrontDoor, page: Page
) -> None:
    """The browser says where the forms come from; its policy lets them go to us alone."""
    await enter(page, house, "otto")
    await expect(page.locator("h1")).to_have_text(load("de")["access"]["title"])
    assert page.url == f"{house.origin}/console/access"
    (cookie,) = await page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    await page.click('form[action="/console/logout"] button')
    await expect(page.locator("#login")).to_be_visible()
    await page.goto(f"{house.origin}/console/access")
    assert page.url == f"{house.origin}/console/login"


async def test_an_administrator_locks_an_account_with_a_click(house: FrontDoor, page: Page) -> None:
    await enter(page, house, "ada", "en")
    account = await house.accounts.find("anna")
    assert account is not None
    await page.click(f'form[action="/console/accounts/{account.account}/lock"] button')
    await expect(
        page.locator(f'form[action="/console/accounts/{account.account}/unlock"]')
    ).to_be_visible()
    changed = await house.accounts.find("anna")
    assert changed is not None
    assert changed.locked


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("language", ["de", "en"])
async def test_axe_finds_nothing_on_any_page_of_the_door(
    house: FrontDoor, page: Page, language: str, width: int, theme: Theme
) -> None:
    await page.emulate_media(color_scheme=theme)
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(f"{house.origin}/console/login?language={language}")
    found = await violations(page)
    await page.fill("#login", "nobody")
    await page.fill("#password", "wrong")
    await page.fill("#code", "000000")
    await page.click("form button")
    await expect(page.locator("[role=alert]")).to_be_visible()
    found += await violations(page)
    await enter(page, house, "otto", language)
    await expect(page.locator("table")).to_be_visible()
    found += await violations(page)
    await page.context.clear_cookies()
    await enter(page, house, "ada", language)
    await expect(page.locator("table")).to_be_visible()
    found += await violations(page)
    assert found == []
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide >= width
