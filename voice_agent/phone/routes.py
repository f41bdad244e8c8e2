"""HTTP of the browser telephone. Development only: production does not mount it.

The media socket itself is the carrier's (``voice_agent.twilio``), mounted at ``/phone/media``.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, Protocol

from fastapi import APIRouter, Header, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict

from voice_agent.live.hub import Hub
from voice_agent.phone import page, texts

_CALL_ID: Final = re.compile(r"CA[0-9a-f]{32}")
_HEARTBEAT: Final = 15.0
_MOST_ONLOOKERS: Final = 128

Language = Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """A call the browser may open a media stream for.

    Attributes:
        call_id: ``CA`` and 32 hex digits.
        token: goes into the start message's custom parameter ``token``; works once.
    """

    call_id: str
    token: str = field(repr=False)


class Exchange(Protocol):
    """Makes calls from the browser possible; the composition root implements it."""

    async def open(self, language: Language) -> PhoneCall:
        """Announce a call whose notice begins in ``language`` and mint its token."""
        ...


class _NewCall(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: Language


def phone_router(exchange: Exchange, hub: Hub) -> APIRouter:
    """The page, its files, new calls and what happens in them.

    Args:
        exchange: opens calls.
        hub: where the calls' observations come from.
    """
    router = APIRouter(prefix="/phone", include_in_schema=False)
    pages = page.render()
    assets = page.assets()
    onlookers = asyncio.Semaphore(_MOST_ONLOOKERS)

    @router.get("")
    async def telephone(
        language: Annotated[Language | None, Query()] = None,
        accept_language: Annotated[str, Header()] = "",
    ) -> HTMLResponse:
        content = pages[language or texts.preferred(accept_language)]
        headers = page.SECURITY_HEADERS | {"Cache-Control": "no-store"}
        return HTMLResponse(content, headers=headers | {"Vary": "Accept-Language"})

    @router.get("/static/{name}")
    async def static(name: str, if_none_match: Annotated[str, Header()] = "") -> Response:
        asset = assets.get(name)
        if asset is None:
            raise HTTPException(404)
        headers = page.SECURITY_HEADERS | {"ETag": asset.etag, "Cache-Control": "no-cache"}
        if if_none_match == asset.etag:
            return Response(status_code=304, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)

    @router.post("/calls")
    async def new_call(call: _NewCall, request: Request) -> Response:
        _refuse_other_sites(request)
        opened = await exchange.open(call.language)
        body = {"call_id": opened.call_id, "token": opened.token}
        headers = {"Cache-Control": "no-store"}
        return Response(json.dumps(body), 201, headers, "application/json")

    @router.get("/events/{call_id}")
    async def events(call_id: str, request: Request) -> StreamingResponse:
        _refuse_other_sites(request)
        if not _CALL_ID.fullmatch(call_id):
            raise HTTPException(404)
        if onlookers.locked():
            raise HTTPException(503, headers={"Retry-After": "5"})
        return StreamingResponse(
            _event_stream(hub, call_id, onlookers),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router


def _refuse_other_sites(request: Request) -> None:
    """Another site's page must not ring here; browsers say where a request comes from."""
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise HTTPException(403)


async def _event_stream(hub: Hub, call_id: str, onlookers: asyncio.Semaphore) -> AsyncIterator[str]:
    """Server-sent events; a comment now and then shows that the line is alive."""
    async with onlookers:
        yield ": watching\n\n"
        with hub.subscribe(call_id) as observations:
            while True:
                try:
                    async with asyncio.timeout(_HEARTBEAT):
                        observation = await anext(observations)
                except TimeoutError:
                    yield ": still here\n\n"
                except StopAsyncIteration:
                    return
                else:
                    yield f"data: {json.dumps(observation.to_dict(), ensure_ascii=False)}\n\n"
