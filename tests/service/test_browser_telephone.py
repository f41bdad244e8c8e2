"""A newcomer with a browser: opens the page, calls, presses 1, asks, reads and hears the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.accessibility import violations
from tests.browser import VIEWPORT, chromium
from tests.service.server import Server

pytestmark = pytest.mark.integration

ANSWER_LIMIT = 45_000


@pytest.fixture
async def page(recordings: Path) -> AsyncIterator[Page]:
    """A page of a real Chromium whose microphone hears silence."""
    silence = recordings / "silence.wav"
    async with chromium(f"--use-file-for-fake-audio-capture={silence}") as browser:
        width, height = VIEWPORT
        yield await browser.new_page(viewport={"width": width, "height": height})


async def test_a_newcomer_talks_to_the_agent(page: Page, server: Server, recordings: Path) -> None:
    """The notice plays inside the stream; only after key 1 is the question heard and answered."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.goto(f"{server.url}/phone?language=de")
    await page.click("#call")
    await expect(page.locator("body")).to_have_attribute("data-phase", "notice")
    await page.keyboard.press("1")
    await expect(page.locator("body")).to_have_attribute("data-phase", "conversing")
    await expect(page.locator("#transcript")).to_contain_text("Was kann ich für Sie tun")
    await page.wait_for_timeout(7_000)  # the greeting is being heard
    await page.set_input_files("#file", recordings / "de18.wav")
    await expect(page.locator("#transcript")).to_contain_text("offen", timeout=ANSWER_LIMIT)
    await expect(page.locator("#transcript")).to_contain_text(
        "Samstag haben wir", timeout=ANSWER_LIMIT
    )
    assert await violations(page) == []
    await page.keyboard.press("*")
    await expect(page.locator("body")).to_have_attribute("data-phase", "withdrawn")
    await page.click("#call")
    assert complaints == []


async def test_a_call_from_the_english_page_begins_in_english(page: Page, server: Server) -> None:
    """The language the page is shown in is the language of the notice."""
    await page.goto(f"{server.url}/phone?language=en")
    await page.click("#call")
    await expect(page.locator("#transcript")).to_contain_text("AI assistant")


async def test_the_page_loads_nothing_from_elsewhere(page: Page, server: Server) -> None:
    """Every request goes to this server."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    await page.goto(f"{server.url}/phone?language=en")
    await page.wait_for_load_state("networkidle")
    assert requested
    assert all(url.startswith(server.url) for url in requested)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_accessible_before_and_in_a_call(
    page: Page, server: Server, language: str, scheme: Literal["light", "dark"]
) -> None:
    """Nothing that axe-core knows of is wrong (WCAG 2.2 AA), whatever the page shows."""
    await page.emulate_media(color_scheme=scheme)
    await page.goto(f"{server.url}/phone?language={language}")
    await expect(page.locator("#call")).to_be_enabled()
    assert await violations(page) == []
    await page.click("#call")
    await expect(page.locator("#transcript > *").first).to_be_visible()
    await expect(page.locator("body")).to_have_attribute("data-phase", "notice")
    assert await violations(page) == []
    await page.keyboard.press("1")
    await expect(page.locator("body")).to_have_attribute("data-phase", "conversing")
    assert await violations(page) == []
    await page.keyboard.press("*")
    await expect(page.locator("body")).to_have_attribute("data-phase", "withdrawn")
    assert await violations(page) == []
    await page.click("#call")


async def test_the_page_is_accessible_on_a_small_screen_and_when_a_call_fails(
    page: Page, server: Server
) -> None:
    """320 pixels wide is a telephone, or a screen at 400 per cent."""
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto(f"{server.url}/phone?language=en")
    await page.route("**/phone/calls", lambda route: route.abort())
    await page.click("#call")
    await expect(page.locator("#problem")).to_be_visible()
    assert await violations(page) == []
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320
