"""How many calls are begun in a second, by all workers together: in Redis, or in memory for one."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Final

from limits.aio.storage import MemoryStorage, Storage
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from voice_agent.errors import VoiceAgentError
from voice_agent.runtime.limiter import redis_pool, redis_storage

LONGEST_REQUEST_S: Final = 30
"""Seconds after which a turn that nobody gave back is over: claim, calendar and request, each with
a limit of its own, take less together."""

_KEY: Final = "outbound_lane"


class PaceAway(VoiceAgentError):
    """Nobody can tell how many calls other workers begin: none may be begun."""

    code = "pace_away"


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to send the carrier one request now.

    Attributes:
        lane: which of those there are at once.
    """

    lane: int


class Pace:
    """Hands out turns, so that the carrier never gets more requests than so many in a second.

    A rate of five has five lanes. A lane takes one request, and the next one a second after that
    was answered. However long requests are under way, in any second at the carrier there is thus
    at most one of each lane. Of a rate below one there is one lane with a longer rest. Fractions
    are rounded down.

    Args:
        per_second: the rate.
        redis_url: where all workers count together; in memory if left out. A Redis that is away
            lets nobody pass.

    Raises:
        ValueError: the rate is not positive.
    """

    def __init__(self, per_second: float, redis_url: str | None = None) -> None:
        if per_second <= 0:
            raise ValueError("a rate is positive")
        self._lanes = max(1, math.floor(per_second))
        self._rest_s = max(1, math.ceil(1 / per_second))
        self._pool: ConnectionPool | None = None
        self._storage: Storage = MemoryStorage()
        if redis_url is not None:
            self._pool = redis_pool(redis_url)
            self._storage = redis_storage(redis_url, self._pool)

    async def take(self) -> Turn | None:
        """A turn, or ``None``: it is not yet time. Whoever takes one gives it back.

        Raises:
            PaceAway: Redis is away.
        """
        first = random.randrange(self._lanes)  # noqa: S311 (workers begin at different ones)
        try:
            for number in range(self._lanes):
                lane = (first + number) % self._lanes
                if await self._enter(lane):
                    return Turn(lane)
        except StorageError as fault:
            raise PaceAway(f"Redis is away: {type(fault.storage_error).__name__}") from None
        return None

    async def give_back(self, turn: Turn, *, used: bool) -> None:
        """Give a turn back, once the request is over. Redis away: it is over by itself.

        Args:
            turn: from ``take``.
            used: a request was sent, or may have been.
        """
        try:
            if used:
                await self._storage.incr(_rest(turn.lane), self._rest_s)
            await self._storage.clear(_busy(turn.lane))
        except StorageError:
            return

    async def close(self) -> None:
        """Let go of the connections to Redis; more than once does nothing."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def _enter(self, lane: int) -> bool:
        """Take a lane that is not busy and has rested."""
        if await self._storage.get(_rest(lane)) > 0:
            return False
        longest = LONGEST_REQUEST_S + self._rest_s
        if await self._storage.incr(_busy(lane), longest) != 1:
            return False
        # It may have been given back since the first look: its rest begins before it is not busy.
        if await self._storage.get(_rest(lane)) > 0:
            await self._storage.clear(_busy(lane))
            return False
        return True


def _busy(lane: int) -> str:
    return f"{_KEY}/{lane}/busy"


def _rest(lane: int) -> str:
    return f"{_KEY}/{lane}/rest"
