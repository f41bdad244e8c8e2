"""``/console``: every call there is, who waits, who is on duty, and how the day goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from voice_agent.console.figures import Figures, Today
from voice_agent.console.message import read
from voice_agent.console.picture import picture
from voice_agent.console.ports import CSRF_HEADER, Guard, NotAllowed
from voice_agent.console.role import Right
from voice_agent.console.streams import Streams, everything
from voice_agent.console.texts import Words, spoken
from voice_agent.console.view import HEADERS, STREAM_HEADERS, Renderer, as_json
from voice_agent.errors import VoiceAgentError

log = structlog.get_logger(__name__)

MOST_STREAMS: Final = 256
"""Streams open at once in a process, of the overview and as many of calls."""


def add_overview(
    router: APIRouter, streams: Streams, guard: Guard, figures: Figures, renderer: Renderer
) -> None:
    """Add the overview's addresses."""
    places = asyncio.Semaphore(MOST_STREAMS)

    @router.get("")
    async def overview(request: Request) -> Response:
        try:
            operator = await guard.operator(request, Right.SEE_CALLS)
        except NotAllowed:
            return RedirectResponse(await _elsewhere(guard, request), 303, HEADERS)
        await guard.note(operator, "overview.read")
        language = spoken(operator.language)
        sight = await streams.board.now()
        return renderer.page(
            "overview",
            language,
            operator,
            seen=everything(sight, Words(language), operator),
            today=await _today(figures),
        )

    @router.get("/today")
    async def today(request: Request) -> Response:
        operator = await guard.operator(request, Right.SEE_CALLS, by_itself=True)
        shown = await _today(figures)
        return renderer.page("today", operator.language, operator, today=shown)

    @router.get("/events")
    async def events(request: Request) -> Response:
        operator = await guard.operator(request, Right.SEE_CALLS, by_itself=True)
        return streaming(streams.overview(operator), places)

    @router.post("/duty")
    async def duty(request: Request) -> Response:
        csrf = request.headers.get(CSRF_HEADER, "")
        again = "again" in request.query_params  # the page repeats what was said before
        operator = await guard.changing(request, Right.TAKE_OVER, csrf, by_itself=again)
        fields = await read(request, {"available": bool})
        await guard.note(operator, "duty.available" if fields["available"] else "duty.away")
        await streams.attendance.say(operator, fields["available"])
        return as_json({"available": fields["available"]})


async def _elsewhere(guard: Guard, request: Request) -> str:
    """Where somebody begins who may not see calls."""
    try:
        await guard.operator(request, Right.ACCESS_LOG)
    except NotAllowed:
        await guard.operator(request, Right.ACCOUNTS)
        return "/console/accounts"
    return "/console/access"


def streaming(events: AsyncGenerator[str, None], places: asyncio.Semaphore) -> Response:
    """Server-sent events, if there is a place for one more stream."""
    if places.locked():
        return as_json({"error": "full"}, 503)

    async def placed() -> AsyncIterator[str]:
        async with places, aclosing(events):
            async for event in events:
                yield event

    return StreamingResponse(placed(), media_type="text/event-stream", headers=STREAM_HEADERS)


async def _today(figures: Figures) -> dict[str, object] | None:
    """The numbers and their picture; ``None`` if they are not known now."""
    try:
        today = await figures.today()
    except VoiceAgentError as fault:
        log.error("console_figures", code=fault.code)
        return None
    return facts(today)


def facts(today: Today) -> dict[str, object]:
    """What the template shows of the day."""
    return {"numbers": today, "picture": picture(today.spans)}
