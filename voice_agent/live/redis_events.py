"""What happens in calls, as one stream of Redis for each."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Final, Self

from voice_agent.errors import ProtocolError
from voice_agent.live.channel import KEPT
from voice_agent.live.observation import CallEnded, Missed, Observation, parse
from voice_agent.live.ports import LiveUnavailable
from voice_agent.live.redis_link import LONGEST, PREFIX, RedisLink, dump
from voice_agent.live.redis_scripts import FORGET, PUBLISH
from voice_agent.live.words import forget, without_words

READ_AT_ONCE: Final = 64
"""Observations an onlooker reads at once."""

FRESH_S: Final = 0.2
"""Seconds after which what was read and not looked at is read anew: its words may be forgotten."""


class RedisEvents:
    """Publishes what happens, and forgets what was said.

    Args:
        link: to Redis.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._owed: set[str] = set()
        self._told: dict[str, int] = {}
        self._unsure: dict[str, list[Observation]] = {}

    async def publish(self, call: str, observations: Sequence[Observation]) -> None:
        """Say what happened; if Redis is away, forgetting is made good by ``settle``.

        What could not be said can be said again, first among what happened since: if it got there
        after all, it is not told twice.
        """
        left, is_forgotten = forget(await self._still_untold(call, list(observations)))
        values = ["1" if is_forgotten else "0"]
        for observation in left:
            seen = dump(observation.to_dict())
            if len(seen.encode()) > LONGEST:
                self._link.skip("observation")
                continue
            without = without_words(observation)
            kept = "" if without is None else dump(without.to_dict())
            values += [seen, kept, "1" if isinstance(observation, CallEnded) else "0"]
        try:
            self._told[call] = await self._link.run(PUBLISH, [_stream(call)], values)
        except LiveUnavailable:
            self._unsure[call] = left
            if is_forgotten:
                self._owed.add(call)
            raise
        if any(isinstance(observation, CallEnded) for observation in left):
            del self._told[call]

    async def _still_untold(self, call: str, observations: list[Observation]) -> list[Observation]:
        tried = self._unsure.get(call)
        if tried is None:
            return observations
        newest = await _newest(self._link, _stream(call))
        got_there = newest == self._told.get(call, 0) + len(tried)
        del self._unsure[call]
        if got_there and observations[: len(tried)] == tried:
            return observations[len(tried) :]
        return observations

    async def forget_words(self, call: str) -> None:
        """Forget what was said; if Redis is away, ``settle`` does it."""
        self._owed.add(call)
        # Forgetting gives memory back: a full Redis takes it.
        await self._link.forget(FORGET, _stream(call))
        self._owed.discard(call)

    async def settle(self) -> None:
        """Forget what could not be forgotten while Redis was away."""
        for call in tuple(self._owed):
            await self.forget_words(call)

    def look(self, call: str) -> RedisOnlooker:
        """What happened so far, then what happens."""
        return RedisOnlooker(self._link, call)


class RedisOnlooker:
    """An asynchronous iterator over what happens in one call, to its ``CallEnded``."""

    def __init__(self, link: RedisLink, call: str) -> None:
        self._link = link
        self._stream = _stream(call)
        self._taken: int | None = None
        self._read: deque[tuple[int, Observation | None]] = deque()
        self._read_at = 0.0
        self._is_over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Observation:
        if self._is_over:
            raise StopAsyncIteration
        if self._taken is None:
            self._taken = max(0, await _newest(self._link, self._stream) - KEPT)
        if time.monotonic() - self._read_at > FRESH_S:
            self._read.clear()
        while True:
            while self._read:
                if (missed := await self._missed()) > 0:
                    self._taken += missed
                    return Missed(missed)
                self._taken, observation = self._read.popleft()
                if observation is not None:
                    self._is_over = isinstance(observation, CallEnded)
                    return observation
            entries = await self._link.read(self._stream, f"{self._taken}-0", READ_AT_ONCE)
            self._read_at = time.monotonic()
            if not entries and await _newest(self._link, self._stream) < self._taken:
                raise LiveUnavailable("The live store has lost what happened in the call")
            for name, values in entries:
                self._read.append((int(name.split("-")[0]), self._parse(values.get("seen"))))

    async def _missed(self) -> int:
        """How many went before they were taken; a gap may also be words that were forgotten."""
        if self._taken is None or self._read[0][0] <= self._taken + 1:
            return 0
        oldest_kept = await _newest(self._link, self._stream) - KEPT + 1
        return min(self._read[0][0], oldest_kept) - (self._taken + 1)

    def _parse(self, value: bytes | None) -> Observation | None:
        if value == b"":  # its words were forgotten
            return None
        try:
            return parse(self._link.load(value, "observation"))
        except ProtocolError:
            self._link.skip("observation")
            return None


def _stream(call: str) -> str:
    return f"{PREFIX}events:{call}"


async def _newest(link: RedisLink, stream: str) -> int:
    """Number of the newest observation; 0 if there is none."""
    found = await link.command("XREVRANGE", stream, "+", "-", "COUNT", 1)
    return int(found[0][0].split(b"-")[0]) if found else 0
