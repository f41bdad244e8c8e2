"""A caller opens the link in a real browser: with script and without, by keyboard, in the dark."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect

from consent.receipt import State
from tests.accessibility import violations
from tests.browser import VIEWPORT, chromium
from tests.privacy.portal_house import CALL, NUMBER, PortalHouse, opened
from voice_agent.privacy.texts import load
from voice_agent.server import OPTIONS

pytestmark = pytest.mark.integration  # a real browser

DE = load("de")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PortalHouse]:
    """A portal to which one call has come in, whose caller consented."""
    async with opened(tmp_path) as house:
        await house.call()
        await house.consent()
        yield house


@pytest.fixture
async def origin(house: PortalHouse) -> AsyncIterator[str]:
    """The portal behind a real server on a free loopback port."""
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
    """A browser."""
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def page(browser: Browser) -> Page:
    """An empty page."""
    width, height = VIEWPORT
    return await browser.new_page(locale="de-DE", viewport={"width": width, "height": height})


async def press(page: Page, step: str) -> None:
    """Press the button of a step's form in the page's own part."""
    await page.click(f'main form[action="/p/{step}"] button')


async def enter(page: Page, link: str) -> None:
    """Follow a link; the script fills it in and points at the button, which a person presses."""
    await page.goto(link)
    await expect(page.locator("#enter button")).to_be_focused()
    await page.keyboard.press("Enter")


async def open_link(page: Page, house: PortalHouse, origin: str, language: str = "de") -> None:
    """Open the link of the text message."""
    await enter(page, f"{origin}/p#{await house.link(language=language)}")
    await expect(page.locator(".badge")).to_be_visible()


async def test_c16_c21_the_link_opens_the_receipt_and_one_click_withdraws(
    house: PortalHouse, origin: str, page: Page
) -> None:
    """Nothing is asked of any other server, no cookie is set, no script complains."""
    requested: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    token = await house.link()
    await page.goto(f"{origin}/p#{token}")
    await expect(page.locator("#token")).to_have_value(token)
    await expect(page.locator("#enter button")).to_be_focused()
    assert page.url == f"{origin}/p"
    await page.keyboard.press("Enter")
    await expect(page.locator(".badge")).to_have_text(DE["standing"]["given"]["badge"])
    await press(page, "receipt")
    await expect(page.locator("h1")).to_have_text(DE["receipt"]["title"])
    async with page.expect_download() as download:
        await press(page, "receipt.jsonld")
    assert (await download.value).suggested_filename.endswith(".jsonld")
    await page.click("nav button")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("h1")).to_have_text(load("en")["receipt"]["title"])
    await press(page, "overview")
    await press(page, "withdraw")
    await expect(page.locator(".done")).to_be_focused()
    held = await house.archive.held(CALL)
    assert held is not None
    assert held.state is State.WITHDRAWN
    assert all(url.startswith(origin) for url in requested)
    assert not any(token in url.partition("#")[0] for url in requested)
    assert await page.context.cookies() == []
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert complaints == []


async def test_c21_reloading_stays_inside_and_a_second_window_does_not_get_in(
    house: PortalHouse, origin: str, browser: Browser, page: Page
) -> None:
    token = await house.link()
    await enter(page, f"{origin}/p#{token}")
    await expect(page.locator(".badge")).to_be_visible()
    await page.reload()
    await expect(page.locator(".badge")).to_be_visible()
    other = await browser.new_page(locale="de-DE")
    await enter(other, f"{origin}/p#{token}")
    await expect(other.locator(".trouble")).to_contain_text(DE["enter"]["trouble"]["used"])
    await expect(other.locator(".trouble")).to_be_focused()


async def test_c21_without_javascript_the_whole_link_is_pasted(
    house: PortalHouse, origin: str, browser: Browser
) -> None:
    page = await browser.new_page(java_script_enabled=False, locale="en-GB")
    link = f"{origin}/p#{await house.link()}"
    await page.goto(link)
    await page.get_by_label(load("en")["enter"]["label"]).fill(link)
    await page.click("main button")
    await expect(page.locator(".badge")).to_be_visible()
    await press(page, "withdraw")
    await expect(page.locator(".badge")).to_have_text(DE["standing"]["withdrawn"]["badge"])


async def tab_to(page: Page, selector: str) -> None:
    """Go on with the tabulator until this has the focus."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


