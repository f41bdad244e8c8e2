"""How often something may be tried, counted in memory or, for several workers, in Redis."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import secrets
import time
from typing import Final

import structlog
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

log = structlog.get_logger(__name__)

REDIS_PAUSE: Final = 30.0
"""Seconds after which a Redis that was away is tried again."""

REDIS_LIMIT: Final = 0.5
"""Seconds Redis may take: nobody waits for a counter."""

_PREFIX_BITS: Final = 64


class Limiter:
    """Counts. Redis away: counts in memory, which is said once.

    Args:
        redis_url: ``redis://`` or ``rediss://``; in memory if left out.
    """

    def __init__(self, redis_url: str | None = None) -> None:
        self._memory = FixedWindowRateLimiter(MemoryStorage())
        self._pool: ConnectionPool | None = None
        self._redis: FixedWindowRateLimiter | None = None
        if redis_url is not None:
            self._pool = redis_pool(redis_url)
            self._redis = FixedWindowRateLimiter(redis_storage(redis_url, self._pool))
        self._away_until = -math.inf
        self._is_away = False
        self._secret = secrets.token_bytes(32)

    async def hit(self, rule: RateLimitItem, key: str = "") -> int | None:
        """Count one try.

        Args:
            rule: how often.
            key: of whom; no address or number, see ``address_key``.

        Returns:
            ``None`` if it may be, else the seconds to wait.
        """
        if self._redis is not None and time.monotonic() >= self._away_until:
            try:
                waits = await _hit(self._redis, rule, key)
            except StorageError as fault:
                self._away_until = time.monotonic() + REDIS_PAUSE
                if not self._is_away:
                    log.error("limiter_without_redis", fault=type(fault.storage_error).__name__)
                self._is_away = True
            else:
                self._is_away = False
                return waits
        return await _hit(self._memory, rule, key)

    async def close(self) -> None:
        """Let go of the connections to Redis; more than once does nothing."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def attempt(self, rule: RateLimitItem, address: str) -> int | None:
        """Count a try from somewhere, before anything is looked up.

        Args:
            rule: how often.
            address: of the client; kept as an HMAC under a secret of this process alone.

        Returns:
            As ``hit``.
        """
        return await self.hit(rule, self.address_key(address))

    def address_key(self, address: str) -> str:
        """What stands for an address; a whole network of IPv6, where one client has many."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            network = address
        else:
            wide = parsed.version == 6  # noqa: PLR2004 (the protocol's number)
            prefix = _PREFIX_BITS if wide else parsed.max_prefixlen
            network = str(ipaddress.ip_network((parsed, prefix), strict=False))
        return hmac.new(self._secret, network.encode(), hashlib.sha256).hexdigest()


async def _hit(limiter: FixedWindowRateLimiter, rule: RateLimitItem, key: str) -> int | None:
    if await limiter.hit(rule, key):
        return None
    ends = (await limiter.get_window_stats(rule, key)).reset_time
    return max(1, math.ceil(ends - time.time()))


def redis_pool(url: str) -> ConnectionPool:
    """Connections of our own, because the storage never closes any."""
    return ConnectionPool.from_url(
        url, socket_timeout=REDIS_LIMIT, socket_connect_timeout=REDIS_LIMIT
    )


def redis_storage(url: str, pool: ConnectionPool) -> Storage:
    """Counters in Redis; ``StorageError`` where it is away."""
    return RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        connection_pool=pool,  # type: ignore[arg-type]  # it is passed on to redis, untyped
    )
