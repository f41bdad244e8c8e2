"""``/console/oidc``: to the provider and back."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from voice_agent.console.cookie import Cookie, new_token
from voice_agent.console.provider import Provider, ProviderFault, made_of
from voice_agent.console.role import Role
from voice_agent.console.sign_in import FROM_ADDRESS
from voice_agent.console.sign_in_routes import home_of
from voice_agent.console.texts import preferred
from voice_agent.console.view import HEADERS, Renderer
from voice_agent.errors import VoiceAgentError
from voice_agent.runtime.accounts import (
    AccessLog,
    Account,
    Accounts,
    Sessions,
    WrongAccount,
    checked_login,
)
from voice_agent.runtime.client_address import address_of
from voice_agent.runtime.limiter import Limiter

PATH: Final = "/console/oidc"
BACK: Final = f"{PATH}/callback"

PENDING_S: Final = 600
"""Seconds somebody may take at the provider."""

_SECRET_BYTES: Final = 32


def add_provider(
    router: APIRouter,
    provider: Provider,
    *,
    accounts: Accounts,
    sessions: Sessions,
    access: AccessLog,
    limiter: Limiter,
    cookie: Cookie,
    renderer: Renderer,
    clock: Callable[[], datetime],
) -> None:
    """Add both addresses to a router with the prefix ``/console``."""
    pending = f"{cookie.name}-oidc"

    def refused(request: Request, why: str, status: int) -> Response:
        language = preferred(request.headers.get("accept-language", ""))
        answer = renderer.trouble(why, language, status)
        answer.delete_cookie(pending, path="/", secure=cookie.is_secure, httponly=True)
        return answer

    @router.get("/oidc")
    async def leave(request: Request) -> Response:
        if await limiter.attempt(FROM_ADDRESS, address_of(request)) is not None:
            return refused(request, "full", 429)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        try:
            answer = RedirectResponse(await provider.address(secret), 303, HEADERS)
        except ProviderFault:
            return refused(request, "provider", 503)
        # Lax, because the way back comes from the provider's page.
        answer.set_cookie(
            pending,
            secret,
            max_age=PENDING_S,
            path="/",
            secure=cookie.is_secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    @router.get("/oidc/callback")
    async def come_back(request: Request) -> Response:
        if await limiter.attempt(FROM_ADDRESS, address_of(request)) is not None:
            return refused(request, "full", 429)
        secret = request.cookies.get(pending, "")
        state = request.query_params.get("state", "").encode("utf-8", "surrogatepass")
        if not secret or not hmac.compare_digest(state, made_of(secret, "state").encode()):
            return refused(request, "provider", 403)
        try:
            found = await provider.identity(request.query_params.get("code", ""), secret)
            account = await accounts.linked(found.subject, _possible(found.address))
            token = new_token()
            begun = account is not None and await sessions.begin_linked(
                account, found.subject, token, clock()
            )
        except ProviderFault:
            return refused(request, "provider", 403)
        except VoiceAgentError:
            return refused(request, "away", 503)
        if account is None or not begun:
            await access.note(*_who(account), "sign_in.refused", "")
            return refused(request, "provider", 403)
        await access.note(*_who(account), "sign_in", "")
        if (last := cookie.read(request)) is not None:
            await sessions.end(last)
        # A redirect would still be the provider's, and the new cookie is not sent along with those.
        answer = renderer.page("welcome", account.language, home=home_of(Role(account.role)))
        answer.delete_cookie(pending, path="/", secure=cookie.is_secure, httponly=True)
        cookie.give(answer, token)
        return answer


def _who(account: Account | None) -> tuple[str | None, str]:
    return (None, "") if account is None else (account.account, account.role)


def _possible(address: str) -> list[str]:
    """The address, if it can be a login."""
    try:
        return [checked_login(address)]
    except WrongAccount:
        return []