async def test_c20_everything_can_be_done_by_keyboard(
    house: PortalHouse, origin: str, page: Page
) -> None:
    await open_link(page, house, origin)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.matches('.skip')")
    await tab_to(page, 'main form[action="/p/withdraw"] button')
    await page.keyboard.press("Enter")
    await expect(page.locator(".done")).to_be_focused()
    await tab_to(page, 'main form[action="/p/erase"] button')
    await page.keyboard.press("Space")
    await expect(page.locator("h1")).to_have_text(DE["code"]["title"]["erase"])
    await tab_to(page, 'main form[action="/p/code"] button')
    await page.keyboard.press("Enter")
    await expect(page.locator("#code")).to_be_focused()
    await page.keyboard.type("000000" if house.code != "000000" else "000001")
    await page.keyboard.press("Enter")
    await expect(page.locator(".trouble")).to_be_focused()
    await tab_to(page, ".trouble a")
    await page.keyboard.press("Enter")
    await expect(page.locator("#code")).to_be_focused()
    await page.keyboard.type(house.code)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(DE["erase"]["title"])
    await tab_to(page, 'main form[action="/p/erased"] button')
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(DE["erased"]["title"])
    assert house.rights.erased == [(CALL, "portal")]


async def test_c28_by_keyboard_alone_they_are_not_called_any_more(
    house: PortalHouse, origin: str, page: Page
) -> None:
    await open_link(page, house, origin)
    await tab_to(page, 'main form[action="/p/calls"] button')
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(DE["code"]["title"]["calls"])
    await tab_to(page, 'main form[action="/p/code"] button')
    await page.keyboard.press("Enter")
    await expect(page.locator("#code")).to_be_focused()
    await page.keyboard.type(house.code)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(DE["calls"]["title"])
    await tab_to(page, 'main form[action="/p/calls.stop"] button')
    await page.keyboard.press("Enter")
    await expect(page.locator(".done")).to_be_focused()
    await expect(page.locator(".badge")).to_have_text(DE["calls"]["stopped"]["badge"])
    assert await house.listed.holds(NUMBER)


async def fits(page: Page) -> bool:
    """Nothing stands out on the right."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width <= 0


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_c21_every_page_can_be_read_by_everyone(
    house: PortalHouse, origin: str, page: Page, language: str, scheme: Literal["light", "dark"]
) -> None:
    """axe-core finds nothing (WCAG 2.2 AA), and nothing has to be scrolled sideways.

    320 pixels wide is a telephone, or a screen at 400 per cent.
    """
    if language == "en":
        await page.set_viewport_size({"width": 320, "height": 640})
    await page.emulate_media(color_scheme=scheme)

    async def judge(name: str) -> None:
        assert await violations(page) == [], name
        assert await fits(page), name

    await page.goto(f"{origin}/p?language={language}")
    await judge("enter")
    await page.fill("#token", "wrong")
    await page.click("main button")
    await judge("refused")
    await enter(page, f"{origin}/p?language={language}#{await house.link()}")
    await expect(page.locator(".badge")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await judge("overview")
    for step in ("receipt", "overview", "notice", "overview", "withdraw", "access", "code"):
        await press(page, step)
        await judge(step)
    await page.fill("#code", "x")
    await press(page, "verify")
    await judge("wrong code")
    await page.fill("#code", house.code)
    await press(page, "verify")
    await expect(page.locator("main")).to_contain_text(NUMBER)
    await judge("access")
    for step in ("overview", "calls", "calls.stop", "calls.allow"):
        await press(page, step)
        await judge(step)
    for step in ("overview", "erase", "erased"):
        await press(page, step)
        await judge(step)
    for path in ("/p/x", "/p/withdraw"):
        await page.goto(f"{origin}{path}?language={language}")
        await judge(path)
