"""No request has a body above 64 KiB: the carrier's forms have two."""

from __future__ import annotations

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 64 * 1024


class _TooLong(Exception):
    """The body went over the limit while it was read."""


class RequestLimit:
    """ASGI middleware; counts what really comes in, whatever ``Content-Length`` says."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0
        answered = False

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._most_bytes:
                raise _TooLong
            return message

        async def noting(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, counting, noting)
        except _TooLong:
            if not answered:
                await PlainTextResponse("too long", 413)(scope, receive, send)
