"""The live store of one process, in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, Self

from voice_agent.live.board import MemoryBoard, Orders
from voice_agent.live.command import Answer, Command, Outcome
from voice_agent.live.inbox import KeyInbox, VoiceInbox
from voice_agent.live.observation import Observation
from voice_agent.live.ports import PATIENCE_S, OnDuty, Side
from voice_agent.live.snapshot import CallSnapshot

__all__ = ["MemoryBoard", "MemoryLive"]

LOOK_S: Final = 1.0
"""Seconds between two looks for calls that gave no sign of life, while anybody watches."""


class MemoryLive:
    """What one worker shares on a board; see ``voice_agent.live.ports.LiveStore``.

    Args:
        worker: this process's name.
        clock: seconds since 1970.
        board: shared with the other workers; its own if left out.
    """

    def __init__(
        self,
        worker: str,
        clock: Callable[[], float] = time.time,
        board: MemoryBoard | None = None,
    ) -> None:
        self._worker = worker
        self._clock = clock
        self._board = board or MemoryBoard()
        self._calls: set[str] = set()
        self._operators: set[str] = set()

    @property
    def worker(self) -> str:
        """This process's name."""
        return self._worker

    @property
    def is_away(self) -> bool:
        """Never true: memory is always there."""
        return False

    # -- calls -------------------------------------------------------------------------------

    async def show(self, snapshots: Sequence[CallSnapshot]) -> None:
        """Show calls of this worker, or that they still live."""
        self._calls.update(snapshot.call for snapshot in snapshots)
        self._board.show(snapshots, self._clock())

    async def end(self, call: str) -> None:
        """A call of this worker is over."""
        self._calls.discard(call)
        self._board.end([call], self._clock())

    async def calls(self) -> tuple[CallSnapshot, ...]:
        """Every call there is, the oldest first."""
        return self._board.calls(self._clock())

    async def lost(self) -> tuple[CallSnapshot, ...]:
        """Calls that vanished without an end."""
        return self._board.lost(self._clock())

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[str]]:
        """Call keys as their snapshots change or go, and ``duty``."""
        inbox = KeyInbox()
        self._board.watchers.append(inbox)
        looking = asyncio.create_task(self._look())
        try:
            yield inbox
        finally:
            self._board.watchers.remove(inbox)
            looking.cancel()

    async def _look(self) -> None:
        while True:
            self._board.sweep(self._clock())
            await asyncio.sleep(LOOK_S)

    # -- what happens in a call ----------------------------------------------------------------

    async def publish(self, call: str, observations: Sequence[Observation]) -> None:
        """Say what happened, in order."""
        now = self._clock()
        self._board.channel(call, now).publish(observations, now)

    async def forget_words(self, call: str) -> None:
        """Forget what was said in a call."""
        self._board.channel(call, self._clock()).forget_words()

    @asynccontextmanager
    async def events(self, call: str) -> AsyncIterator[AsyncIterator[Observation]]:
        """What happened so far, then what happens, to ``CallEnded``."""
        onlooker = self._board.channel(call, self._clock()).look()
        try:
            yield onlooker
        finally:
            onlooker.close()

    # -- commands ------------------------------------------------------------------------------

    async def send(self, command: Command) -> Answer:
        """Send a command to the worker that holds its call and wait for the answer."""
        question = self._board.ask(command, self._clock())
        if question is None:
            return Answer(Outcome.UNANSWERED)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await question.answered.wait()
        except TimeoutError:
            pass
        return question.answer or Answer(Outcome.UNANSWERED)

    @asynccontextmanager
    async def orders(self) -> AsyncIterator[AsyncIterator[Command]]:
        """Commands for the calls of this worker, each once, none that is stale."""
        yield _OrdersTaken(self._board.orders(self._worker), self._clock)

    async def answer(self, command: Command, answer: Answer) -> None:
        """Say what became of a command; the first answer counts."""
        self._board.settle(command, answer, self._clock())

    # -- voices --------------------------------------------------------------------------------

    async def speak(self, call: str, side: Side, mulaw: bytes) -> None:
        """Pass a voice on to whoever listens now."""
        self._board.speak(call, side, mulaw)

    @asynccontextmanager
    async def voice(self, call: str, side: Side) -> AsyncIterator[AsyncIterator[bytes]]:
        """A voice as it comes; a slow listener misses the oldest."""
        inbox = VoiceInbox()
        listeners = self._board.listeners.setdefault((call, side), [])
        listeners.append(inbox)
        try:
            yield inbox
        finally:
            listeners.remove(inbox)
            if not listeners:
                self._board.listeners.pop((call, side), None)

    # -- operators -----------------------------------------------------------------------------

    async def attend(self, duty: OnDuty) -> None:
        """An operator is there, or still is."""
        self._operators.add(duty.operator)
        self._board.attend(self._worker, duty, self._clock())

    async def leave(self, operator: str) -> None:
        """An operator goes."""
        self._operators.discard(operator)
        self._board.leave(self._worker, [operator])

    async def on_duty(self) -> tuple[OnDuty, ...]:
        """The operators who are there, by account."""
        return self._board.on_duty(self._clock())

    # -- the store itself ----------------------------------------------------------------------

    async def close(self) -> None:
        """Take this worker's calls and operators out."""
        self._board.end(self._calls, self._clock())
        self._board.leave(self._worker, self._operators)
        self._board.dismiss(self._worker)
        self._calls.clear()
        self._operators.clear()


class _OrdersTaken:
    """An asynchronous iterator over a worker's commands that are still wanted."""

    def __init__(self, orders: Orders, clock: Callable[[], float]) -> None:
        self._orders = orders
        self._clock = clock

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Command:
        while True:
            while self._orders.waiting:
                command = self._orders.waiting.popleft()
                if not command.is_stale(self._clock()):
                    return command
            self._orders.ready.clear()
            await self._orders.ready.wait()
