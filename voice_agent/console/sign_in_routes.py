"""``/console/login`` and ``/console/logout``."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from voice_agent.console.cookie import Cookie
from voice_agent.console.guard import SessionGuard
from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.role import RIGHTS, Right, Role
from voice_agent.console.sign_in import Entered, Refused, SignIn, Throttled
from voice_agent.console.texts import LANGUAGES, load, preferred
from voice_agent.console.view import HEADERS, Renderer
from voice_agent.errors import VoiceAgentError
from voice_agent.runtime.accounts import Sessions
from voice_agent.runtime.client_address import address_of
from voice_agent.runtime.form import FormRefused, read

log = structlog.get_logger(__name__)

LOGIN = "/console/login"

_HOMES = {
    Right.SEE_CALLS: "/console",
    Right.ACCESS_LOG: "/console/access",
    Right.ACCOUNTS: "/console/accounts",
}
"""Where somebody begins, by the first of these rights that they have."""


def add_sign_in(
    router: APIRouter,
    sign_in: SignIn,
    *,
    sessions: Sessions,
    guard: SessionGuard,
    cookie: Cookie,
    renderer: Renderer,
    off_duty: Callable[[str], Awaitable[None]],
    has_provider: bool = False,
) -> None:
    """Add both addresses to a router with the prefix ``/console``."""

    def page(language: str, trouble: str = "", status: int = 200, waits: int = 0) -> Response:
        others = [(each, load(each)["login"]["name"]) for each in LANGUAGES if each != language]
        minutes = math.ceil(waits / 60)
        facts: dict[str, object] = {"trouble": trouble, "waits": minutes, "others": others}
        facts |= {"provider": has_provider}
        answer = renderer.page("login", language, None, status, **facts)
        if waits:
            answer.headers["Retry-After"] = str(waits)
        return answer

    @router.api_route("/login", methods=["GET", "HEAD"])
    async def form(request: Request) -> Response:
        with contextlib.suppress(NotSignedIn, NotAllowed):
            operator = await guard.anybody(request)
            return RedirectResponse(home_of(operator.role), 303, HEADERS)
        return page(_spoken(request))

    @router.post("/login")
    async def enter(request: Request) -> Response:
        language = _spoken(request)
        try:
            guard.insist_same_origin(request)
            fields = await read(request, ("login", "password", "code", "language"))
        except NotAllowed:
            return page(language, "site", 403)
        except FormRefused as fault:
            return page(language, "form", fault.status)
        language = fields["language"] if fields["language"] in LANGUAGES else language
        try:
            found = await _try(sign_in, fields, request, cookie)
        except VoiceAgentError as fault:
            log.error("console_away", code=fault.code)
            return page(language, "away", 503)
        match found:
            case Throttled(waits=waits):
                return page(language, "throttled", 429, waits)
            case Refused():
                return page(language, "wrong", 403)
            case Entered(account=account, token=token):
                answer = RedirectResponse(home_of(Role(account.role)), 303, HEADERS)
                cookie.give(answer, token)
                return answer

    @router.post("/logout")
    async def leave(request: Request) -> Response:
        answer = RedirectResponse(LOGIN, 303, HEADERS)
        cookie.take(answer)
        try:
            fields = await read(request, ("csrf",))
            operator = await guard.leaving(request, fields["csrf"])
        except NotSignedIn:
            return answer
        except FormRefused as fault:
            return renderer.trouble("form", _spoken(request), fault.status)
        await sessions.end(cookie.read(request) or "")
        await off_duty(operator.account)
        await guard.note(operator, "sign_out")
        return answer


async def _try(
    sign_in: SignIn, fields: Mapping[str, str], request: Request, cookie: Cookie
) -> Entered | Refused | Throttled:
    return await sign_in.enter(
        fields["login"],
        fields["password"],
        fields["code"],
        address_of(request),
        cookie.read(request),
    )


def home_of(role: Role) -> str:
    """The first page of somebody with this role."""
    return next(path for right, path in _HOMES.items() if right in RIGHTS[role])


def _spoken(request: Request) -> str:
    asked = request.query_params.get("language", "")
    return asked if asked in LANGUAGES else preferred(request.headers.get("accept-language", ""))
