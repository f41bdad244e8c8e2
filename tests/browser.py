"""A real Chromium for tests of web pages, and the fixture ``page`` to import where it is wanted."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright

VIEWPORT = (1200, 860)

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


@functools.cache
def installed() -> str | None:
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


@asynccontextmanager
async def chromium(*options: str) -> AsyncIterator[Browser]:
    """A headless browser, closed at the end of the block.

    Args:
        options: of its command line, beside those that all tests use.
    """
    async with async_playwright() as playwright:
        path = shutil.which(installed() or playwright.chromium.executable_path)
        assert path is not None, "a browser is missing: sh deploy/browser.sh .venv"
        browser = await playwright.chromium.launch(
            executable_path=path, chromium_sandbox=False, args=[*CHROMIUM_OPTIONS, *options]
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """An empty page in a browser of its own."""
    async with chromium() as browser:
        width, height = VIEWPORT
        yield await browser.new_page(viewport={"width": width, "height": height})
