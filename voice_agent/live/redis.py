"""The live store of any number of workers, in Redis 7; keys, sizes and expiry: ``docs/live.md``.

All keys and channels begin with ``voice-agent:{SCHEMA}:`` and hold nothing personal. Every key
expires. Keys:

- ``calls`` and ``seen``: the snapshots and their signs of life;
- ``lost`` and ``lost-at``: the calls that vanished; ``ended``: those that must not come back;
- ``duty`` and ``duty-seen``: the operators; ``worker:{worker}``: a worker's sign of life;
- ``events:{call}``: what happens in a call;
- ``orders:{worker}``: the commands for a worker; ``claim:{id}`` and ``answer:{id}``: a command that
  was sent, and its answer.

Channels: ``changes`` and ``voice:{call}:{side}``.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from voice_agent.live.command import Answer, Command
from voice_agent.live.inbox import VoiceInbox
from voice_agent.live.observation import Observation
from voice_agent.live.ports import LiveUnavailable, OnDuty, Side
from voice_agent.live.redis_calls import RedisCalls
from voice_agent.live.redis_events import RedisEvents
from voice_agent.live.redis_link import LIMIT, PREFIX, RedisLink
from voice_agent.live.redis_orders import RedisOrders
from voice_agent.live.snapshot import CallSnapshot

MOST_CHUNK: Final = 8000
"""Bytes of mu-law, one second, that are passed on at once; more is not a voice of ours."""

_WORKER: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RedisLive:
    """What one worker shares by way of Redis; see ``voice_agent.live.ports.LiveStore``.

    Connects when it is first needed. The workers' clocks must agree to within a second.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``; may hold a password.
        worker: this process's name: letters, digits, ``._-``.
        clock: seconds since 1970.
        limit: seconds Redis may take to connect or to answer; a step takes up to three times that.

    Raises:
        ValueError: the worker's name or the address is none.
    """

    def __init__(
        self,
        url: str,
        worker: str,
        clock: Callable[[], float] = time.time,
        limit: float = LIMIT,
    ) -> None:
        if not _WORKER.fullmatch(worker):
            raise ValueError("a worker is named by letters, digits and ._-")
        self._worker = worker
        self._link = RedisLink(url, clock, limit)
        self._calls = RedisCalls(self._link, worker)
        self._events = RedisEvents(self._link)
        self._orders = RedisOrders(self._link, worker, clock)

    @property
    def worker(self) -> str:
        """This process's name."""
        return self._worker

    @property
    def is_away(self) -> bool:
        """True while Redis does not answer, or takes nothing, being full."""
        return self._link.is_away

    # -- calls -------------------------------------------------------------------------------

    async def show(self, snapshots: Sequence[CallSnapshot]) -> None:
        """Show calls of this worker, or that they still live; after an outage, catch up."""
        await self._events.settle()
        await self._calls.show(snapshots)

    async def end(self, call: str) -> None:
        """A call of this worker is over."""
        await self._calls.end(call)

    async def calls(self) -> tuple[CallSnapshot, ...]:
        """Every call there is, the oldest first."""
        return await self._calls.calls()

    async def lost(self) -> tuple[CallSnapshot, ...]:
        """Calls that vanished without an end."""
        return await self._calls.lost()

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[str]]:
        """Call keys as their snapshots change or go, and ``duty``."""
        async with self._calls.changes() as names:
            yield names

    # -- what happens in a call ----------------------------------------------------------------

    async def publish(self, call: str, observations: Sequence[Observation]) -> None:
        """Say what happened, in order, in one round trip."""
        await self._events.publish(call, observations)

    async def forget_words(self, call: str) -> None:
        """Forget what was said in a call; if Redis is away, with the next ``show``."""
        await self._events.forget_words(call)

    @asynccontextmanager
    async def events(self, call: str) -> AsyncIterator[AsyncIterator[Observation]]:
        """What happened so far, then what happens, to ``CallEnded``."""
        yield self._events.look(call)

    # -- commands ------------------------------------------------------------------------------

    async def send(self, command: Command) -> Answer:
        """Send a command to the worker that holds its call and wait for the answer."""
        return await self._orders.send(command)

    @asynccontextmanager
    async def orders(self) -> AsyncIterator[AsyncIterator[Command]]:
        """Commands for the calls of this worker, each once, none that is stale."""
        yield self._orders

    async def answer(self, command: Command, answer: Answer) -> None:
        """Say what became of a command; the first answer counts."""
        await self._orders.answer(command, answer)

    # -- voices --------------------------------------------------------------------------------

    async def speak(self, call: str, side: Side, mulaw: bytes) -> None:
        """Pass a voice on to whoever listens now; at once refused while Redis is away."""
        if self._link.is_silent:
            raise LiveUnavailable("The live store is away")
        await self._link.command("PUBLISH", f"{PREFIX}voice:{call}:{side.value}", mulaw)

    @asynccontextmanager
    async def voice(self, call: str, side: Side) -> AsyncIterator[AsyncIterator[bytes]]:
        """A voice as it comes; a slow listener misses the oldest."""
        inbox = VoiceInbox()

        def take(message: bytes) -> None:
            if len(message) <= MOST_CHUNK:
                inbox.put(message)

        async with self._link.listen(f"voice:{call}:{side.value}", inbox, take, self._ping):
            yield inbox

    async def _ping(self) -> None:
        await self._link.command("PING")

    # -- operators -----------------------------------------------------------------------------

    async def attend(self, duty: OnDuty) -> None:
        """An operator is there, or still is."""
        await self._calls.attend(duty)

    async def leave(self, operator: str) -> None:
        """An operator goes."""
        await self._calls.leave(operator)

    async def on_duty(self) -> tuple[OnDuty, ...]:
        """The operators who are there, by account."""
        return await self._calls.on_duty()

    # -- the store itself ----------------------------------------------------------------------

    async def close(self) -> None:
        """Take this worker's calls and operators out, if Redis is there; then disconnect."""
        with suppress(LiveUnavailable):
            await self._calls.close()
            await self._orders.close()
        await self._link.close()
