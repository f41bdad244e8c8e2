"""A page's end of a websocket, without a network: it speaks ASGI with the application."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self

from fastapi import FastAPI
from starlette.types import Message

CALL = "0" * 31 + "1"


class BrowserPage:
    """One websocket.

    Attributes:
        accepted: the upgrade was granted.
        close_code: what the server closed with; ``None`` while it has not.
        texts: the JSON messages that came.
        frames: the binary ones.
    """

    def __init__(
        self,
        app: FastAPI,
        session: str = "anna",
        *,
        call: str = CALL,
        query: str = "",
        origin: str = "http://console.test",
    ) -> None:
        self.accepted = False
        self.close_code: int | None = None
        self.texts: list[dict[str, str]] = []
        self.frames: list[bytes] = []
        self._app = app
        self._scope: dict[str, Any] = {
            "type": "websocket",
            "path": f"/console/calls/{call}/voice",
            "raw_path": b"",
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(b"cookie", f"session={session}".encode()), (b"origin", origin.encode())],
            "subprotocols": [],
        }
        self._out: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._humming: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._out.put({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(self._scope, self._out.get, self._take))
        await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Close the page; its operator does not speak any more."""
        self.fall_silent()
        await self._out.put({"type": "websocket.disconnect", "code": 1001})
        assert self._task is not None
        await self._task

    @property
    def is_open(self) -> bool:
        """True until the server closes."""
        return self.accepted and self.close_code is None

    def hum(self, frame: bytes = b"\x01" * 160) -> None:
        """Send a frame each 20 ms from now on."""

        async def hum() -> None:
            while self.close_code is None:
                await self.send(frame)
                await asyncio.sleep(0.02)

        self._humming = asyncio.create_task(hum())

    def fall_silent(self) -> None:
        """Send no more frames, as a page whose network is gone."""
        if self._humming is not None:
            self._humming.cancel()

    async def send(self, frame: bytes) -> None:
        """Send a binary frame."""
        await self._out.put({"type": "websocket.receive", "bytes": frame})

    async def send_text(self, text: str) -> None:
        """Send a text, which no page of ours does."""
        await self._out.put({"type": "websocket.receive", "text": text})

    async def _take(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self.accepted = True
            case "websocket.close":
                self.close_code = message["code"]
                await self._out.put({"type": "websocket.disconnect", "code": message["code"]})
            case "websocket.send" if message.get("bytes") is not None:
                self.frames.append(message["bytes"])
            case "websocket.send":
                self.texts.append(json.loads(message["text"]))
