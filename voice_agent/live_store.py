"""What the workers of one company share about running calls, as the settings say."""

from __future__ import annotations

import secrets

from voice_agent.live.memory import MemoryLive
from voice_agent.live.ports import LiveStore
from voice_agent.live.redis import RedisLive
from voice_agent.settings import Settings


def open_live_store(settings: Settings) -> LiveStore:
    """The store in Redis, where one is configured; else in the memory of this one process."""
    worker = secrets.token_hex(8)
    if settings.redis_url is None:
        return MemoryLive(worker)
    return RedisLive(settings.redis_url.get_secret_value(), worker)
