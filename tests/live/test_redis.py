from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.live.conformance import Clock, LiveStoreConformance, Pair
from tests.redis_server import redis_url
from voice_agent.live.redis import RedisLive

__all__ = ["redis_url"]

pytestmark = pytest.mark.integration


class TestRedisLive(LiveStoreConformance):
    """A real Redis, two stores with connections of their own."""

    @pytest.fixture
    async def pair(self, redis_url: str) -> AsyncIterator[Pair]:
        clock, redis = Clock(), Redis.from_url(redis_url)
        await redis.flushall()
        one, other = RedisLive(redis_url, "one", clock), RedisLive(redis_url, "other", clock)
        yield Pair(one, other, clock)
        await one.close()
        await other.close()
        await redis.aclose()
