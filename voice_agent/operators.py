"""The operators' console on the stores and the running calls of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from fastapi import APIRouter

from voice_agent.console.day_figures import DayFigures
from voice_agent.console.entrance import Entrance, open_entrance
from voice_agent.console.presence import Presence
from voice_agent.console.provider import Provider
from voice_agent.console.provider_routes import BACK
from voice_agent.console.reminder_routes import reminder_router
from voice_agent.console.routes import console_router
from voice_agent.console.view import Renderer
from voice_agent.console.voice_routes import voice_router
from voice_agent.console.work_routes import work_router
from voice_agent.live.ports import LiveStore, LiveUnavailable
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.runtime.limiter import Limiter
from voice_agent.settings import Settings
from voice_agent.stores import Stores


@dataclass(frozen=True, slots=True)
class Operators:
    """Everything operators reach. Made by ``open``.

    Attributes:
        stores: what is kept.
        live: what workers share about running calls.
        entrance: the way in.
        renderer: writes pages out.
        presence: the voices of operators at this process; to be closed with it.
    """

    stores: Stores
    live: LiveStore
    entrance: Entrance
    renderer: Renderer
    presence: Presence

    @classmethod
    def open(
        cls, stores: Stores, live: LiveStore, limiter: Limiter, company: str, settings: Settings
    ) -> Self:
        """Join it. Computes one hash: make it in a thread.

        Args:
            stores: what is kept.
            live: what workers share about running calls.
            limiter: counts tries to sign in.
            company: whose console it is.
            settings: our origin, and who else may vouch for people.
        """
        renderer = Renderer(company, has_reminders=stores.reminding is not None)
        entrance = open_entrance(
            accounts=stores.accounts,
            sessions=stores.sessions,
            access=stores.access,
            limiter=limiter,
            keyed=stores.pseudonyms.of,
            renderer=renderer,
            public_url=settings.public_url,
            clock=stores.clock,
            off_duty=partial(_off_duty, live),
            provider=_provider(settings, stores.clock),
        )
        return cls(stores, live, entrance, renderer, Presence(live))

    def routers(self) -> Iterator[APIRouter]:
        """Every address below ``/console``."""
        guard, renderer = self.entrance.guard, self.renderer
        figures = DayFigures(self.stores.summaries, self.live)
        yield self.entrance.router
        yield voice_router(self.live, guard, self.presence)
        yield work_router(guard, self.stores.inbox, self.stores.summaries, self._names, renderer)
        if (reminding := self.stores.reminding) is not None:
            refuse = partial(self.stores.do_not_call.add, told_by=ToldBy.CONSOLE)
            country = reminding.rules.countries[0]
            yield reminder_router(guard, reminding.campaign, refuse, country, renderer)
        yield console_router(self.live, guard, figures, renderer)

    async def _names(self) -> Mapping[str, str]:
        return {each.account: each.name for each in await self.stores.accounts.all()}


async def _off_duty(live: LiveStore, account: str) -> None:
    """Take an operator off duty at once; else it takes until their pages are noticed to be gone."""
    with suppress(LiveUnavailable):
        await live.leave(account)


def _provider(settings: Settings, clock: Callable[[], datetime]) -> Provider | None:
    """Who vouches for operators, if somebody is configured."""
    secret = settings.oidc_client_secret
    if settings.oidc_issuer is None or settings.oidc_client_id is None or secret is None:
        return None
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value(),
        redirect_uri=f"{settings.public_url}{BACK}",
        clock=clock,
    )
