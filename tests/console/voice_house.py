"""The operator's page on a real server, in a real browser whose microphone is a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Response
from numpy.typing import NDArray
from playwright.async_api import Page

from tests.browser import chromium
from tests.console.browser_page import CALL
from tests.console.switchroom import Connect, Switchroom, switchroom
from voice_agent.audio import wav
from voice_agent.console.view import HEADERS, assets
from voice_agent.server import OPTIONS

PATIENCE = 30.0

OPEN = """async ({ call, listen }) => {
    const { openVoice } = await import("/console/static/voice.js");
    window.seen = { states: [], listens: [], errors: [], levels: 0, input: 0, output: 0 };
    window.voice = await openVoice(call, {
        listen,
        onListen: (outcome) => seen.listens.push(outcome),
        onState: (state) => seen.states.push(state),
        onError: (error) => seen.errors.push(error),
        onLevel: ({ input, output }) => {
            seen.levels += 1;
            seen.input = Math.max(seen.input, input);
            seen.output = Math.max(seen.output, output);
        },
    });
}"""


@dataclass(slots=True)
class VoiceHouse:
    """A call, the server of its pages, and a browser's page.

    Attributes:
        room: the worker that holds the call.
        page: the operator's.
        url: of the server.
        server: the server itself.
    """

    room: Switchroom
    page: Page
    url: str
    server: uvicorn.Server

    async def open_voice(self, *, listen: bool = False) -> None:
        """Load the page and open the voice in it."""
        await self.page.goto(f"{self.url}/console/calls/{CALL}")
        await self.page.evaluate(OPEN, {"call": CALL, "listen": listen})

    async def seen(self) -> dict[str, Any]:
        """What the page was told so far."""
        seen: dict[str, Any] = await self.page.evaluate("seen")
        return seen

    async def until(self, expression: str) -> None:
        """Wait until something holds in the page, whose policy forbids Playwright's own way."""
        async with asyncio.timeout(PATIENCE):
            while not await self.page.evaluate(expression):  # noqa: ASYNC110 (a page has no event)
                await asyncio.sleep(0.02)

    async def sign_in(self, session: str = "anna") -> None:
        """Give the browser a session."""
        cookie = {"name": "session", "value": session, "url": self.url}
        await self.page.context.add_cookies([cookie])  # type: ignore[list-item]


def microphone(path: Path, samples: NDArray[np.int16]) -> Path:
    """A file for the browser's microphone: what is said at 8 kHz after a second, once."""
    silence = np.zeros(8000, dtype=np.int16)
    path.write_bytes(wav.write(np.concatenate([silence, samples, silence]), 8000))
    return path


@asynccontextmanager
async def voice_house(
    heard: Path,
    more: Mapping[str, bytes] = MappingProxyType({}),
    connect: Connect | None = None,
) -> AsyncIterator[VoiceHouse]:
    """Anna holds the call and is signed in; her microphone hears a file, once.

    Args:
        heard: a WAV file.
        more: scripts that are served as well, by file name.
        connect: gives each worker its live store; in memory if left out.
    """
    served = {name: each.content for name, each in assets().items()} | dict(more)
    async with switchroom(connect) as room, _served(room.app, served) as (url, server):
        room.guard.origin = url
        capture = f"--use-file-for-fake-audio-capture={heard}%noloop"
        async with chromium(capture) as browser:
            context = await browser.new_context()
            house = VoiceHouse(room, await context.new_page(), url, server)
            await house.sign_in()
            yield house


@asynccontextmanager
async def _served(
    app: FastAPI, files: Mapping[str, bytes]
) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    @app.get("/console/calls/{call}")
    async def page(call: str) -> Response:
        body = f"<!doctype html><title>{len(call)}</title>"
        return Response(body, media_type="text/html", headers=HEADERS)

    @app.get("/console/static/{name}")
    async def static(name: str) -> Response:
        return Response(files[name], media_type="text/javascript", headers=HEADERS)

    config = uvicorn.Config(app, port=0, ws="websockets-sansio", **OPTIONS)
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    task = asyncio.create_task(server.serve(sockets=[socket]))
    try:
        while not server.started:  # noqa: ASYNC110 (uvicorn offers a flag, no event)
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{socket.getsockname()[1]}", server
    finally:
        server.should_exit = True
        await task
        socket.close()
