"""Looks on at a call over the server's event stream, from another process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx

from voice_agent.errors import CarrierError, ProtocolError
from voice_agent.live.observation import Observation, parse

_CONNECT_LIMIT = 5.0


async def observe(url: str, call_id: str) -> AsyncIterator[Observation]:
    """Yield what the server shows of a call, to its end.

    Args:
        url: origin of the server.
        call_id: the carrier's identifier of the call; it need not have begun.

    Raises:
        CarrierError: the server offers no such thing (404 outside development) or is gone.
        ProtocolError: an observation we cannot read.
    """
    limits = httpx.Timeout(_CONNECT_LIMIT, read=None)
    path = f"/phone/events/{call_id}"
    try:
        async with (
            httpx.AsyncClient(timeout=limits, trust_env=False) as client,
            client.stream("GET", url.rstrip("/") + path) as answer,
        ):
            if not answer.is_success:
                raise CarrierError(f"/phone/events answered {answer.status_code}")
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    yield _read(line.removeprefix("data:"))
    except httpx.HTTPError as fault:
        raise CarrierError(f"/phone/events: {type(fault).__name__}") from fault


def _read(text: str) -> Observation:
    try:
        return parse(json.loads(text))
    except ValueError as fault:
        raise ProtocolError("an observation that is not JSON") from fault
