"""Reads forms of our pages; whatever else is posted is refused, with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from voice_agent.errors import VoiceAgentError

MOST_BYTES: Final = 4096
"""Of a form; ours have some hundred."""

KIND: Final = "application/x-www-form-urlencoded"
READ_LIMIT: Final = 10.0
"""Seconds a form may take to arrive."""

_MOST_FIELDS: Final = 8
_TOO_SLOW: Final = 408
_TOO_LONG: Final = 413
_WRONG_KIND: Final = 415


class FormRefused(VoiceAgentError):
    """What was posted is none of our forms.

    Attributes:
        status: HTTP status of the answer.
        session: the session it names, so that a visitor of the portal has a way on.
    """

    code = "form"

    def __init__(self, message: str, status: int = 400, session: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.session = session


async def read(
    request: Request, fields: Collection[str], limit: float = READ_LIMIT
) -> Mapping[str, str]:
    """The fields of a form: exactly these, each once.

    Args:
        request: the request.
        fields: the names.
        limit: seconds it may take.

    Raises:
        FormRefused: too long, too slow, broken off, not a form, or one with other fields.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != KIND:
        raise FormRefused("this is not sent as a form", _WRONG_KIND)
    try:
        async with asyncio.timeout(limit):
            body = await _body(request)
    except TimeoutError as fault:
        raise FormRefused("this form did not arrive in time", _TOO_SLOW) from fault
    except ClientDisconnect as fault:  # nobody reads the answer
        raise FormRefused("this form was broken off") from fault
    try:
        found = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as fault:
        raise FormRefused("this is no form") from fault
    if sorted(name for name, _ in found) != sorted(fields):
        raise FormRefused(
            "this form has fields too many, too few or twice", session=dict(found).get("session")
        )
    return dict(found)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise FormRefused("this form is too long", _TOO_LONG)
    return body
