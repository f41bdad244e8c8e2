"""The composition root: settings and configuration in, the running application out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from voice_agent import __version__
from voice_agent.agent import AgentConfig
from voice_agent.assembly import Assembly
from voice_agent.egress import Egress
from voice_agent.health import Health, health_router
from voice_agent.request_limit import RequestLimit
from voice_agent.settings import Settings
from voice_agent.texts import Texts

PHONE_MEDIA: Final = "/phone/media"
"""Socket of the browser telephone."""


def create_app(settings: Settings, agent: AgentConfig, egress: Egress | None = None) -> FastAPI:
    """The application; its engines are loaded when it starts, once for all calls.

    Args:
        settings: what the environment says.
        agent: what the company says.
        egress: the guard of this process, whose refusals are counted.

    Raises:
        ConfigurationError: prompts, knowledge or notice are wrong (at once), or the database or
            a voice (when it starts).
        ModelError: a model is missing (when it starts).
    """
    texts = Texts(settings, agent)
    health = Health()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        house = await asyncio.to_thread(Assembly, settings, agent, texts)
        if egress is not None:
            egress.report_to(lambda: house.metrics.count("egress_refused"))
        try:
            await house.database.prepare(upgrade=not settings.is_production)
            await house.start()
            for router in house.routers():
                app.include_router(router)
            if settings.browser_telephone:
                app.add_api_websocket_route(PHONE_MEDIA, house.phone_media)
            app.state.has_accounts = await house.stores.accounts.any()
            clock = asyncio.get_running_loop().time
            health.ready(
                house.metrics,
                house.database,
                house.engine_names,
                lambda: house.engines.is_stuck(clock()),
            )
            rendering = asyncio.create_task(house.render_the_rest())

            async def drain(seconds: float) -> int:
                health.stopping()
                return await house.drain(seconds)

            app.state.drain = drain
            yield
            rendering.cancel()
            await asyncio.gather(rendering, return_exceptions=True)
        finally:
            await house.close()

    app = FastAPI(
        title="voice-agent",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.add_middleware(RequestLimit)
    if settings.browser_telephone:
        # Another site's page must not reach the telephone under a name of its own (DNS rebinding).
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts))
    app.include_router(health_router(health))
    return app
