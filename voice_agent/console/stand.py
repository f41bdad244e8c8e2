"""Who may hear and speak in a call now, as its snapshot says.

The worker that holds the call decides the same by itself and sends nothing that may not be heard;
this is the second lock on the door.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from voice_agent.live.ports import LiveStore, LiveUnavailable, Side
from voice_agent.live.snapshot import CallSnapshot, Standing

LOOK_S: Final = 2.0
"""Seconds between two looks where nothing is said to have changed."""

AWAY_S: Final = 0.5
"""Seconds until the live store is tried again."""

MISSED_S: Final = 3.0
"""Seconds a call is not there until it is over.

A live store that was restarted is empty until the workers have shown their calls again.
"""

TALKING: Final = "talking"
"""The control, as the call core names it, in which the caller has heard who is there."""


class Stand:
    """Follows one call for one operator.

    Attributes:
        operator: the operator's account.
        snapshot: the call as it was last seen; ``None`` while that is not known.
        is_over: the call is over.
    """

    def __init__(self, live: LiveStore, call: str, operator: str) -> None:
        self.operator = operator
        self.snapshot: CallSnapshot | None = None
        self.is_over = False
        self._live = live
        self._call = call
        self._stale = asyncio.Event()
        self._next = asyncio.Event()
        self._missed_since: float | None = None

    @property
    def holds(self) -> bool:
        """True if the call is this operator's."""
        return self.snapshot is not None and self.snapshot.holder == self.operator

    @property
    def speaks(self) -> bool:
        """True if the caller may hear this operator."""
        return self.holds and self._is_open()

    @property
    def listens(self) -> bool:
        """True if the call's worker lets this operator listen to another one."""
        return self.snapshot is not None and self.operator in self.snapshot.listeners

    def hears(self, side: Side) -> bool:
        """True if this operator may hear a side now; nobody hears themselves."""
        if not self._is_open():
            return False
        return side is Side.CALLER if self.holds else self.listens

    async def change(self) -> None:
        """Wait until the call was looked at again."""
        await self._next.wait()

    async def until(self, side: Side) -> None:
        """Wait until this operator may hear a side."""
        while not self.hears(side):
            await self.change()

    async def look(self) -> None:
        """See how the call stands; a live store that is away leaves nothing to go by."""
        found = None
        try:
            calls = await self._live.calls()
        except LiveUnavailable:
            self._missed_since = None
        else:
            found = next((each for each in calls if each.call == self._call), None)
            self._miss(found)
        self.snapshot = found
        seen, self._next = self._next, asyncio.Event()
        seen.set()

    async def follow(self) -> None:
        """Look whenever the call changes, and now and then; runs until it is cancelled."""
        watching = asyncio.create_task(self._watch())
        try:
            while True:
                self._stale.clear()
                await self.look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await self._stale.wait()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            with suppress(LiveUnavailable):
                async with self._live.changes() as keys:
                    self._stale.set()
                    async for key in keys:
                        if key == self._call:
                            self._stale.set()
            # What is shown may be out of date from here on: look before anything else is heard.
            self._stale.set()
            await asyncio.sleep(AWAY_S)

    def _miss(self, found: CallSnapshot | None) -> None:
        now = asyncio.get_running_loop().time()
        if found is not None or self._live.is_away:
            self._missed_since = None
        elif self._missed_since is None:
            self._missed_since = now
        elif now - self._missed_since >= MISSED_S:
            self.is_over = True

    def _is_open(self) -> bool:
        seen = self.snapshot
        return seen is not None and seen.control == TALKING and seen.consent == Standing.GIVEN
