"""A worker that holds one call, as the console sees it: its snapshot, its voice, its answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fastapi import FastAPI

from tests.console.browser_page import CALL
from tests.console.doorman import ANNA, Doorman
from voice_agent.console.presence import Presence
from voice_agent.console.voice_routes import voice_router
from voice_agent.live.command import Answer, Command, Outcome, Verb
from voice_agent.live.memory import MemoryBoard, MemoryLive
from voice_agent.live.ports import HEARTBEAT_S, LiveStore, LiveUnavailable, Side
from voice_agent.live.snapshot import CallSnapshot

TALKING = CallSnapshot(
    call=CALL,
    worker="b",
    language="de",
    began_at=0.0,
    phase="operated",
    consent="given",
    holder=ANNA.account,
    control="talking",
)


Connect = Callable[[str], LiveStore]
"""Gives the worker of a name its live store."""


class Outage(MemoryLive):
    """The live store of a worker whose way to it may break."""

    def __init__(self, worker: str, room: Switchroom) -> None:
        super().__init__(worker, board=room.board)
        self._room = room

    @property
    def is_away(self) -> bool:
        return self._room.is_away

    async def calls(self) -> tuple[CallSnapshot, ...]:
        if self._room.is_away:
            raise LiveUnavailable("the store is away")
        return () if self._room.is_empty else await super().calls()

    async def send(self, command: Command) -> Answer:
        if self._room.is_away:
            raise LiveUnavailable("the store is away")
        return await super().send(command)

    async def speak(self, call: str, side: Side, mulaw: bytes) -> None:
        if self._room.is_away:
            raise LiveUnavailable("the store is away")
        await super().speak(call, side, mulaw)


class Switchroom:
    """Two workers: ``a`` serves the pages, ``b`` holds the call.

    Attributes:
        guard: at the door of the pages.
        app: worker a's pages.
        spoken: what came of the operator's voice to worker b.
        is_away: the pages' workers do not reach the live store.
        is_empty: it was restarted, and no call is shown yet.
        commands: what worker b was asked, and answered with ``outcome``.
    """

    def __init__(self, guard: Doorman, connect: Connect | None = None) -> None:
        self.board = MemoryBoard()
        self.connect = connect or (lambda name: Outage(name, self))
        self.is_over = False
        self.is_away = False
        self.is_empty = False
        self.guard = guard
        self.presences: list[Presence] = []
        self.stores: list[LiveStore] = []
        self.live: LiveStore = connect("b") if connect else MemoryLive("b", board=self.board)
        self.app = self.worker("a")
        self.spoken: list[bytes] = []
        self.commands: list[Command] = []
        self.outcome = Outcome.DONE
        self.snapshot = TALKING

    def worker(self, name: str) -> FastAPI:
        """The pages of one more worker."""
        store = self.connect(name)
        self.stores.append(store)
        app = FastAPI()
        presence = Presence(store)
        app.include_router(voice_router(store, self.guard, presence))
        self.presences.append(presence)
        return app

    async def show(self, **changes: Any) -> None:
        """Change the call's snapshot."""
        self.snapshot = replace(self.snapshot, **changes)
        await self.live.show([self.snapshot])
        await asyncio.sleep(0.01)

    async def live_on(self) -> None:
        """Give signs of life of the call to its end; until cancelled."""
        while not self.is_over:
            await self.live.show([self.snapshot])
            await asyncio.sleep(HEARTBEAT_S)

    async def end(self) -> None:
        """The caller hangs up."""
        self.is_over = True
        await self.live.end(CALL)

    async def say(self, mulaw: bytes, side: Side = Side.CALLER) -> None:
        """Send a voice to whoever listens."""
        await self.live.speak(CALL, side, mulaw)
        await asyncio.sleep(0.01)

    async def listen(self) -> None:
        """Hear what the operator says; until cancelled."""
        async with self.live.voice(CALL, Side.OPERATOR) as frames:
            async for mulaw in frames:
                self.spoken.append(mulaw)

    async def obey(self) -> None:
        """Answer commands; until cancelled."""
        async with self.live.orders() as commands:
            async for command in commands:
                self.commands.append(command)
                if self.outcome is Outcome.DONE and command.verb in {Verb.LISTEN, Verb.LEAVE}:
                    on = command.verb is Verb.LISTEN
                    await self.show(listeners=[command.operator] if on else [])
                await self.live.answer(command, Answer(self.outcome))


@asynccontextmanager
async def switchroom(connect: Connect | None = None) -> AsyncIterator[Switchroom]:
    """A call that Anna holds and talks in, and no page yet; no task is left after the block.

    Args:
        connect: gives each worker its live store; in memory if left out.
    """
    room = Switchroom(Doorman(), connect)
    await room.show()
    works = (room.live_on(), room.listen(), room.obey())
    tasks = [asyncio.create_task(work) for work in works]
    await asyncio.sleep(0.01)
    try:
        yield room
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for presence in room.presences:
            await presence.close()
        for store in (*room.stores, room.live):
            await store.close()
