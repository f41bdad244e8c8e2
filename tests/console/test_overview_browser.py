"""The overview in a real browser: tiles, the queue, who is on duty."""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import replace
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.accessibility import violations
from tests.console.browser_room import browser, fits, house, origin, page
from tests.console.console_house import ANNA, BEN, CORA, ConsoleHouse
from voice_agent.console.texts import load
from voice_agent.live.observation import AnswerHeard, HandoverAsked, PhaseChanged
from voice_agent.live.ports import OnDuty

__all__ = ["browser", "house", "origin", "page"]

pytestmark = pytest.mark.integration  # a real browser

SCRIPT = "<img src=x onerror=alert(1)>"


async def look(page: Page, origin: str) -> None:
    """Open the overview and wait until it is told what happens."""
    await page.goto(f"{origin}/console")
    await expect(page.locator("body")).to_have_attribute("data-line", "up")


async def shown(page: Page) -> list[str | None]:
    """The calls as their tiles stand."""
    tiles = await page.locator(".tile").all()
    return [await tile.get_attribute("data-call") for tile in tiles]


async def test_tiles_come_change_and_go_by_themselves(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    first = await house.begin("1", ago=65)
    await look(page, origin)
    assert await shown(page) == [first]
    await expect(page.locator(".tile .time").first).to_have_text(re.compile(r"1:0[5-9]"))
    second = await house.begin("2", ago=5)
    await expect(page.locator(".tile")).to_have_count(2)
    await house.consent(second)
    await house.see(second, AnswerHeard(1, 640))
    tile = page.locator(f'[data-call="{second}"]')
    await expect(tile).to_contain_text("640 ms")
    await expect(tile).to_contain_text("Eingewilligt")
    await expect(tile).to_contain_text("Spricht mit dem Agenten")
    await house.end(first)
    await expect(page.locator(".tile")).to_have_count(1)
    await house.end(second)
    await expect(page.locator("#quiet")).to_be_visible()


async def test_who_waits_for_a_person_is_first_is_heard_and_stands_in_the_title(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    old, new = await house.begin("old", ago=500), await house.begin("new", ago=10)
    for call in (old, new):
        await house.consent(call)
    await look(page, origin)
    await page.locator("h2").first.click()  # a browser makes no sound before it was touched
    assert await shown(page) == [old, new]
    await house.wait(new, "frustrated", 1)
    await expect(page.locator(".waiter")).to_contain_text("Verärgert")
    await expect(page.locator(".waiter")).to_contain_text("Platz 1")
    await expect(page.locator(".tile").first).to_have_attribute("data-call", new)
    await expect(page).to_have_title(re.compile(r"^\(1\) "))
    await expect(page.locator("body")).to_have_attribute("data-rang", "1")
    await house.see(new, PhaseChanged("conversing"))
    await expect(page.locator(".waiter")).to_have_count(0)
    await expect(page).to_have_title(re.compile(r"^Gespräche"))
    assert await shown(page) == [old, new]


async def test_the_sound_can_be_switched_off_and_stays_off(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    await look(page, origin)
    await page.locator("#sound").focus()
    await page.keyboard.press("Space")
    await page.reload()
    await expect(page.locator("#sound")).not_to_be_checked()
    await page.locator("h2").first.click()
    call = await house.begin()
    await house.wait(call)
    await expect(page.locator(".waiter")).to_have_count(1)
    assert await page.locator("body").get_attribute("data-rang") is None


async def test_the_keyboard_s_focus_stays_on_a_tile_that_moves(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    calls = [await house.begin(str(number), ago=100 - number) for number in range(5)]
    await look(page, origin)
    await page.locator(".tile a").nth(3).focus()
    await house.wait(calls[3])
    await expect(page.locator(".tile").first).to_have_attribute("data-call", calls[3])
    focused = "document.activeElement.closest('.tile')?.dataset.call"
    assert await page.evaluate(focused) == calls[3]
    await house.wait(calls[1])
    await house.end(calls[0])
    await expect(page.locator(".tile")).to_have_count(4)
    assert await page.evaluate(focused) == calls[3]
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/console/calls/{calls[3]}$"))


async def test_operators_say_whether_they_take_calls_and_see_who_else_does(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    await house.live.attend(OnDuty(BEN.account, BEN.name, available=True))
    await look(page, origin)
    await expect(page.locator("#team")).to_contain_text("Ben Muster")
    await page.click("#available")
    await expect(page.locator("#available")).to_have_attribute("aria-pressed", "true")
    mine = page.locator("#team li", has_text="Anna Beispiel (Sie)")
    await expect(mine).to_contain_text("verfügbar")
    call = await house.begin()
    await house.show(replace(house.calls[call], holder=ANNA.account, control="talking"))
    await expect(mine).to_contain_text("im Gespräch")
    await house.show(replace(house.calls[call], holder="", control="agent"))
    await expect(mine).to_contain_text("verfügbar")  # as before the call
    await page.goto("about:blank")
    mates = await house.live.on_duty()
    for _ in range(200):
        if all(each.operator != ANNA.account for each in mates):
            return
        await page.wait_for_timeout(50)
        mates = await house.live.on_duty()
    raise AssertionError("the page is closed and its operator is still there")


async def test_200_calls_stand_there_and_only_the_one_that_changes_is_touched(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    """And prints how long it takes from an event to the page."""
    calls = [await house.begin(str(number), ago=1000 - number) for number in range(200)]
    await look(page, origin)
    await expect(page.locator(".tile")).to_have_count(200)
    await page.evaluate(
        """() => {
            window.touched = new Set();
            window.at = {};
            const watch = new MutationObserver((records) => {
                for (const { target } of records) {
                    const element = target.closest ? target : target.parentElement;
                    if (element.closest(".time")) continue; // seconds tick everywhere
                    const tile = element.closest(".tile");
                    window.touched.add(tile ? tile.dataset.call : element.id);
                    const latency = tile?.querySelector("[data-fact=latency]").textContent;
                    if (latency) window.at[latency] ??= Date.now();
                }
            });
            const all = { subtree: true, childList: true, characterData: true, attributes: true };
            watch.observe(document.getElementById("tiles"), all);
        }"""
    )
    sent: dict[str, float] = {}
    for number in range(60):
        sent[f"{number + 500} ms"] = time.time() * 1000
        await house.see(calls[number % 7], AnswerHeard(1, number + 500))
        await page.wait_for_timeout(60)
    await expect(page.locator(".tile", has_text="559 ms")).to_have_count(1)
    assert set(await page.evaluate("[...window.touched]")) == set(calls[:7])
    at = await page.evaluate("window.at")
    took = sorted(at[each] - sent[each] for each in sent if each in at)
    assert took
    p95 = took[round(len(took) * 0.95) - 1]
    print(
        f"\nevent to page, 200 calls, {len(took)} events seen: "
        f"median {statistics.median(took):.0f} ms, p95 {p95:.0f} ms, max {took[-1]:.0f} ms"
    )


async def test_what_a_call_says_of_itself_is_shown_as_text(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    house.guard.who = replace(CORA, name=SCRIPT)
    await house.live.attend(OnDuty(BEN.account, SCRIPT, available=True))
    await look(page, origin)
    call = await house.begin(language=SCRIPT)
    await house.see(call, PhaseChanged(SCRIPT), HandoverAsked(SCRIPT))
    await house.show(replace(house.calls[call], waiting_since=time.time()))
    await expect(page.locator(".waiter")).to_contain_text(SCRIPT)
    await expect(page.locator("#team")).to_contain_text(SCRIPT)
    assert await page.locator("img").count() == 0


async def test_the_end_of_the_session_leads_to_the_sign_in(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    await look(page, origin)
    house.guard.who = None
    await expect(page).to_have_url(f"{origin}/console/login", timeout=15_000)


async def test_of_overviews_that_nobody_sees_one_goes_on(
    house: ConsoleHouse, origin: str, browser: Browser
) -> None:
    """Ten tabs do not use up the connections a browser has."""
    hide = """() => {
        Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    context = await browser.new_context()
    tabs = [await context.new_page() for _ in range(8)]
    for tab in tabs:
        await look(tab, origin)
        await tab.evaluate(hide)
    await house.begin()
    counts = [tab.locator(".tile") for tab in tabs]
    await expect(counts[0]).to_have_count(1)
    assert [await count.count() for count in counts[1:]] == [0] * 7
    await tabs[0].close()
    await expect(counts[1]).to_have_count(1)
    await context.close()


async def test_the_day_can_be_read_as_a_table(origin: str, page: Page) -> None:
    await look(page, origin)
    picture = page.get_by_role("img", name=load("de")["overview"]["picture"])
    await expect(picture).to_be_visible()
    await page.locator("#today summary").click()
    await expect(page.get_by_role("row", name="11:00 25 930")).to_be_visible()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
async def test_everyone_can_read_the_overview(
    house: ConsoleHouse,
    origin: str,
    page: Page,
    *,
    language: str,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    """axe-core finds nothing (WCAG 2.2 AA), and nothing has to be scrolled sideways."""
    house.guard.who = replace(CORA, language=language)
    await page.set_viewport_size({"width": width, "height": 800})
    await page.emulate_media(color_scheme=scheme)
    await look(page, origin)
    assert await violations(page) == []
    for number, state in enumerate(["none", "given", "withdrawn"]):
        call = await house.begin(str(number), consent=state)
        await house.begin(f"mine {number}", consent=state, holder=CORA.account, control="talking")
        await house.begin(f"held {number}", consent=state, holder=BEN.account, control="talking")
        await house.begin(f"{number}")
        await house.wait(call, place=number + 1)
        await house.see(call, AnswerHeard(1, 700))
    await house.live.attend(OnDuty(BEN.account, BEN.name, available=True))
    await expect(page.locator(".tile")).to_have_count(9)
    await page.click("#available")
    await page.locator("#today summary").click()
    assert await violations(page) == []
    assert await fits(page)
