"""What waits for one reader, who loses something rather than hold anybody up."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import Final, Generic, Self, TypeVar

Item = TypeVar("Item")

MOST_VOICE: Final = 2400
"""Bytes of mu-law, 300 ms, that wait for a slow listener before the oldest go."""

MOST_KEYS: Final = 4096
"""Keys of calls that wait for a slow reader; beyond them the oldest go."""


class Inbox(ABC, Generic[Item]):
    """An asynchronous iterator over what is put in, for one reader."""

    def __init__(self) -> None:
        self._ready = asyncio.Event()
        self._fault: Exception | None = None

    def put(self, item: Item) -> None:
        """Put something in; never waits."""
        self._keep(item)
        self._ready.set()

    def fail(self, fault: Exception) -> None:
        """Raise ``fault`` to the reader once nothing waits any more."""
        self._fault = fault
        self._ready.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while not len(self):
            if self._fault is not None:
                raise self._fault
            self._ready.clear()
            await self._ready.wait()
        return self._take()

    @abstractmethod
    def __len__(self) -> int:
        """How many wait."""

    @abstractmethod
    def _keep(self, item: Item) -> None: ...

    @abstractmethod
    def _take(self) -> Item: ...


class VoiceInbox(Inbox[bytes]):
    """Chunks of a voice; beyond ``MOST_VOICE`` the oldest go."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def __len__(self) -> int:
        return len(self._chunks)

    def _keep(self, item: bytes) -> None:
        self._chunks.append(item)
        self._size += len(item)
        while self._size > MOST_VOICE and len(self._chunks) > 1:
            self._take()

    def _take(self) -> bytes:
        chunk = self._chunks.popleft()
        self._size -= len(chunk)
        return chunk


class KeyInbox(Inbox[str]):
    """Names of what changed; one that waits already is not put in twice."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def _keep(self, item: str) -> None:
        self._keys[item] = None
        if len(self._keys) > MOST_KEYS:
            self._take()

    def _take(self) -> str:
        key = next(iter(self._keys))
        del self._keys[key]
        return key
