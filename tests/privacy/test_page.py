from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI

from consent.notice import Notice
from tests.runtime import sample_call
from voice_agent.notices import load_notice
from voice_agent.privacy import page
from voice_agent.privacy.routes import privacy_router

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}</title>"


def notice() -> Notice:
    return load_notice(sample_call.agent())


def client(company: str = "Berger", of: Notice | None = None) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(privacy_router(of or notice(), company))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://agent.example")


class Tags(HTMLParser):
    """The page's elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_full_notice_stands_there_in_each_language(language: str) -> None:
    async with client() as http:
        response = await http.get(f"/privacy/{language}")
    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.text
    for title, _ in notice().texts[language].full:
        assert title in response.text


@pytest.mark.parametrize("path", ["/privacy/de", "/privacy/en", "/privacy/notice.css"])
async def test_c21_nothing_is_loaded_from_elsewhere_and_no_cookie_is_set(path: str) -> None:
    async with client() as http:
        response = await http.get(path)
    policy = response.headers["content-security-policy"]
    for part in ("default-src 'none'", "style-src 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in response.headers
    assert not re.search(r"(https?:)?//|url\(|@import", response.text)
    tags = Tags(response.text).found
    assert not {tag for tag, _ in tags} & {"script", "img", "iframe", "form", "style", "object"}
    assert all(not name.startswith("on") and name != "style" for _, each in tags for name in each)


async def test_hostile_names_are_only_text() -> None:
    text = notice().texts["de"]
    hostile = replace(notice(), texts={"de": replace(text, full=((HOSTILE, HOSTILE),))})
    async with client(HOSTILE, hostile) as http:
        response = await http.get("/privacy/de")
    assert "<script" not in response.text
    assert "&lt;script&gt;" in response.text
    assert "{{7*7}}" in response.text
    assert response.text.count("</title>") == 1


@pytest.mark.parametrize("language", ["", "fr", "DE", "de%2f", "..%2fde", "notice.html", "de.html"])
async def test_there_is_no_other_page(language: str) -> None:
    async with client() as http:
        assert (await http.get(f"/privacy/{language}")).status_code in {404, 307}


async def test_a_page_can_only_be_looked_at() -> None:
    async with client() as http:
        assert (await http.post("/privacy/de")).status_code == 405


def test_the_page_can_be_read_by_everyone() -> None:
    """WCAG: language, title, one heading of the first rank, headings in order, focus to be seen."""
    html = page.render(notice(), "Berger")["de"]
    tags = Tags(html).found
    ranks = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert ranks[0] == 1
    assert set(ranks[1:]) == {2}
    assert ("html", {"lang": "de"}) in tags
    assert {"main", "header", "nav", "title"} <= {tag for tag, _ in tags}
    assert "focus-visible" in page.stylesheet()
