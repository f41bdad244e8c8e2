"""``GET /a/{token}``: an appointment for a telephone's calendar. Asking for it changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from limits import RateLimitItemPerMinute

from voice_agent.errors import VoiceAgentError
from voice_agent.privacy.page import SECURITY_HEADERS
from voice_agent.runtime.client_address import address_of
from voice_agent.runtime.limiter import Limiter

log = structlog.get_logger(__name__)

ASKED_FOR: Final = RateLimitItemPerMinute(20, namespace="appointment-address")
"""Links tried from one address."""

HEADERS: Final = SECURITY_HEADERS | {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
"""Sent with every answer."""


def appointment_router(file: Callable[[str], Awaitable[str | None]], limiter: Limiter) -> APIRouter:
    """The only address.

    Args:
        file: the calendar file a token leads to, or ``None``.
        limiter: counts tries.
    """
    router = APIRouter(include_in_schema=False)

    @router.api_route("/a/{token}", methods=["GET", "HEAD"])
    async def appointment(token: str, request: Request) -> Response:
        waits = await limiter.attempt(ASKED_FOR, address_of(request))
        if waits is not None:
            return Response(status_code=429, headers=HEADERS | {"Retry-After": str(waits)})
        try:
            found = await file(token)
        except VoiceAgentError as fault:
            log.error("appointment_away", code=fault.code)
            return Response(status_code=503, headers=HEADERS | {"Retry-After": "60"})
        if found is None:
            return Response(status_code=404, headers=HEADERS)
        inline = {"Content-Disposition": 'inline; filename="appointment.ics"'}
        return Response(found, media_type="text/calendar", headers=HEADERS | inline)

    return router
