"""The whole server but for its speech models, in a process of its own, noting when media leaves.

    python -m tests.bench.media_server DIRECTORY PORT CALLS

Webhooks, websockets, call core, webrtcvad, dialogue, pacer, consent ledger on SQLite: all are the
product's. The recogniser hears one and the same question in everything, the synthesiser has its
audio ready. Once its standard input is closed it stops and writes ``DIRECTORY/late.json``: for
each message of media when it had left (seconds of the machine's monotonic clock), and how late.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.bench.pacing import lateness
from tests.runtime.engines import Tones
from tests.twilio.house import opened
from voice_agent.server import OPTIONS

HUM_MS: Final = 60.0
"""Milliseconds of audio for each character that is said: as fast as people speak."""


class Noting:
    """An application whose websocket messages are noted, with the time when they had left."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.streams: list[list[tuple[float, str]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        sent: list[tuple[float, str]] = []
        self.streams.append(sent)

        async def noting(message: Message) -> None:
            await send(message)
            if message["type"] == "websocket.send":
                sent.append((time.monotonic(), message["text"]))

        await self._app(scope, receive, noting)


async def serve(directory: Path, port: int, calls: int) -> None:
    """Serve until standard input ends, then write what was noted."""
    limits = {"most_waiting": calls, "most_calls": calls, "public_url": f"http://127.0.0.1:{port}"}
    async with opened(directory, mouth=Tones(HUM_MS), **limits) as house:
        noting = Noting(house.app)
        server = uvicorn.Server(uvicorn.Config(noting, port=port, **OPTIONS))
        serving = asyncio.create_task(server.serve())
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await serving
    late = [each for sent in noting.streams for each in lateness(sent)]
    (directory / "late.json").write_text(json.dumps(late), "utf-8")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
