"""One call at one worker, an operator at the other: takeovers, voices both ways, events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import Browser, Page

from tests.bench.console_caller import Caller
from tests.bench.console_page import PATIENCE_S, noted, until, with_ears
from tests.console.latency import EVERY_S, beeps
from tests.service.server import TOKEN
from tests.service.workers import Workers
from voice_agent.audio import mulaw
from voice_agent.live.snapshot import call_key
from voice_agent.phone.caller import SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.script import PressKey, Say

TAKEOVERS: Final = 12
TALK_S: Final = 1.0
"""Seconds an operator talks before they give a call back."""

QUIET_S: Final = 0.7
"""Seconds the agent has been silent when an operator clicks."""

SETTLE_S: Final = 4.0
"""Seconds until the browser has found the level of its microphone."""

BEEPS: Final = 45
KEYS: Final = 60
KEY_EVERY_S: Final = 0.43

_TAKE: Final = '[data-verb="take_over"]:not([disabled])'
_GIVE: Final = '[data-verb="give_back"]:not([disabled])'


@dataclass(slots=True)
class CallFigures:
    """What was found, seconds each.

    Attributes:
        announced: from the click to the first sound of the announcement received.
        outward: from the operator's microphone to the caller's ear.
        arrived: from the caller's mouth to the page's websocket.
        inward: from there to where the page's sound leaves its audio graph.
        shown: from a key the caller pressed to the page's list of what happened.
    """

    announced: list[float] = field(default_factory=list)
    outward: list[float] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)
    inward: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)


async def measure_call(workers: Workers, browser: Browser, overview: Page) -> CallFigures:
    """Measure it all on one call.

    Args:
        workers: both.
        browser: its microphone beeps once a second.
        overview: a page of it, signed in at the first worker.
    """
    found, caller, context = CallFigures(), Caller(), overview.context
    async with _calling(workers, caller) as call:
        address = f"{workers.first.url}/console/calls/{call_key(call.call_id)}"
        await overview.wait_for_selector(f'[href="{address[len(workers.first.url) :]}"]')
        page = await context.new_page()
        await page.goto(address)
        for _ in range(TAKEOVERS):
            found.announced.append(await _take_over(page, caller))
            await asyncio.sleep(TALK_S)
            await _give_back(page, caller)
        await page.close()

        page = await (await with_ears(browser, context)).new_page()
        await page.goto(address)
        await _take_over(page, caller)
        await asyncio.sleep(SETTLE_S)
        found.outward = await _hear_operator(page, caller)
        found.arrived, found.inward = await _hear_caller(page, caller)
        found.shown = await _press_keys(page, caller)
        await page.close()
        caller.is_over = True
    return found


@asynccontextmanager
async def _calling(workers: Workers, caller: Caller) -> AsyncIterator[SimulatedCall]:
    """A call at the second worker whose caller has consented."""
    async with Carrier(workers.second.url, TOKEN, public_url=workers.first.url) as carrier:
        call = SimulatedCall(carrier, caller.script(), tell=caller.tell)
        call.recording.agent, call.recording.caller = caller.heard, caller.said
        running = asyncio.create_task(call.run())
        try:
            yield call
            await asyncio.wait_for(running, PATIENCE_S)
        finally:
            running.cancel()


async def _take_over(page: Page, caller: Caller) -> float:
    """Take over while nothing is said; seconds from the click to the announcement."""
    await page.wait_for_selector(_TAKE)
    await caller.until_quiet(QUIET_S)
    began = time.time()
    talking = len([each for each in await noted(page, "controls") if each == "talking"])
    await page.click(_TAKE)
    came = (await caller.first_sound(began)).came_at
    clicked = [each["at"] for each in await noted(page, "clicks") if each["verb"] == "take_over"]
    await until(page, f"noted.controls.filter((one) => one === 'talking').length > {talking}")
    return came - float(clicked[-1])


async def _give_back(page: Page, caller: Caller) -> None:
    """Give back, and wait until the agent says that it is there again."""
    await page.click(_GIVE)
    began = time.time()
    await page.click("#ask-give_back button[type=submit]")
    await page.wait_for_selector(_TAKE)
    await caller.first_sound(began + QUIET_S)


async def _hear_operator(page: Page, caller: Caller) -> list[float]:
    began = time.time()
    await asyncio.sleep(BEEPS * EVERY_S)
    said = await page.evaluate("heard.microphone")
    return _pairs([at for at in said if at > began], caller.heard.onsets(began))


async def _hear_caller(page: Page, caller: Caller) -> tuple[list[float], list[float]]:
    began = time.time()
    caller.deeds.extend(Say(mulaw.encode(beeps())) for _ in range(BEEPS))
    await asyncio.sleep(BEEPS * EVERY_S + 1)
    said = caller.mouth(began)
    frames, heard = await noted(page, "frames"), await page.evaluate("heard.speaker")
    return _pairs(said, frames), _pairs(said, heard)


async def _press_keys(page: Page, caller: Caller) -> list[float]:
    before = len(await noted(page, "rows"))
    caller.pressed.clear()
    for _ in range(KEYS):
        caller.deeds.append(PressKey("#"))
        await asyncio.sleep(KEY_EVERY_S)
    await asyncio.sleep(1)
    shown = [row["at"] for row in (await noted(page, "rows"))[before:] if "#" in row["text"]]
    if len(shown) != KEYS:
        raise RuntimeError(f"{KEYS} keys were pressed, the page shows {len(shown)}")
    return [at - pressed for pressed, at in zip(caller.pressed, shown, strict=True)]


def _pairs(causes: list[float], effects: list[float]) -> list[float]:
    """What lies between each cause and what followed within its second."""
    found = []
    for cause in causes:
        after = [each - cause for each in effects if 0 <= each - cause < EVERY_S * 0.9]
        found.extend(after[:1])
    return found
