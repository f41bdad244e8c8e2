"""The page of reminders in a real browser: languages, light and dark, narrow, without script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.accessibility import violations
from tests.browser import chromium
from tests.console.reminder_house import PLACE, ReminderHouse, opened, served, texts
from tests.databases import ON_SQLITE, address, database, empty_address, file, kind
from tests.storage.remindings import number_of
from voice_agent.console.role import Role
from voice_agent.storage.database import Database

__all__ = ["address", "database", "empty_address", "file", "kind"]

pytestmark = [pytest.mark.integration, ON_SQLITE]  # a real browser, a real database

EN = texts("en")


@pytest.fixture
async def house(database: Database) -> AsyncIterator[ReminderHouse]:
    async with opened(database) as house:
        await house.work()
        yield house


@pytest.fixture
async def origin(house: ReminderHouse) -> AsyncIterator[str]:
    async with served(house.app) as origin:
        yield origin


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["de", "en"])
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(
    house: ReminderHouse,
    origin: str,
    browser: Browser,
    language: str,
    scheme: Literal["light", "dark"],
) -> None:
    house.gate.language = language
    page = await browser.new_page(color_scheme=scheme)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    for width in (320, 1200):
        await page.set_viewport_size({"width": width, "height": 700})
        for address_ in (PLACE, f"{PLACE}?told=noted"):
            await page.goto(origin + address_)
            await page.click("details summary")
            assert await violations(page) == []
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.click(".state button")
    assert await violations(page) == []
    assert faults == []


async def test_a_number_that_is_none_is_told_to_whoever_hears_the_page(
    house: ReminderHouse, origin: str, browser: Browser
) -> None:
    page = await browser.new_page()
    await page.goto(origin + PLACE)
    await page.fill("#number", "12")
    await page.click(".refuse button")
    await expect(page.get_by_role("alert")).to_contain_text(EN["no_number"])
    assert await page.get_attribute("#number", "aria-invalid") == "true"
    assert await violations(page) == []
    assert await house.company.list.count() == 1  # the one of the day's work


async def test_without_script_by_keyboard_alone_the_calls_are_stopped(
    house: ReminderHouse, origin: str, browser: Browser
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(origin + PLACE)
    await page.get_by_role("button", name=EN["pause"], exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text(EN["told"]["paused"])
    assert (await house.company.reminders.overview()).paused
    await page.get_by_role("button", name=EN["resume"], exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text(EN["told"]["resumed"])
    assert not (await house.company.reminders.overview()).paused


async def test_an_open_page_shows_what_happens_meanwhile(
    house: ReminderHouse, origin: str, browser: Browser
) -> None:
    house.gate.role = Role.VIEWER
    page = await browser.new_page()
    await page.clock.install()
    await page.goto(origin + PLACE)
    await page.click("details summary")
    await page.evaluate("document.activeElement.blur()")
    await house.company.reminders.pause()
    house.company.now += timedelta(minutes=1)
    await page.clock.run_for(10_000)
    await expect(page.get_by_role("heading", name=EN["stopped"])).to_be_visible()
    assert await page.evaluate("document.querySelector('details').open")


async def test_nothing_is_taken_away_under_somebodys_hand(
    house: ReminderHouse, origin: str, browser: Browser
) -> None:
    page = await browser.new_page()
    await page.clock.install()
    await page.goto(origin + PLACE)
    await page.fill("#number", number_of(7))
    stop = page.get_by_role("button", name=EN["pause"], exact=True)
    await stop.focus()
    house.company.now += timedelta(minutes=1)
    async with page.expect_response("**/console/reminders/now"):
        await page.clock.run_for(10_000)
    await expect(stop).to_be_focused()
    assert await page.input_value("#number") == number_of(7)
