"""What somebody is told who may not come in, or who sent what no page sends."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from voice_agent.console.message import MessageRefused
from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.texts import load, preferred
from voice_agent.console.view import HEADERS, Renderer, as_json
from voice_agent.errors import VoiceAgentError
from voice_agent.live.ports import LiveUnavailable
from voice_agent.runtime.records import RecordsUnavailable

log = structlog.get_logger(__name__)

SIGN_IN = "/console/login"

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def answering(renderer: Renderer) -> type[APIRoute]:
    """A router's ``route_class``: refusals become pages for a person and JSON for a script."""

    class Answering(APIRoute):
        """A route whose refusals are answered."""

        def get_route_handler(self) -> _Handler:
            """Wrap the route's own handler."""
            handler = super().get_route_handler()

            async def answered(request: Request) -> Response:
                try:
                    return await handler(request)
                except (NotSignedIn, NotAllowed, MessageRefused) as fault:
                    return refusal(request, renderer, fault)
                except (RecordsUnavailable, LiveUnavailable) as fault:
                    log.error("console_away", code=fault.code)
                    return refusal(request, renderer, fault)

            return answered

    return Answering


def refusal(request: Request, renderer: Renderer, fault: VoiceAgentError) -> Response:
    """The answer to a request that is not done."""
    language = preferred(request.headers.get("accept-language", ""))
    reads = "text/html" in request.headers.get("accept", "")
    match fault:
        case NotSignedIn() if reads:
            return RedirectResponse(SIGN_IN, 303, HEADERS)
        case NotSignedIn():
            why, status = "session", 401
        case NotAllowed():
            why, status = "right", 403
        case MessageRefused():
            why, status = fault.why, fault.status
        case _:
            why, status = "away", 503
    if reads:
        return renderer.trouble(why, language, status)
    return as_json({"error": why, "message": load(language)["trouble"][why]}, status)
