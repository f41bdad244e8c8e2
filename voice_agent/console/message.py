"""Reads what a page's script sends; whatever else comes is refused, with a reason."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from voice_agent.errors import VoiceAgentError

MOST_BYTES: Final = 8192
"""Of a message; 500 characters, each escaped, need 6000."""

READ_LIMIT: Final = 10.0
"""Seconds a message may take to arrive."""

_TOO_SLOW: Final = 408
_TOO_LONG: Final = 413
_WRONG_KIND: Final = 415


class MessageRefused(VoiceAgentError):
    """What was sent is none of the pages' messages.

    Attributes:
        status: HTTP status of the answer.
        why: names the sentence among the texts' ``refused``.
    """

    code = "message"

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(f"a page's message was refused: {why}")
        self.why = why
        self.status = status


async def read(request: Request, fields: Mapping[str, type]) -> dict[str, Any]:
    """The fields of a JSON object: exactly these, of these types.

    Args:
        request: the request.
        fields: names and types.

    Raises:
        MessageRefused: too long, too slow, broken off, not JSON, or with other fields.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise MessageRefused("kind", _WRONG_KIND)
    try:
        async with asyncio.timeout(READ_LIMIT):
            body = await _body(request)
        found = json.loads(body.decode("utf-8"))
    except TimeoutError as fault:
        raise MessageRefused("slow", _TOO_SLOW) from fault
    except ClientDisconnect as fault:  # nobody reads the answer
        raise MessageRefused("broken") from fault
    except (ValueError, RecursionError) as fault:
        raise MessageRefused("form") from fault
    if not isinstance(found, dict) or found.keys() != fields.keys():
        raise MessageRefused("form")
    if any(type(found[name]) is not kind_ for name, kind_ in fields.items()):
        raise MessageRefused("form")
    return found


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise MessageRefused("long", _TOO_LONG)
    return body
