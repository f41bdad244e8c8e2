"""``/p``: the portal's addresses. Only a POST does anything; a GET, by whomever, shows a form."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Mapping
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response

from consent.ledger import LedgerUnavailable
from voice_agent.errors import VoiceAgentError
from voice_agent.privacy import view
from voice_agent.privacy.portal import Answer, Portal
from voice_agent.privacy.texts import LANGUAGES, preferred
from voice_agent.privacy.view import Renderer, View
from voice_agent.privacy.visitor import away, chosen, strange, with_way_on
from voice_agent.runtime.client_address import address_of
from voice_agent.runtime.form import FormRefused, read

log = structlog.get_logger(__name__)

STEP_LIMIT: Final = 30.0
"""Seconds a step may take before the visitor is told that it does not work now."""

_NONCE_BYTES: Final = 16
_OTHERS: Final = ["DELETE", "OPTIONS", "PATCH", "PUT"]


def portal_router(portal: Portal, renderer: Renderer) -> APIRouter:
    """Every address of the portal."""
    router = APIRouter(prefix="/p", include_in_schema=False)
    files = {name: view.static(name) for name in view.STATIC}

    def spoken(request: Request) -> str:
        asked = request.query_params.get("language", "")
        return (
            asked if asked in LANGUAGES else preferred(request.headers.get("accept-language", ""))
        )

    def entrance(request: Request, trouble: str = "", status: int = 200) -> View:
        asked = request.query_params.get("language", "")
        facts = {"trouble": trouble, "chosen": asked if asked in LANGUAGES else ""}
        return View(name="enter", language=spoken(request), status=status, facts=facts)

    def answered(answer: Answer) -> Response:
        if isinstance(answer, View) and answer.name == "enter":
            # Whoever enters a link says with it on which page; see Portal.enter.
            nonce = secrets.token_urlsafe(_NONCE_BYTES)
            facts = {**answer.facts, "nonce": nonce}
            answer = View(name="enter", language=answer.language, status=answer.status, facts=facts)
        return renderer.render(answer)

    async def attempted(
        work: Awaitable[Answer], language: str, step: str, form: Mapping[str, str]
    ) -> Response:
        try:
            async with asyncio.timeout(STEP_LIMIT):
                answer = await work
            return answered(with_way_on(answer, step, form) if isinstance(answer, View) else answer)
        except TimeoutError:
            log.error("portal_away", code="timeout")
        except VoiceAgentError as fault:
            log.error("portal_away", code=fault.code)
        except LedgerUnavailable:
            log.error("portal_away", code="ledger")
        return answered(with_way_on(away(language), step, form))

    @router.api_route("", methods=["GET", "HEAD"])
    @router.api_route("/", methods=["GET", "HEAD"])
    async def entered(request: Request) -> Response:
        return answered(entrance(request))

    @router.post("")
    @router.post("/")
    async def exchange(request: Request) -> Response:
        try:
            form = await read(request, ("token", "nonce", "language"))
        except FormRefused as fault:
            return answered(entrance(request, "form", fault.status))
        language = form["language"] if form["language"] in LANGUAGES else spoken(request)
        work = portal.enter(form, language, address_of(request))
        return await attempted(work, language, "", form)

    @router.api_route("/{name}", methods=["GET", "HEAD"])
    async def looked(name: str, request: Request) -> Response:
        if name in files:
            kind = f"{view.STATIC[name]}; charset=utf-8"
            headers = view.HEADERS | {"Cache-Control": "no-cache"}
            return Response(files[name], media_type=kind, headers=headers)
        if name not in portal.steps:
            return answered(View(name="nowhere", language=spoken(request), status=404))
        answer = answered(entrance(request, "reopened", 405))
        answer.headers["Allow"] = "POST"
        return answer

    @router.post("/{name}")
    async def step(name: str, request: Request) -> Response:
        if name not in portal.steps:
            return answered(View(name="nowhere", language=spoken(request), status=404))
        _, fields = portal.steps[name]
        try:
            form = await read(request, ("session", "language", *fields))
        except FormRefused as fault:
            return answered(strange(spoken(request), fault.status, fault.session))
        work = portal.take(name, form, address_of(request))
        return await attempted(work, chosen(form["language"]), name, form)

    @router.api_route("", methods=_OTHERS)
    @router.api_route("/{name:path}", methods=["GET", "HEAD", "POST", *_OTHERS])
    async def other(request: Request, name: str = "") -> Response:
        # Without this the server would refuse in its own words, without the pages' headers.
        if name and name not in portal.steps and name not in files:
            return answered(View(name="nowhere", language=spoken(request), status=404))
        answer = answered(entrance(request, "reopened", 405))
        can = {"": "GET, HEAD, POST"} | dict.fromkeys(files, "GET, HEAD")
        answer.headers["Allow"] = can.get(name, "POST")
        return answer

    return router
