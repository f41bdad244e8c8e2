"""What a worker's consoles show of all calls: one look at the live store for every open page.

The board looks while somebody looks at it. It reads at most every ``GAP_S`` when calls change, and
every ``LOOK_S`` otherwise; a page takes what has changed since it looked last, so that a slow one
gets less and holds up nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from voice_agent.live.ports import HEARTBEAT_S, LiveStore, LiveUnavailable, OnDuty
from voice_agent.live.snapshot import CallSnapshot

GAP_S: Final = 0.15
"""Seconds between two readings while calls change; the first change is read at once."""

LOOK_S: Final = HEARTBEAT_S
"""Seconds after which it is read in any case: who is gone says nothing."""

RETRY_S: Final = 1.0
"""Seconds until the next try while the store is away."""


@dataclass(frozen=True, slots=True)
class Sight:
    """All calls at one moment.

    Attributes:
        calls: snapshots by call.
        lost: calls whose worker died, of the last ten minutes.
        duty: operators who are there.
        away: true while the live store does not answer; the rest is then the last that was known.
    """

    calls: Mapping[str, CallSnapshot] = field(default_factory=dict)
    lost: tuple[CallSnapshot, ...] = ()
    duty: tuple[OnDuty, ...] = ()
    away: bool = False

    @property
    def names(self) -> dict[str, str]:
        """What operators are called, by account."""
        return {each.operator: each.name for each in self.duty}


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not any more as it was.

    Attributes:
        changed: calls that are new, or stand elsewhere.
        gone: calls that are no more.
        lost: calls whose worker died, if that list changed.
        duty: operators who are there, if that list changed.
        away: whether the store is away, if that changed.
    """

    changed: tuple[CallSnapshot, ...] = ()
    gone: tuple[str, ...] = ()
    lost: tuple[CallSnapshot, ...] | None = None
    duty: tuple[OnDuty, ...] | None = None
    away: bool | None = None


def difference(old: Sight, new: Sight) -> Difference:
    """What has to be told to somebody who knows the old."""
    # Another set of names changes what tiles say of who holds them.
    renamed = {account for account, _ in old.names.items() ^ new.names.items()}
    return Difference(
        changed=tuple(
            each
            for call, each in new.calls.items()
            if old.calls.get(call) != each or each.holder in renamed
        ),
        gone=tuple(call for call in old.calls if call not in new.calls),
        lost=None if old.lost == new.lost else new.lost,
        duty=None if old.duty == new.duty else new.duty,
        away=None if old.away == new.away else new.away,
    )


@dataclass(slots=True)
class Board:
    """Shared by the pages of one process.

    Attributes:
        live: what the workers share.
    """

    live: LiveStore
    _sight: Sight = field(default_factory=Sight)
    _turned: asyncio.Event = field(default_factory=asyncio.Event)
    _looks: int = 0
    _task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[Sight]:
        """Look at it for as long as the block lasts; gives what is there now."""
        self._looks += 1
        try:
            if self._task is None or self._task.done():
                await self._read()
                self._task = asyncio.create_task(self._follow(), name="console board")
            yield self._sight
        finally:
            self._looks -= 1
            if not self._looks and self._task is not None:
                self._task.cancel()
                self._task = None

    async def next(self, known: Sight, patience: float) -> Sight:
        """What is there once it is not ``known`` any more, or after ``patience`` seconds."""
        if self._sight is known:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._turned.wait()
        return self._sight

    async def now(self) -> Sight:
        """What is there, read anew unless somebody looks anyway."""
        if not self._looks:
            await self._read()
        return self._sight

    async def _follow(self) -> None:
        while True:
            try:
                async with self.live.changes() as changes:
                    await self._read_on(changes)
            except LiveUnavailable:
                self._show(replace(self._sight, away=True))
            await asyncio.sleep(RETRY_S)

    async def _read_on(self, changes: AsyncIterator[str]) -> None:
        """Read whenever something changes, until nobody tells any more."""
        dirty = asyncio.Event()
        told = asyncio.create_task(_tell(changes, dirty), name="console board changes")
        try:
            while not told.done():
                dirty.clear()
                await self._read()
                await asyncio.sleep(GAP_S)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await dirty.wait()
            told.result()
        finally:
            told.cancel()

    async def _read(self) -> None:
        try:
            calls = await self.live.calls()
            lost = await self.live.lost()
            duty = await self.live.on_duty()
        except LiveUnavailable:
            self._show(replace(self._sight, away=True))
        else:
            order = sorted(duty, key=lambda each: (each.name, each.operator))
            known = {each.call: each for each in calls}
            self._show(Sight(known, lost, tuple(order), away=self.live.is_away))

    def _show(self, sight: Sight) -> None:
        if sight != self._sight:
            self._sight = sight
            self._turned.set()
            self._turned = asyncio.Event()


async def _tell(changes: AsyncIterator[str], dirty: asyncio.Event) -> None:
    """Say that something changed, however often; at the end as well."""
    try:
        async for _ in changes:
            dirty.set()
    finally:
        dirty.set()
