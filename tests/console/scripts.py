"""A browser's page that has the modules of the operator's voice, and nothing else."""

from __future__ import annotations

from playwright.async_api import Page, Route

from voice_agent.console.view import assets

BENCH = "http://bench.test"


async def open_bench(page: Page) -> None:
    """Give the page an address from which it can import every module."""
    served = assets()

    async def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{BENCH}/")
        if name in served:
            await route.fulfill(body=served[name].content, content_type=served[name].media_type)
        else:
            await route.fulfill(body="<!doctype html><title>bench</title>")

    await page.route(f"{BENCH}/**", answer)
    await page.goto(f"{BENCH}/")
