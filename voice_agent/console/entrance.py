"""The way into the console: everything about accounts, joined."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from voice_agent.console.access_routes import add_access
from voice_agent.console.account_routes import add_accounts
from voice_agent.console.cookie import Cookie
from voice_agent.console.door import answering
from voice_agent.console.guard import SessionGuard
from voice_agent.console.password import Passwords
from voice_agent.console.provider import Provider
from voice_agent.console.provider_routes import add_provider
from voice_agent.console.sign_in import SignIn
from voice_agent.console.sign_in_routes import add_sign_in
from voice_agent.console.view import Renderer
from voice_agent.runtime.accounts import AccessLog, Accounts, Sessions
from voice_agent.runtime.limiter import Limiter

ZONE: Final = ZoneInfo("Europe/Berlin")
"""Where the company is, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """The way in.

    Attributes:
        guard: what other pages of the console ask.
        router: ``/console/login``, ``logout``, ``access`` and ``accounts``.
    """

    guard: SessionGuard
    router: APIRouter


def open_entrance(
    *,
    accounts: Accounts,
    sessions: Sessions,
    access: AccessLog,
    limiter: Limiter,
    keyed: Callable[[str], str],
    renderer: Renderer,
    public_url: str,
    clock: Callable[[], datetime],
    off_duty: Callable[[str], Awaitable[None]],
    passwords: Passwords | None = None,
    provider: Provider | None = None,
    zone: ZoneInfo = ZONE,
) -> Entrance:
    """Join it. Computes one hash: make it in a thread.

    Args:
        accounts: the accounts.
        sessions: who is signed in.
        access: who looked at what.
        limiter: counts tries.
        keyed: makes of a login what may stand in a counter, the same on every worker.
        renderer: writes pages out.
        public_url: our origin; only with https do cookies get their strict name.
        clock: the wall clock, timezone-aware.
        off_duty: whoever has this account takes no calls any more; raises nothing.
        passwords: compares passwords, with the usual cost if left out.
        provider: an OpenID Connect provider people may sign in by, if there is one.
        zone: where the company is.
    """
    cookie = Cookie(secure=public_url.startswith("https://"))
    guard = SessionGuard(sessions, access, cookie, _origin(public_url), clock)
    sign_in = SignIn(
        accounts=accounts,
        sessions=sessions,
        access=access,
        passwords=passwords or Passwords(),
        limiter=limiter,
        keyed=keyed,
        clock=clock,
    )
    router = APIRouter(prefix="/console", include_in_schema=False, route_class=answering(renderer))
    add_sign_in(
        router,
        sign_in,
        sessions=sessions,
        guard=guard,
        cookie=cookie,
        renderer=renderer,
        off_duty=off_duty,
        has_provider=provider is not None,
    )
    add_access(router, guard, access=access, accounts=accounts, renderer=renderer, zone=zone)
    if provider is not None:
        add_provider(
            router,
            provider,
            accounts=accounts,
            sessions=sessions,
            access=access,
            limiter=limiter,
            cookie=cookie,
            renderer=renderer,
            clock=clock,
        )
    add_accounts(router, guard, accounts=accounts, off_duty=off_duty, renderer=renderer, zone=zone)
    return Entrance(guard, router)


def _origin(public_url: str) -> str:
    """Our origin as browsers write it: without the port that goes without saying."""
    usual = ":443" if public_url.startswith("https://") else ":80"
    return public_url.removesuffix(usual)
