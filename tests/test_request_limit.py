from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from voice_agent.request_limit import RequestLimit

LIMIT = 1000


class Body(BaseModel):
    """What ``/parse`` takes."""

    text: str


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.add_middleware(RequestLimit, most_bytes=LIMIT)

    @app.post("/read")
    async def read(request: Request) -> int:
        return len(await request.body())

    @app.post("/ignore")
    async def ignore() -> str:
        return "ignored"

    @app.post("/parse")
    async def parse(body: Body) -> int:
        return len(body.text)

    @app.post("/echo")
    async def echo(request: Request) -> StreamingResponse:
        return StreamingResponse(request.stream())

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        yield http


async def pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"a" * 100


@pytest.mark.parametrize("size", [0, 1, LIMIT])
async def test_a_body_up_to_the_limit_passes(http: httpx.AsyncClient, size: int) -> None:
    assert (await http.post("/read", content=b"a" * size)).json() == size


@pytest.mark.parametrize("path", ["/read", "/ignore", "/parse"])
async def test_a_body_that_announces_more_is_refused_unread(
    http: httpx.AsyncClient, path: str
) -> None:
    assert (await http.post(path, content=b"a" * (LIMIT + 1))).status_code == 413


@pytest.mark.parametrize("path", ["/read", "/parse"])
async def test_a_body_that_announces_nothing_or_lies_is_counted(
    http: httpx.AsyncClient, path: str
) -> None:
    """``/parse``: the framework turns any fault of reading into 400; the answer is ours."""
    assert (await http.post(path, content=pieces(LIMIT + 100))).status_code == 413
    for length in ("10", "-1", "x", "9" * 100):
        headers = {"content-length": length}
        response = await http.post(path, content=pieces(LIMIT + 100), headers=headers)
        assert response.status_code == 413


async def test_a_body_nobody_reads_harms_nobody(http: httpx.AsyncClient) -> None:
    assert (await http.post("/ignore", content=pieces(LIMIT + 100))).status_code == 200


async def test_an_answer_that_has_begun_is_broken_off() -> None:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["more_body"]:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"a" * 600, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    await RequestLimit(app, LIMIT)({"type": "http", "headers": []}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


async def test_what_is_no_request_passes() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive, send
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        return None

    for kind in ("websocket", "lifespan"):
        await RequestLimit(app, LIMIT)({"type": kind}, nothing, nothing)
    assert seen == ["websocket", "lifespan"]
