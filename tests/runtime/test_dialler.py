"""The dialler: what it does of a claim, whatever the carrier, the calendar and the database do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from consent.outreach import NotPermitted, OutreachPermit, permit
from tests.outbound.company import NOW, POLICY, reminder
from voice_agent.outbound.claim import Appointment, Claim, Outcome
from voice_agent.runtime.dialler import LONGEST_REST, Dialler
from voice_agent.runtime.dialling import DiallingError, Meaning
from voice_agent.runtime.pace import Pace, PaceAway, Turn
from voice_agent.runtime.records import RecordsUnavailable

NUMBER = "+4915120000000"
CALL = "CA" + "2" * 32


@dataclass
class Book:
    """Claims of one worker, as the database keeps them.

    Attributes:
        waiting: claims that are due.
        away: methods at which the database is away.
        told: what was written down, in order.
        refused: nothing is to be dialled.
    """

    waiting: list[Claim] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    told: list[tuple[object, ...]] = field(default_factory=list)
    refused: bool | Exception = False

    def _write(self, name: str, *said: object) -> None:
        if name in self.away:
            raise RecordsUnavailable("the list of reminders cannot be used")
        self.told.append((name, *said))

    async def claim(self, now: datetime, worker: str) -> Claim | None:
        del now, worker
        if "claim" in self.away:
            raise RecordsUnavailable("the list of reminders cannot be used")
        return self.waiting.pop(0) if self.waiting else None

    async def dial(self, claim: Claim, now: datetime) -> bool:
        if isinstance(self.refused, Exception):
            raise self.refused
        claim.permit.spend(claim.reminder, claim.attempt, now)
        if not self.refused:
            self._write("dial", claim.id)
        return not self.refused

    async def dialled(self, claim: Claim, call_id: str) -> None:
        self._write("dialled", claim.id, call_id)

    async def release(self, claim: Claim, again_at: datetime | None) -> bool:
        self._write("release", claim.id, again_at)
        return True

    async def give_up(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        del now
        self._write("give_up", claim.id, outcome)
        return True

    async def halt(self, reason: str) -> bool:
        self._write("halt", reason)
        return True


@dataclass
class Line:
    """A carrier.

    Attributes:
        answers: what it does with each request: a call's identifier, or a meaning.
        asked: whom it was to ring up.
        held: it answers nobody as long as this is not set.
    """

    answers: list[str | Meaning] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def call(self, to: str, claim: str, language: str) -> str:
        self.asked.append((to, claim, language))
        if self.held is not None:
            await self.held.wait()
        answer = self.answers.pop(0) if self.answers else CALL
        if isinstance(answer, Meaning):
            raise DiallingError(answer, 20003 if answer is Meaning.STOP else None)
        return answer


@dataclass
class House:
    """A dialler with everything around it."""

    book: Book = field(default_factory=Book)
    line: Line = field(default_factory=Line)
    pace: Pace = field(default_factory=lambda: Pace(100))
    now: datetime = NOW
    stands: bool | None = True
    asked_of: list[Appointment] = field(default_factory=list)

    def dialler(self) -> Dialler:
        async def stands(appointment: Appointment) -> bool | None:
            self.asked_of.append(appointment)
            return self.stands

        return Dialler(
            claims=self.book,
            undialled=self.book,
            dialling=self.line,
            pace=self.pace,
            stands=stands,
            halt=self.book.halt,
            clock=lambda: self.now,
            worker="w1",
            look_s=0.001,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Dialler]:
        dialler = self.dialler()
        dialler.start()
        yield dialler
        await dialler.stop()

    async def ring(self) -> list[tuple[object, ...]]:
        """Make the call that is due; what was written down of it."""
        dialler = self.dialler()
        assert await dialler.take_one()
        await dialler.drain()
        return self.book.told


def claim(name: str = "c1") -> Claim:
    lead = reminder(name)
    made = permit(POLICY.facts(lead, NOW, listed=False))
    assert isinstance(made, OutreachPermit)
    about = Appointment(reminder=lead.key, starts_at=lead.starts_at, appointment="A-1")
    return Claim(
        id=name, permit=made, appointments=(about,), number=NUMBER, person="p", language="en"
    )


@pytest.fixture
def house() -> House:
    return House(Book(waiting=[claim()]))


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 (of what the dialler did)
            await asyncio.sleep(0.001)


# -- one call --------------------------------------------------------------------------------------


async def test_a_call_is_written_down_before_the_request_and_after_it(house: House) -> None:
    assert await house.ring() == [("dial", "c1"), ("dialled", "c1", CALL)]
    assert house.line.asked == [(NUMBER, "c1", "en")]
    assert [each.appointment for each in house.asked_of] == ["A-1"]


async def test_with_nothing_due_nobody_is_rung_up_and_the_turn_is_given_back() -> None:
    house = House(pace=Pace(1))
    dialler = house.dialler()
    assert not await dialler.take_one()
    house.book.waiting = [claim()]
    assert await dialler.take_one()
    await dialler.drain()
    assert len(house.line.asked) == 1


@pytest.mark.parametrize("stands", [False, None])
async def test_an_appointment_that_does_not_stand_is_not_rung_up_about(
    house: House, stands: bool | None
) -> None:
    """Moved or cancelled since it was planned; or nobody can tell, for the calendar is away."""
    house.stands = stands
    assert await house.ring() == [("release", "c1", None)]
    assert house.line.asked == []


@pytest.mark.parametrize("refused", [True, NotPermitted("the permit does not hold")])
async def test_c26_what_may_not_be_dialled_is_not(house: House, refused: bool | Exception) -> None:
    """It has lapsed, all are stopped since, or the number is on the do-not-call list by now."""
    house.book.refused = refused
    assert await house.ring() == []
    assert house.line.asked == []


async def test_c26_a_permit_that_ran_out_while_the_calendar_was_asked_dials_nothing(
    house: House,
) -> None:
    house.now += timedelta(seconds=61)
    assert await house.ring() == []
    assert house.line.asked == []


# -- what the carrier means ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meaning", "outcome"),
    [(Meaning.INVALID_NUMBER, Outcome.UNREACHABLE), (Meaning.NOT_ALLOWED, Outcome.FAILED)],
)
async def test_a_number_that_cannot_be_rung_up_is_given_up(
    house: House, meaning: Meaning, outcome: Outcome
) -> None:
    house.line.answers = [meaning]
    assert await house.ring() == [("dial", "c1"), ("give_up", "c1", outcome)]


@pytest.mark.parametrize("meaning", [Meaning.TOO_FAST, Meaning.AWAY])
async def test_what_was_not_processed_is_no_attempt_and_tried_again_later(
    house: House, meaning: Meaning
) -> None:
    house.line.answers = [meaning]
    again = NOW + timedelta(seconds=2)
    assert await house.ring() == [("dial", "c1"), ("release", "c1", again)]


async def test_c26_what_may_ring_is_neither_taken_back_nor_dialled_again(house: House) -> None:
    house.line.answers = [Meaning.UNKNOWN]
    assert await house.ring() == [("dial", "c1")]
    assert len(house.line.asked) == 1


async def test_a_refusal_for_all_stops_all_and_costs_no_attempt(house: House) -> None:
    house.line.answers = [Meaning.STOP]
    assert await house.ring() == [
        ("dial", "c1"),
        ("halt", "carrier_refused_20003"),
        ("release", "c1", None),
    ]


async def test_an_hour_without_the_carrier_loses_nothing_and_asks_less_and_less() -> None:
    house = House(line=Line(answers=[Meaning.AWAY] * 1000))
    dialler = house.dialler()
    while house.now < NOW + timedelta(hours=1):
        house.book.waiting = (
            [claim("c")] if house.now < NOW + timedelta(seconds=50) else [later(house)]
        )
        await dialler.take_one()
        await until(lambda: not dialler._ringing)
        house.now += timedelta(seconds=1)
    asked = len(house.line.asked)
    assert 12 <= asked <= 20  # 2, 4, 8 ... 256 s, then every 300 s
    kinds = [name for name, *_ in house.book.told]
    assert (kinds.count("dial"), kinds.count("release")) == (asked, asked)
    house.line.answers, house.now = [], house.now + LONGEST_REST
    house.book.waiting = [later(house)]
    assert await dialler.take_one()
    await dialler.drain()
    assert house.book.told[-1][0] == "dialled"


async def test_calls_that_fail_together_are_tried_again_together() -> None:
    house = House(Book(waiting=[claim(f"c{number}") for number in range(9)]))
    house.line.answers = [Meaning.TOO_FAST] * 9
    house.line.held = asyncio.Event()
    async with house.running() as dialler:
        await until(lambda: len(house.line.asked) == 9)
        house.line.held.set()
        await dialler.drain()
    again = {said[2] for said in house.book.told if said[0] == "release"}
    assert again == {NOW + timedelta(seconds=2)}


def later(house: House) -> Claim:
    """A claim with a permit of that moment."""
    lead = reminder("c")
    made = permit(POLICY.facts(lead, house.now, listed=False))
    assert isinstance(made, OutreachPermit)
    about = Appointment(reminder=lead.key, starts_at=lead.starts_at, appointment=None)
    return Claim(
        id="c", permit=made, appointments=(about,), number=NUMBER, person="p", language="de"
    )


# -- what the database does ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "told", "asked"),
    [
        ("dial", [], 0),
        ("dialled", [("dial", "c1")], 1),  # the carrier's callback finds the claim by its name
        ("release", [("dial", "c1")], 1),
    ],
)
async def test_c26_with_the_database_away_nothing_is_dialled_twice(
    house: House, away: str, told: list[tuple[object, ...]], asked: int
) -> None:
    house.book.away = {away}
    house.line.answers = [Meaning.AWAY] if away == "release" else []
    assert await house.ring() == told
    assert len(house.line.asked) == asked


async def test_a_worker_goes_on_when_the_database_is_back(house: House) -> None:
    house.book.away = {"claim"}
    async with house.running():
        await asyncio.sleep(0.02)
        assert house.line.asked == []
        house.book.away = set()
        await until(lambda: len(house.line.asked) == 1)


class NoRedis(Pace):
    """A pace whose Redis is away as long as nobody says otherwise."""

    away = True

    async def take(self) -> Turn | None:
        if self.away:
            raise PaceAway("Redis is away")
        return await super().take()


async def test_with_redis_away_nothing_is_claimed_until_it_is_back(house: House) -> None:
    house.pace = pace = NoRedis(100)
    with capture_logs() as lines:
        async with house.running():
            await asyncio.sleep(0.05)
            assert len(house.book.waiting) == 1
            pace.away = False
            await until(lambda: len(house.line.asked) == 1)
    told = [line["code"] for line in lines if line["event"] == "nobody_is_rung_up"]
    assert told == ["pace_away"]  # once, however often it was tried


async def test_a_fault_nobody_expected_costs_one_call() -> None:
    house = House(Book(waiting=[claim("c1"), claim("c2")]))
    house.line.answers = [Meaning.STOP]

    async def broken(reason: str) -> bool:
        raise LookupError(reason)

    house.book.halt = broken  # type: ignore[method-assign]
    async with house.running():
        await until(lambda: len(house.line.asked) >= 1)
        house.now += timedelta(seconds=3)
        await until(lambda: len(house.line.asked) == 2)


# -- stopping --------------------------------------------------------------------------------------


async def test_whoever_drains_finishes_what_was_taken_and_takes_no_more() -> None:
    house = House(Book(waiting=[claim("c1"), claim("c2")]), pace=Pace(1))
    house.line.held = asyncio.Event()
    async with house.running() as dialler:
        await until(lambda: len(house.line.asked) == 1)
        draining = asyncio.create_task(dialler.drain(5))
        await asyncio.sleep(0)
        house.line.held.set()
        assert await draining == 1
        assert house.book.told == [("dial", "c1"), ("dialled", "c1", CALL)]
        assert [each.id for each in house.book.waiting] == ["c2"]


async def test_c26_a_worker_cut_off_in_the_middle_leaves_the_attempt_as_made(house: House) -> None:
    house.line.held = asyncio.Event()  # never
    dialler = house.dialler()
    dialler.start()
    await until(lambda: len(house.line.asked) == 1)
    await dialler.drain(0.01)
    for task in dialler._ringing:
        task.cancel()
    await until(lambda: not dialler._ringing)
    assert house.book.told == [("dial", "c1")]
    await dialler.stop()
