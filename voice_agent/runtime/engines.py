"""The engines of one process, loaded once and shared by its calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from voice_agent.dialogue.understanding.ports import Understander
from voice_agent.speech.ports import EndOfTurn, Recogniser
from voice_agent.speech.voice import Voice

T = TypeVar("T")

STUCK_S: Final = 20.0
"""Seconds after which work that fills every thread counts as stuck: no call waits half as long."""


class Ticket:
    """A place in a queue. Whoever holds it may come to be in a hurry while they wait."""

    __slots__ = ("urgent",)

    def __init__(self, *, urgent: bool = True) -> None:
        self.urgent = urgent
        """Goes before all that are not, however long they have waited."""


class WorkerPool:
    """So many threads, with a queue in front of them that can be left.

    Who is in a hurry goes first, and among equals who came first.

    An executor's own queue keeps what was put into it, a caller's audio included, until a thread
    comes by, whether or not anybody still wants it. Here work waits as a coroutine: cancelling it
    frees everything it holds. Work that runs cannot be stopped, and keeps its thread to its end.

    Use it on one event loop.

    Args:
        executor: runs the work.
        size: how many threads it has.
    """

    def __init__(self, executor: Executor, size: int) -> None:
        self._executor = executor
        self._size = size
        self._free = size
        self._waiting: list[tuple[Ticket, asyncio.Future[None]]] = []
        self._busy = 0
        self._full_since: float | None = None
        self._alarm: asyncio.TimerHandle | None = None

    @classmethod
    def of_threads(cls, size: int, name: str) -> WorkerPool:
        """A pool of threads of its own."""
        return cls(ThreadPoolExecutor(size, name), size)

    def is_stuck(self, now: float) -> bool:
        """True if for ``STUCK_S`` every thread has been busy with one and the same piece of work.

        Args:
            now: seconds of the event loop's clock.
        """
        return self._full_since is not None and now >= self._full_since + STUCK_S

    async def run(
        self,
        work: Callable[[], T],
        *,
        patience: float | None = None,
        on_stuck: Callable[[], None] = lambda: None,
        ticket: Ticket | None = None,
    ) -> T:
        """Run work in a thread.

        Args:
            work: called once; not at all if this is cancelled before a thread is free.
            patience: longest wait for a thread, seconds; ``None`` waits for ever.
            on_stuck: told, once, if the pool gets stuck with this work begun last.
            ticket: its place in the queue; without one it is urgent.

        Raises:
            TimeoutError: no thread was free in time.
            RuntimeError: the pool was closed.
        """
        async with asyncio.timeout(patience):
            await self._place(ticket or Ticket())
        try:
            job = self._executor.submit(work)
        except RuntimeError:
            self._release()
            raise
        self._began(job, on_stuck)
        return await asyncio.wrap_future(job)

    def close(self) -> None:
        """Let go of the threads; work that is running is finished, waiting work is dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _place(self, ticket: Ticket) -> None:
        """Wait for a thread. A place that comes after the wait was given up goes to the next."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ticket, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        """Give a place to whoever is next, or keep it free."""
        self._waiting = [each for each in self._waiting if not each[1].done()]
        if not self._waiting:
            self._free += 1
            return
        first = min(self._waiting, key=lambda each: not each[0].urgent)  # the oldest of those
        self._waiting.remove(first)
        first[1].set_result(None)

    def _began(self, job: Future[T], on_stuck: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def done(_: Future[T]) -> None:  # in the work's thread
            with contextlib.suppress(RuntimeError):  # the loop is gone, and with it who waited
                loop.call_soon_threadsafe(self._ended)

        self._busy += 1
        if self._busy == self._size:
            self._full_since = loop.time()
            self._alarm = loop.call_at(self._full_since + STUCK_S, on_stuck)
        # The place is given back by the work, not by whoever waited and may have gone before it.
        job.add_done_callback(done)

    def _ended(self) -> None:
        self._busy -= 1
        self._full_since = None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._release()


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Ears, mouth and understanding. Each has threads of its own, so that none starves another.

    Attributes:
        recogniser: speech to text.
        voices: text to speech, by language.
        understander: words to commands.
        judge: whether a turn sounds finished; ``None`` where its model is missing.
        ears: where recognition runs.
        mouths: where synthesis runs.
        minds: where understanding runs; it may wait for a language model.
        judges: where turns are judged; a judgement is short and worth nothing late.
    """

    recogniser: Recogniser
    voices: Mapping[str, Voice]
    understander: Understander
    judge: EndOfTurn | None = None
    ears: WorkerPool = field(default_factory=lambda: WorkerPool.of_threads(2, "ears"))
    mouths: WorkerPool = field(default_factory=lambda: WorkerPool.of_threads(2, "mouth"))
    minds: WorkerPool = field(default_factory=lambda: WorkerPool.of_threads(4, "mind"))
    judges: WorkerPool = field(default_factory=lambda: WorkerPool.of_threads(1, "judge"))

    def is_stuck(self, now: float) -> bool:
        """True while the process is deaf: no ear has finished anything for ``STUCK_S``.

        Args:
            now: seconds of the event loop's clock.
        """
        return self.ears.is_stuck(now)

    def close(self) -> None:
        """Let go of the threads; work that is running is finished, waiting work is dropped."""
        for pool in (self.ears, self.mouths, self.minds, self.judges):
            pool.close()
