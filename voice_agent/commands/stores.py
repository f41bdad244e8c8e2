"""How commands use the stores: opened, at the right schema, and closed whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from voice_agent import log
from voice_agent.settings import load_settings
from voice_agent.stores import Stores

Result = TypeVar("Result")


def with_stores(work: Callable[[Stores], Awaitable[Result]]) -> Result:
    """Do something with the stores the settings name.

    Raises:
        ConfigurationError: a setting is wrong, or the database is away or has another schema.
    """
    settings = load_settings()
    log.configure(production=settings.is_production)

    async def run() -> Result:
        stores = Stores.open(settings)
        try:
            await stores.database.check_schema()
            return await work(stores)
        finally:
            await stores.close()

    return asyncio.run(run())
