"""What axe-core says of a page in a real browser: WCAG 2.2 A and AA, and good practice."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

AXE: Final = Path(__file__).parents[1] / ".cache/axe/node_modules/axe-core/axe.min.js"

# A level's tag names only what that version of the guidelines added.
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# preload would fetch style sheets again, which the pages' Content-Security-Policy may forbid.
RUN: Final = """tags => axe.run(document, {
    runOnly: {type: "tag", values: tags},
    resultTypes: ["violations"],
    preload: false,
})"""


async def violations(page: Page) -> list[str]:
    """Judge the page as it is shown now.

    Returns:
        One line for each thing that is wrong: rule, weight, what it means, where. Empty is good.
    """
    await page.wait_for_load_state("load")  # with its style sheet, or colours are the browser's
    # Evaluated by the debugger and not as a script element, which a strict page refuses.
    await page.evaluate(_axe())
    found = await page.evaluate(RUN, TAGS)
    assert found["passes"], "axe-core has judged nothing"
    return [_line(rule, node) for rule in found["violations"] for node in rule["nodes"]]


@functools.cache
def _axe() -> str:
    assert AXE.exists(), "axe-core is missing: sh deploy/axe.sh .cache/axe"
    return AXE.read_text()


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    where = " ".join(str(selector) for selector in node["target"])
    why = " ".join(node["failureSummary"].split())
    return f"{rule['id']} ({rule['impact']}): {rule['help']}, at {where}: {why}"
