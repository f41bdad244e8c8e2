"""The connection to Redis: every step is bounded in time, and an outage is known and said once."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import structlog
from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError, ResponseError

from voice_agent.live.board import ENDED_S
from voice_agent.live.inbox import Inbox
from voice_agent.live.ports import HEARTBEAT_S, LOST_S, SILENT_S, LiveUnavailable
from voice_agent.live.snapshot import SCHEMA

log = structlog.get_logger(__name__)

PREFIX: Final = f"voice-agent:{SCHEMA}:"
"""Every key and channel begins with it."""

LIMIT: Final = 0.5
"""Seconds Redis may take to connect or to answer, unless told otherwise."""

BLOCK_MS: Final = 500
"""Milliseconds a reader waits in Redis at once; it asks again until something comes."""

LOOK_S: Final = 1.0
"""Seconds between two looks whether Redis still answers, and all who gave signs of life do."""

CONNECTIONS: Final = 32
"""Connections for steps; who finds none free waits for one."""

MOST_STREAMS: Final = 1024
"""Connections for streams, one each."""

LONGEST: Final = 16384
"""Bytes of one value; a longer one is not ours."""


class RedisLink:
    """Runs steps on Redis and knows whether it is there.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
        clock: seconds since 1970.
        limit: seconds Redis may take to connect or to answer.
    """

    def __init__(self, url: str, clock: Callable[[], float], limit: float) -> None:
        self._limit = limit
        # With everything: a connection, a second try, the answer.
        self._bound = 3 * limit
        # A second try for a connection that broke while nobody used it; none after a timeout,
        # because nobody knows what became of the first. Who listens must know that it broke.
        again, never = Retry(NoBackoff(), 1, (Disconnected,)), Retry(NoBackoff(), 0)
        limits = {"socket_connect_timeout": limit, "max_connections": MOST_STREAMS}
        long = BLOCK_MS / 1000 + limit
        self._pools: list[ConnectionPool] = [
            BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=self._bound,
                socket_timeout=limit,
                socket_connect_timeout=limit,
                retry=again,
            ),
            ConnectionPool.from_url(url, socket_timeout=long, retry=again, **limits),
            ConnectionPool.from_url(url, socket_timeout=long, retry=never, **limits),
        ]
        clients: list[Redis] = [Redis(connection_pool=pool) for pool in self._pools]
        self._quick, self._reading, self._listening = clients
        self._clock = clock
        self._away_since: float | None = None
        self._refuses = False
        self._blind_until = -math.inf
        self._skipped: set[str] = set()

    @property
    def is_away(self) -> bool:
        """True while Redis does not answer, or takes nothing, being full."""
        return self._away_since is not None

    @property
    def is_silent(self) -> bool:
        """True while Redis does not answer at all."""
        return self.is_away and not self._refuses

    def moments(self) -> list[str]:
        """Now, and up to when a sign of life, a loss and an end are too old.

        While Redis is away, and for two heartbeats after an outage in which calls may have fallen
        silent only because they could not be shown, nobody is taken for lost.
        """
        now = self._clock()
        is_blind = self.is_away or now < self._blind_until
        silent = "-inf" if is_blind else repr(now - SILENT_S)
        return [repr(now), silent, repr(now - LOST_S), repr(now - ENDED_S)]

    async def run(self, script: str, keys: Sequence[str], values: Sequence[Any]) -> Any:
        """Run a script that may write.

        Raises:
            LiveUnavailable: Redis is away.
        """
        return await self._step(self._quick.register_script(script)(keys, values), writes=True)

    async def look(self, script: str, values: Sequence[Any]) -> Any:
        """Run a script that gets by without memory, on all keys; as ``run``."""
        step = self._quick.register_script(script)([PREFIX], [*self.moments(), *values])
        return await self._step(step, writes=False)

    async def forget(self, script: str, stream: str) -> None:
        """Run a script that gives memory back, on one stream; as ``run``."""
        await self._step(self._quick.register_script(script)([stream], []), writes=False)

    async def command(self, *words: Any) -> Any:
        """Run one command that needs no memory; as ``run``."""
        step = self._quick.execute_command(*words)  # type: ignore[no-untyped-call]  # says no type
        return await self._step(step, writes=False)

    async def read(self, stream: str, after: str, count: int) -> list[tuple[str, dict[str, bytes]]]:
        """Read entries of a stream, or wait for a while until there are some; as ``run``."""
        step = self._reading.xread({stream: after}, count, BLOCK_MS)
        found = await self._step(step, writes=False)
        streams = found.values() if isinstance(found, dict) else [each[1] for each in found or ()]
        return [_entry(entry) for entries in streams for entry in entries]

    async def _step(self, step: Awaitable[Any], *, writes: bool) -> Any:
        try:
            async with asyncio.timeout(self._bound):
                result = await step
        except (RedisError, OSError, TimeoutError) as fault:
            raise await self._failed(fault) from None
        if writes or not self._refuses:
            self._worked()
        return result

    async def _failed(self, fault: Exception) -> LiveUnavailable:
        refused = isinstance(fault, ResponseError)
        if refused and str(fault).startswith("WRONGTYPE"):  # a key that somebody else has made
            self.skip("key")
            return LiveUnavailable("The live store holds something that is not ours")
        self._refuses = refused  # it is full, or a copy that only reads: reading proves nothing
        if self._away_since is None:
            self._away_since = self._clock()
            log.error("live_store_away", fault=type(fault).__name__)
            await self._disconnect(inuse_connections=False)  # they broke, too, and nobody knows
        return LiveUnavailable("The live store is away")

    def _worked(self) -> None:
        if self._away_since is None:
            return
        now = self._clock()
        if now - self._away_since >= SILENT_S - 2 * HEARTBEAT_S:
            self._blind_until = now + 2 * HEARTBEAT_S
        log.info("live_store_back", seconds=round(now - self._away_since, 1))
        self._away_since, self._refuses = None, False

    @asynccontextmanager
    async def listen(
        self,
        channel: str,
        inbox: Inbox[Any],
        take: Callable[[bytes], None],
        look: Callable[[], Awaitable[object]],
    ) -> AsyncIterator[None]:
        """Take what is published on a channel, while open; an outage fails the inbox.

        Args:
            channel: its name without the prefix.
            inbox: fails when Redis goes away.
            take: is given each message.
            look: is done every ``LOOK_S``; raises ``LiveUnavailable`` when Redis is away.
        """
        pubsub = self._listening.pubsub()
        listening = None
        try:
            await self._step(_subscribe(pubsub, PREFIX + channel), writes=False)
            listening = asyncio.create_task(self._pump(pubsub, inbox, take, look))
        except LiveUnavailable as fault:
            inbox.fail(fault)
        try:
            yield
        finally:
            if listening is not None:
                listening.cancel()
                await asyncio.wait([listening])
            with suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(self._limit):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]  # the library says no type

    async def _pump(
        self,
        pubsub: PubSub,
        inbox: Inbox[Any],
        take: Callable[[bytes], None],
        look: Callable[[], Awaitable[object]],
    ) -> None:
        next_look = time.monotonic()
        try:
            while True:
                rest = next_look - time.monotonic()
                if rest <= 0:
                    await look()
                    next_look = time.monotonic() + LOOK_S
                    continue
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=rest)
                if message is not None and isinstance(message["data"], bytes):
                    take(message["data"])
        except LiveUnavailable as fault:
            inbox.fail(fault)
        except (RedisError, OSError, TimeoutError) as fault:
            inbox.fail(await self._failed(fault))

    def load(self, value: object, kind: str) -> object:
        """Read JSON that anybody may have written; ``None`` if it is none, see ``skip``."""
        if not isinstance(value, bytes) or len(value) > LONGEST:
            self.skip(kind)
            return None
        try:
            return json.loads(value, parse_constant=_refuse)
        except (ValueError, RecursionError):
            self.skip(kind)
            return None

    def skip(self, kind: str) -> None:
        """Say once, for each kind, that a value in Redis is none of ours."""
        if kind not in self._skipped:
            self._skipped.add(kind)
            log.warning("live_value_skipped", kind=kind)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._disconnect(inuse_connections=True)

    async def _disconnect(self, *, inuse_connections: bool) -> None:
        for pool in self._pools:
            with suppress(RedisError, OSError):
                await pool.disconnect(inuse_connections)


def dump(record: object) -> str:
    """The JSON that ``RedisLink.load`` reads."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


async def _subscribe(pubsub: PubSub, channel: str) -> None:
    await pubsub.subscribe(channel)
    while await pubsub.get_message(timeout=LOOK_S) is None:
        pass


def _entry(entry: Any) -> tuple[str, dict[str, bytes]]:
    name, values = entry
    return name.decode(), {key.decode(errors="replace"): value for key, value in values.items()}


def _refuse(constant: str) -> object:
    raise ValueError(f"no JSON: {constant}")
