"""Takes the documentation's pictures of the page of reminders.

``python -m tests.console.reminder_pictures``.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser

from tests.browser import chromium
from tests.console.pictures import DESK, PHONE
from tests.console.reminder_house import PLACE, opened, served
from tests.console.room_pictures import write
from voice_agent.storage.database import Database


async def take(
    browser: Browser, language: str, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> bytes:
    """A picture of the page in the middle of a day."""
    with tempfile.TemporaryDirectory() as directory:
        database = Database.open(f"sqlite+aiosqlite:///{directory}/voice-agent.db")
        await database.upgrade()
        async with opened(database) as house, served(house.app) as origin:
            house.gate.language = language
            await house.work()
            width, height = size
            page = await browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            await page.goto(origin + PLACE)
            picture = await page.screenshot(full_page=True)
            await page.close()
        await database.close()
    return picture


async def main(folder: Path) -> None:
    """Write all pictures into a folder that is there."""
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    async with chromium() as browser:
        for language in ("de", "en"):
            for scheme in schemes:
                picture = await take(browser, language, scheme, DESK)
                write(folder / f"reminders-{language}-{scheme}.png", picture)
        write(folder / "reminders-phone.png", await take(browser, "de", "light", PHONE))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/console")))
