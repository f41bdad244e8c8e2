"""A browser's page that has the modules of the operator's voice, and nothing else."""

from __future__ import annotations

from importlib.resources import files

from playwright.async_api import Page, Route

from voice_agent.audio.scripts import scripts

BENCH = "http://bench.test"


def modules() -> dict[str, bytes]:
    """Every module by its file name, as the console serves them."""
    static = files("voice_agent.console") / "static"
    own = {each.name: each.read_bytes() for each in static.iterdir() if each.name.endswith(".js")}
    return own | scripts()


async def open_bench(page: Page) -> None:
    """Give the page an address from which it can import every module."""
    served = modules()

    async def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{BENCH}/")
        if name in served:
            await route.fulfill(body=served[name], content_type="text/javascript")
        else:
            await route.fulfill(body="<!doctype html><title>bench</title>")

    await page.route(f"{BENCH}/**", answer)
    await page.goto(f"{BENCH}/")
