"""How an address of the console answers whoever may not come in, and when records are away."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.errors import VoiceAgentError

log = structlog.get_logger(__name__)

LOGIN: Final = "/console/login"

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    # Not "no-referrer": with that, browsers send our own forms with "Origin: null".
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Sent with everything the console answers."""

_SIGN_IN_FIRST: Final = 401
_NOT_ALLOWED: Final = 403
_AWAY: Final = 503
_TOLD: Final = {
    _NOT_ALLOWED: "403: this is not allowed. / Das ist nicht erlaubt.",
    _AWAY: "503: the records are away. / Die Aufzeichnungen sind nicht erreichbar.",
}


def refusal(connection: HTTPConnection, fault: VoiceAgentError) -> Response:
    """The answer instead of what was asked for.

    A page leads to the sign-in; a script is told by the status and ``{"error": code}``.
    """
    status = _status(fault)
    if status == _AWAY:
        log.error("console_away", code=fault.code)
    if "text/html" not in connection.headers.get("accept", ""):
        return JSONResponse({"error": fault.code}, status, HEADERS)
    if status == _SIGN_IN_FIRST:
        return RedirectResponse(LOGIN, 303, HEADERS)
    return PlainTextResponse(_TOLD[status], status, HEADERS)


def _status(fault: VoiceAgentError) -> int:
    match fault:
        case NotSignedIn():
            return _SIGN_IN_FIRST
        case NotAllowed():
            return _NOT_ALLOWED
        case _:
            return _AWAY


class GuardedRoute(APIRoute):
    """A route that answers faults of its own accord: ``APIRouter(route_class=GuardedRoute)``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with every coded fault turned into an answer."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except VoiceAgentError as fault:
                return refusal(request, fault)

        return guarded
