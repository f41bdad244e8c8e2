"""The carrier's REST interface as far as text messages go: takes them, and lets them be read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web


@dataclass
class Letterbox:
    """Every message that was sent.

    Attributes:
        url: where the carrier's interface is.
        messages: the fields of each.
    """

    url: str = ""
    messages: list[dict[str, str]] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def first(self, seconds: float = 30.0) -> dict[str, str]:
        """The first message, as soon as it is there."""
        async with asyncio.timeout(seconds):
            await self._arrived.wait()
        return self.messages[0]

    async def take(self, request: web.Request) -> web.Response:
        """Answer as the carrier does that has queued a message."""
        self.messages.append(dict(parse_qsl(await request.text(), keep_blank_values=True)))
        self._arrived.set()
        sid = f"SM{len(self.messages):032x}"
        return web.json_response({"sid": sid, "status": "queued"}, status=201)


@asynccontextmanager
async def letterbox() -> AsyncIterator[Letterbox]:
    """A letterbox on a free port of the loopback."""
    box = Letterbox()
    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", box.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    box.url = "http://{}:{}".format(*runner.addresses[0])
    try:
        yield box
    finally:
        await runner.cleanup()
