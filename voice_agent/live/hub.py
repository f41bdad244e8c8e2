"""Passes observations of running calls to onlookers, in memory and for a short while only.

An onlooker that comes late gets what happened so far; one that is slow loses the oldest and is
told so; nobody can hold up the call. What was said is forgotten as soon as the caller withdraws
(rule C16), or the call has ended and the last onlooker has gone (rule C18); that it ended is known
for ``LINGER`` seconds more.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from voice_agent.live.observation import (
    AgentSaid,
    CallEnded,
    CallerSaid,
    Missed,
    Observation,
    PhaseChanged,
)

REPLAY: Final = 64
"""Observations kept for an onlooker that comes late, a call."""

BACKLOG: Final = 256
"""Observations waiting for one slow onlooker before the oldest go."""

LINGER: Final = 60.0
"""Seconds it is known that a call ended, or that somebody waited for one that never began."""

ABANDONED: Final = 3600.0
"""Seconds after which a call that fell silent without an end is forgotten."""

MAX_CALLS: Final = 1024
"""Calls that can be looked at at once; beyond it the one silent longest is forgotten."""

WITHDRAWN: Final = "withdrawn"
"""The phase, as the call core names it, that a withdrawal leads to."""


class _Onlooker:
    """The bounded queue of one subscriber."""

    __slots__ = ("_missed", "_ready", "_waiting")

    def __init__(self, past: deque[Observation]) -> None:
        self._waiting: deque[Observation] = deque(past)
        self._missed = 0
        self._ready = asyncio.Event()
        if self._waiting:
            self._ready.set()

    def put(self, observation: Observation) -> None:
        if len(self._waiting) >= BACKLOG:
            self._waiting.popleft()
            self._missed += 1
        self._waiting.append(observation)
        self._ready.set()

    async def get(self) -> Observation:
        await self._ready.wait()
        if self._missed:
            observation: Observation = Missed(self._missed)
            self._missed = 0
        else:
            observation = self._waiting.popleft()
        self._rest()
        return observation

    def forget_words(self) -> None:
        _drop_words(self._waiting)
        self._rest()

    def _rest(self) -> None:
        if not (self._waiting or self._missed):
            self._ready.clear()


@dataclass(slots=True)
class _Channel:
    """One call: what happened so far, and who looks on."""

    touched: float
    past: deque[Observation] = field(default_factory=lambda: deque(maxlen=REPLAY))
    onlookers: list[_Onlooker] = field(default_factory=list)
    ended: bool = False

    def leave(self, onlooker: _Onlooker, now: float) -> None:
        self.onlookers.remove(onlooker)
        self.touched = now
        self.forget_past()

    def forget_words(self) -> None:
        """Keep what happened, here and for those who look on, but nothing that was said."""
        _drop_words(self.past)
        for onlooker in self.onlookers:
            onlooker.forget_words()

    def forget_past(self) -> None:
        """Keep nothing but the end, once nobody is left who was there for more."""
        if self.ended and not self.onlookers:
            while len(self.past) > 1:
                self.past.popleft()

    def is_stale(self, now: float) -> bool:
        if self.onlookers and not self.ended:
            return False
        limit = LINGER if self.ended or not self.past else ABANDONED
        return now - self.touched >= limit


def _drop_words(observations: deque[Observation]) -> None:
    kept = [each for each in observations if not isinstance(each, CallerSaid | AgentSaid)]
    observations.clear()
    observations.extend(kept)


class Subscription:
    """What one onlooker sees; an asynchronous iterator that ends after ``CallEnded``.

    Use it in a ``with`` block, or ``close`` it: leaving early needs no awaiting, so that it also
    works where the task is being cancelled.
    """

    __slots__ = ("_channel", "_clock", "_onlooker", "_over")

    def __init__(self, channel: _Channel, clock: Callable[[], float]) -> None:
        self._channel = channel
        self._clock = clock
        self._onlooker = _Onlooker(channel.past)
        self._over = False
        channel.onlookers.append(self._onlooker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Observation:
        if self._over:
            raise StopAsyncIteration
        observation = await self._onlooker.get()
        if isinstance(observation, CallEnded):
            self.close()
        return observation

    def close(self) -> None:
        """Stop looking on; idempotent."""
        if not self._over:
            self._over = True
            self._channel.leave(self._onlooker, self._clock())


class Hub:
    """Observations of the calls of this process.

    Not thread-safe: publish and subscribe on the event loop.
    """

    __slots__ = ("_channels", "_clock")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Make an empty hub.

        Args:
            clock: monotonic seconds.
        """
        self._clock = clock
        self._channels: dict[str, _Channel] = {}

    def __len__(self) -> int:
        """How many calls something is still known of."""
        self._forget()
        return len(self._channels)

    def publish(self, call_id: str, observation: Observation) -> None:
        """Show an observation to everyone who looks on; never waits, never fails.

        What is published after ``CallEnded`` is dropped. Words published before a withdrawal that
        an onlooker has not taken yet are never seen (C16).
        """
        channel = self._channel(call_id)
        if channel.ended:
            return
        if isinstance(observation, PhaseChanged) and observation.phase == WITHDRAWN:
            channel.forget_words()
        channel.touched = self._clock()
        channel.past.append(observation)
        channel.ended = isinstance(observation, CallEnded)
        for onlooker in channel.onlookers:
            onlooker.put(observation)
        channel.forget_past()

    def forget_words(self, call_id: str) -> None:
        """Forget what was said in a call, for a withdrawal that leads to no phase of its own."""
        channel = self._channels.get(call_id)
        if channel is not None:
            channel.forget_words()

    def subscribe(self, call_id: str) -> Subscription:
        """Look on at a call: what happened so far, then what happens, to its end.

        A call that is not known yet can be subscribed to before it begins.
        """
        return Subscription(self._channel(call_id), self._clock)

    def _channel(self, call_id: str) -> _Channel:
        self._forget()
        channel = self._channels.get(call_id)
        if channel is None:
            if len(self._channels) >= MAX_CALLS:
                del self._channels[self._idlest()]
            channel = self._channels[call_id] = _Channel(touched=self._clock())
        return channel

    def _idlest(self) -> str:
        def idleness(call_id: str) -> tuple[bool, float]:
            channel = self._channels[call_id]
            return bool(channel.onlookers), channel.touched

        return min(self._channels, key=idleness)

    def _forget(self) -> None:
        now = self._clock()
        stale = [key for key, channel in self._channels.items() if channel.is_stale(now)]
        for call_id in stale:
            del self._channels[call_id]
