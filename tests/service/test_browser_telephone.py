"""A newcomer with a browser: opens the page, calls, presses 1, asks, reads and hears the answer."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.service.server import Server

pytestmark = pytest.mark.integration

CHROMIUM_OPTIONS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
ANSWER_LIMIT = 45_000


@pytest.fixture(scope="session")
def browser() -> str | None:
    """This machine's browser, as deploy/browser.sh looks for it; None is Playwright's own."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        # Ubuntu's chromium-browser may be a stub that only names a snap.
        if path is not None and runs(path):
            return path
    return None


def runs(path: str) -> bool:
    """True if the program can tell its version."""
    command = [path, "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 (a browser on PATH)


@pytest.fixture
async def page(recordings: Path, browser: str | None) -> AsyncIterator[Page]:
    """A page of a real Chromium whose microphone hears silence."""
    silence = recordings / "silence.wav"
    async with async_playwright() as playwright:
        path = shutil.which(browser or playwright.chromium.executable_path)
        assert path is not None, "a browser is missing: sh deploy/browser.sh .venv"
        chromium = await playwright.chromium.launch(
            executable_path=browser,
            chromium_sandbox=False,
            args=[*CHROMIUM_OPTIONS, f"--use-file-for-fake-audio-capture={silence}"],
        )
        try:
            yield await chromium.new_page(viewport={"width": 1200, "height": 860})
        finally:
            await chromium.close()


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
