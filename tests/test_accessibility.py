"""The judge of the other tests can say no, and says no only where something is wrong."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.accessibility import violations
from tests.browser import page

__all__ = ["page"]

pytestmark = pytest.mark.integration  # a real browser

GOOD = """<!doctype html><html lang="en"><head><title>A page</title>{head}</head>
<body><main><h1>A page</h1>{content}</main></body></html>"""
ONE_PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
TINY = '<button style="width: 9px; height: 9px; padding: 0; border: 0">a</button>'


async def test_a_page_without_a_fault_has_no_violation(page: Page) -> None:
    await page.set_content(GOOD.format(head="", content=f'<img src="{ONE_PIXEL}" alt="A dot">'))
    assert await violations(page) == []


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (f'<img src="{ONE_PIXEL}">', "image-alt (critical)"),  # WCAG 2.0 A
        ('<p style="color: #aaa">Pale</p>', "color-contrast (serious)"),  # WCAG 2.0 AA
        ('<input autocomplete="nonsense" aria-label="Name">', "autocomplete-valid"),  # 2.1 AA
        (TINY * 2, "target-size (serious)"),  # WCAG 2.2 AA
        ("<h3>Two levels down</h3>", "heading-order (moderate)"),  # good practice
    ],
)
async def test_a_fault_is_reported_with_its_place(page: Page, content: str, rule: str) -> None:
    await page.set_content(GOOD.format(head="", content=content))
    found = await violations(page)
    assert found
    assert all(line.startswith(rule) for line in found)
    assert all(", at " in line for line in found)


async def test_a_page_that_allows_no_script_is_judged_too(page: Page) -> None:
    """Its policy is for scripts of the page, not for the judge."""
    policy = "default-src 'none'; img-src data:"
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    await page.set_content(GOOD.format(head=head, content=f'<img src="{ONE_PIXEL}">'))
    assert len(await violations(page)) == 1
