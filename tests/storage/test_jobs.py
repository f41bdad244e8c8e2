"""Jobs that do themselves, on one of several workers."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from tests.storage.household import NOON, Household
from voice_agent.runtime.jobs import Job, Jobs
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.database import Database
from voice_agent.storage.jobs import SqlJobBook

pytestmark = pytest.mark.integration  # a real database on a real disk

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def household(database: Database) -> Household:
    return Household(database)


@pytest.fixture
def book(database: Database) -> SqlJobBook:
    return SqlJobBook(database)


class Work:
    """Something to do.

    Attributes:
        done: how often it was done.
        faults: what it raises first.
        seconds: what it takes.
    """

    def __init__(self, *faults: Exception, seconds: float = 0.0) -> None:
        self.done = 0
        self.faults = list(faults)
        self.seconds = seconds
        self.began = asyncio.Event()
        self.finished: asyncio.Queue[None] = asyncio.Queue()

    async def __call__(self) -> None:
        self.began.set()
        await asyncio.sleep(self.seconds)
        if self.faults:
            raise self.faults.pop(0)
        self.done += 1
        self.finished.put_nowait(None)

    def as_job(self) -> Job:
        return Job(name="sweep", every=HOUR, longest=10 * MINUTE, work=self)


async def idle() -> None:
    """Nothing."""


JOB = Job(name="sweep", every=HOUR, longest=10 * MINUTE, work=idle)


async def test_of_many_workers_one_gets_the_job(household: Household, book: SqlJobBook) -> None:
    got = await asyncio.gather(*(book.claim(JOB, household.now) for _ in range(9)))
    assert sorted(got) == [False] * 8 + [True]


async def test_a_job_is_due_again_when_its_time_has_passed(
    household: Household, book: SqlJobBook
) -> None:
    now = household.now
    assert await book.claim(JOB, now)
    await book.done(JOB, now)
    assert not await book.claim(JOB, now + HOUR - SECOND)
    assert await book.claim(JOB, now + HOUR)


async def test_a_worker_that_died_loses_the_job_after_its_time(
    household: Household, book: SqlJobBook
) -> None:
    now = household.now
    assert await book.claim(JOB, now)
    assert not await book.claim(JOB, now + 10 * MINUTE - SECOND)
    assert await book.claim(JOB, now + 10 * MINUTE)


async def test_a_clock_that_was_set_back_does_not_stop_the_job_for_years(
    household: Household, book: SqlJobBook
) -> None:
    later = household.now + timedelta(days=3650)
    assert await book.claim(JOB, later)
    await book.done(JOB, later)
    assert await book.claim(JOB, household.now)


async def test_two_jobs_do_not_wait_for_each_other(household: Household, book: SqlJobBook) -> None:
    other = Job(name="other", every=HOUR, longest=HOUR, work=idle)
    assert await book.claim(JOB, household.now)
    assert await book.claim(other, household.now)


async def test_a_job_does_itself_and_not_again_before_its_time(
    household: Household, book: SqlJobBook
) -> None:
    work = Work()
    jobs = [Jobs([work.as_job()], book, household.clock, look_seconds=0.01) for _ in range(3)]
    for each in jobs:
        each.start()
    await work.finished.get()
    await asyncio.sleep(0.1)
    assert work.done == 1
    household.now += HOUR
    await work.finished.get()
    for each in jobs:
        await each.stop()


@pytest.mark.parametrize("fault", [RecordsUnavailable("away"), KeyError("a mistake of ours")])
async def test_a_job_that_fails_is_logged_with_its_code_and_tried_again(
    household: Household, book: SqlJobBook, fault: Exception
) -> None:
    work = Work(fault)
    jobs = Jobs([work.as_job()], book, household.clock, look_seconds=0.01)
    with capture_logs() as lines:
        jobs.start()
        await work.began.wait()
        await asyncio.sleep(0.1)
        assert work.done == 0
        household.now += MINUTE
        await work.finished.get()
        await jobs.stop()
    failed = [line for line in lines if line["event"] == "job_failed"]
    assert [line["fault"] for line in failed] == [type(fault).__name__]
    assert [line["code"] for line in failed] == [getattr(fault, "code", "unexpected")]


async def test_a_job_that_is_stopped_in_the_middle_is_free_for_the_next_worker(
    household: Household, book: SqlJobBook
) -> None:
    work = Work(seconds=60)
    jobs = Jobs([work.as_job()], book, household.clock, look_seconds=0.01)
    jobs.start()
    await work.began.wait()
    await jobs.stop()
    assert work.done == 0
    assert await book.claim(JOB, household.now)


async def test_a_job_that_takes_too_long_is_given_up(
    household: Household, book: SqlJobBook
) -> None:
    work = Work(seconds=60)
    job = Job(name="sweep", every=HOUR, longest=timedelta(seconds=0.05), work=work)
    jobs = Jobs([job], book, household.clock, look_seconds=0.01)
    with capture_logs() as lines:
        jobs.start()
        await work.began.wait()
        await asyncio.sleep(0.2)
        await jobs.stop()
    assert "job_failed" in [line["event"] for line in lines]


class Away:
    """A list of jobs that cannot be read.

    Attributes:
        looks: an entry for each time somebody tried.
    """

    def __init__(self) -> None:
        self.looks: asyncio.Queue[None] = asyncio.Queue()

    async def claim(self, job: Job, at: datetime) -> bool:
        del job, at
        self.looks.put_nowait(None)
        raise RecordsUnavailable("away")

    async def done(self, job: Job, at: datetime) -> None:
        del job, at

    async def release(self, job: Job, until: datetime) -> None:
        del job, until


async def test_a_database_that_is_away_is_told_and_asked_again() -> None:
    away = Away()
    jobs = Jobs([JOB], away, lambda: NOON, look_seconds=0.01)
    with capture_logs() as lines:
        jobs.start()
        for _ in range(3):
            await away.looks.get()
        await jobs.stop()
    assert {line["event"] for line in lines} == {"jobs_not_read"}
