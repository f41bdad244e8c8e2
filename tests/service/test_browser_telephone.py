"""A newcomer with a browser: opens the page, calls, presses 1, asks, reads and hears the answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.accessibility import violations
from tests.browser import VIEWPORT, chromium
from tests.service.server import Server
from voice_agent.live.observation import AnswerHeard, CallEnded, Observation, TurnTimed

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
    times = page.locator(".timing")
    await expect(times).to_have_count(1)
    await expect(times).to_contain_text("gehört nach", timeout=ANSWER_LIMIT)
    await expect(times.locator(".parts li")).to_contain_text(
        ["Stille bemerkt", "Ende erkannt", "Antwort gefunden", "Stimme", "Weg zum Ohr"]
    )
    assert await violations(page) == []
    await page.keyboard.press("*")
    await expect(page.locator("body")).to_have_attribute("data-phase", "withdrawn")
    await page.click("#call")
    assert complaints == []


async def test_times_are_shown_as_far_as_they_are_known(page: Page, server: Server) -> None:
    """An answer that was cut off at once, a judge that failed, times without any breakdown."""
    seen: list[Observation] = [
        TurnTimed(1, 4000, 0.5, 0.25, None, 140, None, 390, 400, 420),
        TurnTimed(2, 9000, 1.9, 0.3, 0.1, 140, 200, 1400, 1000, 1500),
        AnswerHeard(1, 7),
        AnswerHeard(2, 1960),
        TurnTimed(3, 12_000, 0.7),
        CallEnded("hung_up"),
    ]
    body = "".join(f"data: {json.dumps(each.to_dict())}\n\n" for each in seen)
    await page.route(
        "**/phone/events/*",
        lambda route: route.fulfill(content_type="text/event-stream", body=body),
    )
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto(f"{server.url}/phone?language=en")
    await page.click("#call")
    times = page.locator(".timing")
    await expect(times).to_have_count(3)
    await expect(times.locator(".answered")).to_have_text(
        [
            "Answered after 0.50\u00a0s",
            "Answered after 1.90\u00a0s, heard after 1.96\u00a0s",
            "Answered after 0.70\u00a0s",
        ]
    )
    cut, whole, bare = [times.nth(index) for index in range(3)]
    await expect(cut.locator("li")).to_have_text(
        [
            "silence noticed 140\u00a0ms",
            "end of turn 260\u00a0ms",
            "answer found 20\u00a0ms",
            "voice 80\u00a0ms",
            "words after 390\u00a0ms",
            "recognition 250\u00a0ms",
        ]
    )
    await expect(whole.locator(".parts li").last).to_have_text("way to the ear 60\u00a0ms")
    await expect(bare.locator("li")).to_have_count(0)
    lengths = await whole.locator(".bar span").evaluate_all(
        "parts => parts.map((part) => part.getBoundingClientRect().width)"
    )
    assert lengths[1] > lengths[2] > lengths[3] > lengths[0] > lengths[4] > 0
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


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
