"""The address of an appointment's calendar file."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from voice_agent.privacy.appointment_routes import ASKED_FOR, appointment_router
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.records import RecordsUnavailable

TOKEN = "AbC-_" + "x" * 17
FILE = "BEGIN:VCALENDAR\r\nSUMMARY:Öl\r\nEND:VCALENDAR\r\n"


async def leads_to(token: str) -> str | None:
    """One link there is."""
    return FILE if token == TOKEN else None


async def away(token: str) -> str | None:
    """The database does not answer."""
    del token
    raise RecordsUnavailable("the confirmations of appointments cannot be used")


def browser(address: str = "203.0.113.7", *, is_away: bool = False) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(appointment_router(away if is_away else leads_to, Limiter()))
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="https://agent.example")


async def test_a_plain_get_gives_the_file_as_often_as_it_is_asked_for() -> None:
    async with browser() as http:
        answers = [await http.get(f"/a/{TOKEN}") for _ in range(2)]
    for answer in answers:
        assert (answer.status_code, answer.text) == (200, FILE)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers


async def test_a_preview_may_look_without_taking() -> None:
    async with browser() as http:
        assert (await http.head(f"/a/{TOKEN}")).status_code == 200
        assert (await http.get(f"/a/{TOKEN}")).status_code == 200


@pytest.mark.parametrize(
    "token",
    ["x", TOKEN.lower(), TOKEN + "x", "%00", "%ff", "%F0%9F%98%80", "'%20OR%201=1", "A" * 5000],
)
async def test_a_strange_link_is_not_there_and_says_nothing(token: str) -> None:
    async with browser() as http:
        answer = await http.get(f"/a/{token}")
    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_can_be_done_to_it(method: str) -> None:
    async with browser() as http:
        assert (await http.request(method, f"/a/{TOKEN}")).status_code == 405


async def test_whoever_guesses_has_to_wait() -> None:
    async with browser() as http:
        for _ in range(ASKED_FOR.amount):
            assert (await http.get("/a/x")).status_code == 404
        answer = await http.get("/a/x")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_without_the_database_it_is_told_to_come_again() -> None:
    async with browser(is_away=True) as http:
        answer = await http.get(f"/a/{TOKEN}")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
