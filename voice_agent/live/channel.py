"""What happened in one call, in memory, for those who look on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from voice_agent.live.hub import ABANDONED, LINGER
from voice_agent.live.observation import CallEnded, Missed, Observation
from voice_agent.live.words import forget, without_words

KEPT: Final = 512
"""Observations kept of a call: for onlookers that come late, and before a slow one misses some."""


@dataclass(slots=True)
class Channel:
    """The newest observations of a call, numbered from 1 without a gap as they are published.

    Attributes:
        touched: when something was published last, seconds.
        ended_at: when the call ended; ``None`` while it runs.
        is_over: its ``CallEnded`` was published.
        readers: set when there is something new, one for each who looks on.
    """

    touched: float
    ended_at: float | None = None
    is_over: bool = False
    readers: list[asyncio.Event] = field(default_factory=list)
    _kept: dict[int, Observation] = field(default_factory=dict)
    _last: int = 0

    def publish(self, observations: Sequence[Observation], now: float) -> None:
        """Take what happened, in order; nothing after the end."""
        if self.is_over:
            return
        self.touched = now
        left, is_forgotten = forget(observations)
        if is_forgotten:
            self.forget_words()
        for observation in left:
            self._last += 1
            self._kept[self._last] = observation
            self._kept.pop(self._last - KEPT, None)
            if isinstance(observation, CallEnded):
                self.end(now)
                self.is_over = True
                break
        for reader in self.readers:
            reader.set()

    def end(self, now: float) -> None:
        """The call is over; with it go its words (C18)."""
        self.forget_words()
        self.ended_at = now if self.ended_at is None else self.ended_at

    def forget_words(self) -> None:
        """Keep what happened, but nothing that was said."""
        for number, observation in list(self._kept.items()):
            left = without_words(observation)
            if left is None:
                del self._kept[number]
            else:
                self._kept[number] = left

    def is_stale(self, now: float) -> bool:
        """True if nobody needs it any more."""
        if self.ended_at is not None:
            return now - self.ended_at >= LINGER
        return not self.readers and now - self.touched >= ABANDONED

    def look(self) -> Onlooker:
        """What happened so far, then what happens."""
        return Onlooker(self)

    def after(self, taken: int) -> tuple[int, Observation | None]:
        """What an onlooker is told next.

        Args:
            taken: number of the observation they were told of last.

        Returns:
            The number they are told of now, and what; ``None`` if there is nothing new.
        """
        missed = self._last - KEPT - taken
        if missed > 0:
            return taken + missed, Missed(missed)
        for number in range(taken + 1, self._last + 1):
            if (observation := self._kept.get(number)) is not None:
                return number, observation
        return self._last, None

    @property
    def before_kept(self) -> int:
        """Number of the observation before the oldest that is kept."""
        return max(0, self._last - KEPT)


class Onlooker:
    """An asynchronous iterator over what happens in one call, to its ``CallEnded``."""

    __slots__ = ("_channel", "_is_over", "_ready", "_taken")

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._taken = channel.before_kept
        self._is_over = False
        self._ready = asyncio.Event()
        channel.readers.append(self._ready)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Observation:
        if self._is_over:
            raise StopAsyncIteration
        while True:
            self._taken, observation = self._channel.after(self._taken)
            if observation is not None:
                self._is_over = isinstance(observation, CallEnded)
                return observation
            self._ready.clear()
            await self._ready.wait()

    def close(self) -> None:
        """Look on no more."""
        self._channel.readers.remove(self._ready)
