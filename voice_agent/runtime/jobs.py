"""Work that does itself in a running server: every so often, on one of several workers (C19)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from voice_agent.errors import VoiceAgentError

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 15.0
"""Between two looks at whether a job is due."""

RETRY: Final = timedelta(minutes=1)
"""Until a job that failed is tried again, by whichever worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something to be done again and again. Being cut off in the middle does it no harm.

    Attributes:
        name: a word for it, at most 32 characters.
        every: time from one end to the next beginning.
        longest: it is given up after so long, and then another worker may begin.
        work: does it.
    """

    name: str
    every: timedelta
    longest: timedelta
    work: Callable[[], Awaitable[Any]]


class JobBook(Protocol):
    """Which worker does what. Every method may raise ``RecordsUnavailable``."""

    async def claim(self, job: Job, at: datetime) -> bool:
        """True for one worker of all, if the job is due: it has it for ``job.longest``."""
        ...

    async def done(self, job: Job, at: datetime) -> None:
        """The job is done; it is due again after ``job.every``."""
        ...

    async def release(self, job: Job, until: datetime) -> None:
        """The job was not done; from then on anybody may try."""
        ...


class Jobs:
    """Looks for due jobs from ``start`` to ``stop``, and does them.

    Args:
        jobs: what there is to do.
        book: says who does it.
        clock: the wall clock, timezone-aware.
        look_seconds: between two looks.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        book: JobBook,
        clock: Callable[[], datetime],
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._jobs = tuple(jobs)
        self._book = book
        self._clock = clock
        self._look_seconds = look_seconds
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._tasks = [asyncio.create_task(self._again_and_again(job)) for job in self._jobs]

    async def stop(self) -> None:
        """Stop, in the middle of a job as well; it is done again from where it was committed."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _again_and_again(self, job: Job) -> None:
        while True:
            try:
                if await self._book.claim(job, self._clock()):
                    await self._do(job)
            except VoiceAgentError as fault:
                log.warning("jobs_not_read", kind=job.name, code=fault.code)
            await asyncio.sleep(self._look_seconds)

    async def _do(self, job: Job) -> None:
        try:
            async with asyncio.timeout(job.longest.total_seconds()):
                await job.work()
        except Exception as fault:  # noqa: BLE001 (whatever it was, tomorrow's run is still needed)
            code = fault.code if isinstance(fault, VoiceAgentError) else "unexpected"
            log.error("job_failed", kind=job.name, code=code, fault=type(fault).__name__)
            await self._book.release(job, self._clock() + RETRY)
        except asyncio.CancelledError:
            # The next worker need not wait until the time this one had is over.
            await asyncio.shield(self._book.release(job, self._clock()))
            raise
        else:
            log.info("job_done", kind=job.name)
            await self._book.done(job, self._clock())
