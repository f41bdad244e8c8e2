"""No request has a body above 64 KiB: the carrier's forms have two."""

from __future__ import annotations

import contextlib
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 64 * 1024


_LONGEST_LENGTH: Final = 20
"""Digits of a ``Content-Length`` that are worth reading."""

_TOO_LONG: Final = PlainTextResponse("too long", 413)


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
        too_long = started = False

        async def counting() -> Message:
            nonlocal seen, too_long
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._most_bytes:
                too_long = True
                raise _TooLong
            return message

        async def noting(message: Message) -> None:
            nonlocal started
            if not too_long:  # else whatever the application makes of it, the answer is ours
                started = True
                await send(message)

        if _announced(scope) > self._most_bytes:
            await _TOO_LONG(scope, receive, send)
            return
        with contextlib.suppress(_TooLong):
            await self._app(scope, counting, noting)
        if too_long and not started:
            await _TOO_LONG(scope, receive, send)


def _announced(scope: Scope) -> int:
    """``Content-Length``, or 0 where it says nothing; what really comes is counted all the same."""
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < _LONGEST_LENGTH else 0
