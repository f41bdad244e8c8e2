from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.phone.fake_agent import FakeAgent
from voice_agent.live.observation import AgentSaid, CallEnded

CALL = "CA" + "0" * 32


@pytest.fixture
def agent() -> FakeAgent:
    return FakeAgent()


@pytest.fixture
async def browser(agent: FakeAgent) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(agent.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://phone.test") as client:
        yield client


async def test_the_page_forbids_everything_it_does_not_bring(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/phone")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "de-DE", "de"),
        ("", "fr", "en"),
        ("?language=de", "en", "de"),
        ("?language=en", "", "en"),
    ],
)
async def test_the_page_speaks_the_browsers_language_until_told_otherwise(
    browser: httpx.AsyncClient, query: str, accepted: str, language: str
) -> None:
    answer = await browser.get(f"/phone{query}", headers={"accept-language": accepted})
    assert f'<html lang="{language}">' in answer.text


async def test_an_unknown_language_is_refused(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/phone?language=xx")).status_code == 422


async def test_files_are_revalidated_not_sent_again(browser: httpx.AsyncClient) -> None:
    first = await browser.get("/phone/static/phone.js")
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = await browser.get(
        "/phone/static/phone.js", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2Froutes.py", "%2e%2e/routes.py", "phone.html"])
async def test_only_the_pages_own_files_are_there(browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/phone/static/{name}")).status_code == 404


async def test_a_call_is_opened_with_a_token_that_is_not_cached(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/phone/calls", json={"language": "de"})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"call_id": "CA" + "de" * 16, "token": "secret"}


@pytest.mark.parametrize("body", [{}, {"language": "fr"}, {"language": "de", "more": 1}, [], None])
async def test_a_call_needs_one_of_our_languages(browser: httpx.AsyncClient, body: object) -> None:
    assert (await browser.post("/phone/calls", json=body)).status_code == 422


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_sites_page_cannot_ring(browser: httpx.AsyncClient, site: str) -> None:
    headers = {"sec-fetch-site": site}
    answer = await browser.post("/phone/calls", json={"language": "de"}, headers=headers)
    assert answer.status_code == 403
    assert (await browser.get(f"/phone/events/{CALL}", headers=headers)).status_code == 403


async def test_events_tell_the_call_to_its_end(
    agent: FakeAgent, browser: httpx.AsyncClient
) -> None:
    """The onlooker connects before the end, the end closes the answer."""
    with agent.hub.subscribe(CALL):  # somebody else looks on: the words are not forgotten yet
        agent.hub.publish(CALL, AgentSaid("Grüß Gott\n\ndata: nothing"))
        agent.hub.publish(CALL, CallEnded("hung_up"))
        answer = await browser.get(f"/phone/events/{CALL}")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    events = [
        json.loads(line.removeprefix("data: "))
        for line in answer.text.splitlines()
        if line.startswith("data: ")
    ]
    assert events == [
        {"type": "agent_said", "text": "Grüß Gott\n\ndata: nothing"},
        {"type": "ended", "reason": "hung_up"},
    ]


@pytest.mark.parametrize("call", ["CA1", "x" * 34, "CA" + "G" * 32, "CA" + "0" * 33])
async def test_events_of_what_is_no_call_do_not_exist(
    browser: httpx.AsyncClient, call: str
) -> None:
    assert (await browser.get(f"/phone/events/{call}")).status_code == 404
