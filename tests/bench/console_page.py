"""What a page of the console notes of itself while it is measured, by this machine's clock."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page

from tests.console.latency import EAR, EARS

PATIENCE_S: Final = 60.0

_NOTES: Final = """
window.noted = { clicks: [], rows: [], tiles: [], frames: [], controls: [], longest: 0 };
const now = () => (performance.timeOrigin + performance.now()) / 1000;
addEventListener("click", (event) => {
    const verb = event.target.closest?.("[data-verb]")?.dataset.verb;
    const at = (performance.timeOrigin + event.timeStamp) / 1000;
    if (verb) noted.clicks.push({ verb, at });
}, true);
document.addEventListener("DOMContentLoaded", () => {
    const watch = (id, note, options) => {
        const place = document.getElementById(id);
        if (place) new MutationObserver((all) => all.forEach(note)).observe(place, options);
    };
    watch("words", ({ addedNodes }) => {
        for (const node of addedNodes) noted.rows.push({ text: node.textContent, at: now() });
    }, { childList: true });
    watch("tiles", ({ target }) => {
        const place = target.closest('[data-fact="latency"]');
        if (!place) return;
        const { call } = place.closest("[data-call]").dataset;
        noted.tiles.push({ call, text: place.textContent, at: now() });
    }, { childList: true, subtree: true });
});
new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) noted.longest = Math.max(noted.longest, duration);
}).observe({ type: "longtask" });
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
    constructor(...given) {
        super(...given);
        let quiet = 1; // seconds
        this.addEventListener("message", ({ data }) => {
            if (typeof data === "string") {
                const { control } = JSON.parse(data);
                if (control) noted.controls.push(control);
                return;
            }
            const mulaw = new Uint8Array(data, 1);
            if (mulaw.some((code) => ((~code >> 4) & 7) > 3)) { // louder than 0.05 of the loudest
                if (quiet > 0.3) noted.frames.push(now());
                quiet = 0;
            } else {
                quiet += mulaw.length / 8000;
            }
        });
    }
};
"""


async def prepare(context: BrowserContext) -> None:
    """Have every page of a browser note what happens in it."""
    await context.add_init_script(_NOTES)


async def with_ears(browser: Browser, context: BrowserContext) -> BrowserContext:
    """A context with the same session whose pages note what microphone and loudspeaker carry.

    The pages' policy allows no script of ours in the audio thread: these go without it.
    """
    state = await context.storage_state()
    heard = await browser.new_context(bypass_csp=True, storage_state=state)
    script = f"URL.createObjectURL(new Blob([{json.dumps(EAR)}], {{ type: 'text/javascript' }}))"
    await heard.add_init_script(EARS.replace('"/console/static/ear.js"', script))
    await prepare(heard)
    return heard


async def noted(page: Page, what: str) -> Any:
    """What a page has noted so far."""
    return await page.evaluate(f"noted.{what}")


async def until(page: Page, expression: str) -> None:
    """Wait until something holds in a page.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(PATIENCE_S):
        while not await page.evaluate(expression):  # noqa: ASYNC110 (a page has no event)
            await asyncio.sleep(0.05)


async def clock_ahead(page: Page) -> float:
    """By how much a page's clock is ahead of ours, seconds: its times are off by that."""
    quickest, ahead = float("inf"), 0.0
    for _ in range(20):
        before = time.time()
        at = float(await page.evaluate("(performance.timeOrigin + performance.now()) / 1000"))
        after = time.time()
        if after - before < quickest:
            quickest, ahead = after - before, at - (before + after) / 2
    return ahead
