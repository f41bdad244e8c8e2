"""Takes the documentation's pictures of the console: ``python -m tests.console.pictures``."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser

from tests.browser import chromium
from tests.console.console_house import BEN, CORA, ConsoleHouse, opened, served
from voice_agent.live.observation import (
    AgentSaid,
    AnswerHeard,
    CallerSaid,
    ControlChanged,
    FlowMoved,
    HandoverAsked,
    Observation,
    PhaseChanged,
    QueuePlace,
    TurnTimed,
    UnderstoodSeen,
)
from voice_agent.live.ports import OnDuty

DESK = (1200, 780)
PHONE = (390, 844)
TAKEN_OVER = {("de", "light"), ("en", "dark")}

TALK: dict[str, list[Observation]] = {
    "de": [
        AgentSaid(
            "Guten Tag, hier ist die KI-Assistenz der Autowerkstatt Berger. "
            "Was kann ich für Sie tun?"
        ),
        CallerSaid(1, "Ich bräuchte am Freitag einen Termin zum Reifenwechsel."),
        UnderstoodSeen(
            [
                "StartFlow book_appointment",
                "FillSlot service Reifenwechsel",
                "FillSlot date 2026-11-27",
            ]
        ),
        AgentSaid("Am Freitag ist um 10 Uhr oder um 14 Uhr 30 etwas frei. Was passt Ihnen besser?"),
        CallerSaid(2, "Kann ich das lieber mit einem Menschen besprechen?"),
        UnderstoodSeen(["HumanPlease"]),
        AgentSaid("Gern. Ich verbinde Sie; bitte bleiben Sie am Apparat."),
    ],
    "en": [
        AgentSaid("Hello, this is Autowerkstatt Berger's AI assistant. What can I do for you?"),
        CallerSaid(1, "I need an appointment on Friday to have my tyres changed."),
        UnderstoodSeen(
            ["StartFlow book_appointment", "FillSlot service Tyres", "FillSlot date 2026-11-27"]
        ),
        AgentSaid("On Friday there is 10 o'clock or half past two. Which one suits you better?"),
        CallerSaid(2, "Could I talk to a person about that, please?"),
        UnderstoodSeen(["HumanPlease"]),
        AgentSaid("Of course. I will connect you; please hold the line."),
    ],
}


async def fill(house: ConsoleHouse, language: str) -> str:
    """A morning with calls of every kind; gives the one that is looked at."""
    await house.live.attend(OnDuty(BEN.account, BEN.name, available=False, call="0" * 32))
    await house.live.attend(OnDuty(CORA.account, CORA.name, available=True))
    shown = await house.begin("shown", ago=133, language=language)
    await house.consent(shown)
    first, second = TurnTimed(1, 9000, 0.71, None, None, 140, 300, 420, 520, 560), 23000
    await house.see(shown, *TALK[language][:4], first, AnswerHeard(1, 790))
    await house.see(shown, TurnTimed(2, second, 0.64, None, None, 140, 280, 390, 470, 500))
    slots = {"service": "Reifenwechsel" if language == "de" else "Tyres", "date": "2026-11-27"}
    await house.see(shown, *TALK[language][4:], AnswerHeard(2, 705))
    await house.see(shown, FlowMoved("book_appointment", "time", slots))
    await house.see(shown, HandoverAsked("asked"), PhaseChanged("waiting"), QueuePlace(1))
    await house.show(replace(house.calls[shown], waiting_since=time.time() - 41))
    for number in range(11):
        spoken = "en" if number % 4 == 1 else "de"
        way = "outbound" if number in {3, 8} else "inbound"
        call = await house.begin(f"{number}", 24 + number * 37, language=spoken, direction=way)
        if number in {0, 6}:
            await house.see(call, PhaseChanged("notice"))
            continue
        await house.consent(call)
        await house.see(call, AnswerHeard(1, 610 + number * 23))
        if number == 4:
            await house.withdraw(call)
        if number == 5:
            await house.see(call, PhaseChanged("operated"), ControlChanged("talking", BEN.account))
        if number == 7:
            await house.see(call, HandoverAsked("frustrated"), PhaseChanged("waiting"))
            await house.see(call, QueuePlace(2))
            await house.show(replace(house.calls[call], waiting_since=time.time() - 17))
    return shown


async def take(
    browser: Browser, language: str, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> dict[str, bytes]:
    """Pictures of the overview and of a call."""
    async with opened() as house, served(house.app) as origin:
        house.guard.who = replace(CORA, language=language)
        call = await fill(house, language)
        width, height = size
        context = await browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        page = await context.new_page()
        pictures = {}
        for name, path in {"overview": "/console", "call": f"/console/calls/{call}"}.items():
            await page.goto(f"{origin}{path}")
            await page.wait_for_selector('body[data-line="up"]')
            await page.wait_for_timeout(1500)
            pictures[name] = await page.screenshot()
        await page.click('[data-verb="take_over"]')
        await page.wait_for_selector('[data-control="talking"]')
        await page.wait_for_timeout(500)
        pictures["taken-over"] = await page.screenshot()
        await context.close()
    return pictures


async def main(folder: Path) -> None:
    """Write all pictures into a folder that is there."""
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    async with chromium() as browser:
        for language in ("de", "en"):
            for scheme in schemes:
                pictures = await take(browser, language, scheme, DESK)
                if (language, scheme) not in TAKEN_OVER:
                    del pictures["taken-over"]
                for name, content in pictures.items():
                    (folder / f"{name}-{language}-{scheme}.png").write_bytes(content)
        for name, content in (await take(browser, "de", "light", PHONE)).items():
            (folder / f"{name}-phone.png").write_bytes(content)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/console")))
