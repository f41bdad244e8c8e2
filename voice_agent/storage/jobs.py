"""Which worker does which job, in a database."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.runtime.jobs import Job
from voice_agent.storage.database import Database
from voice_agent.storage.tables import jobs
from voice_agent.storage.transaction import insert_new, transaction

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class SqlJobBook:
    """Implements ``voice_agent.runtime.jobs.JobBook``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, job: Job, at: datetime) -> bool:
        """Take the job if it is due; see the port. Of several at once one statement finds it free.

        A time in the future that nobody can have meant is one of a clock that was set back.
        """
        free = or_(jobs.c.held_until <= at, jobs.c.held_until > at + job.longest)
        due = or_(jobs.c.done_at.is_(None), jobs.c.done_at <= at - job.every, jobs.c.done_at > at)
        take = update(jobs).where(jobs.c.name == job.name, free, due)
        async with self._transaction() as connection:
            await insert_new(connection, jobs, [{"name": job.name, "held_until": _NEVER}])
            done = await connection.execute(take.values(held_until=at + job.longest))
        return done.rowcount == 1

    async def done(self, job: Job, at: datetime) -> None:
        """The job is done; see the port."""
        change = update(jobs).where(jobs.c.name == job.name).values(done_at=at, held_until=at)
        async with self._transaction() as connection:
            await connection.execute(change)

    async def release(self, job: Job, until: datetime) -> None:
        """The job was not done; see the port."""
        change = update(jobs).where(jobs.c.name == job.name).values(held_until=until)
        async with self._transaction() as connection:
            await connection.execute(change)

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the list of jobs cannot be used")
