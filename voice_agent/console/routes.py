"""The operator console's pages, as one router."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from voice_agent.console.attendance import Attendance
from voice_agent.console.board import Board
from voice_agent.console.call_routes import add_calls
from voice_agent.console.door import answering
from voice_agent.console.figures import Figures
from voice_agent.console.overview_routes import add_overview
from voice_agent.console.ports import Guard
from voice_agent.console.streams import Streams
from voice_agent.console.view import Renderer, assets, static
from voice_agent.live.ports import LiveStore


def console_router(
    live: LiveStore, guard: Guard, figures: Figures, renderer: Renderer
) -> APIRouter:
    """The overview, the view of a call, and the files of all pages.

    Args:
        live: what the workers share about running calls.
        guard: lets in who may come in.
        figures: counts the day.
        renderer: writes pages out.
    """
    router = APIRouter(prefix="/console", include_in_schema=False, route_class=answering(renderer))
    streams = Streams(Board(live), Attendance(live), guard)
    files = assets()

    @router.get("/static/{name}")
    async def file(name: str, request: Request) -> Response:
        return static(files, name, request)

    add_overview(router, streams, guard, figures, renderer)
    add_calls(router, streams, guard, renderer)
    return router
