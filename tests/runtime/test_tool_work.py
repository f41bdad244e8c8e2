"""What a call has done for the caller: permitted or not, written down, always answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from tests.runtime.paper import PaperAudit
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.call.events import Event, ToolAnswered
from voice_agent.dialogue.tool import AWAY, DENIED, ToolAnswer, ToolRequest
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.tasks import CallTasks
from voice_agent.runtime.tool_work import PATIENCE, ToolWork
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.toolbox import Toolbox

CALL: Final = "CA1"
FREE: Final = ToolRequest(
    "calendar.free",
    {"service": "tyres", "date": "2026-12-01"},
    "de",
    "book_appointment",
    1,
    1,
)
BOOK: Final = ToolRequest(
    "calendar.book",
    {
        "service": "tyres",
        "start": "2026-12-01T09:00",
        "name": "Mia Lang",
        "phone": "+4930901820",
    },
    "de",
    "book_appointment",
    1,
    2,
    frozenset({"service", "start", "name", "phone"}),
)
ROW: Final = {"start": "2026-12-01T09:00", "date": "2026-12-01", "time": "09:00"}


@dataclass
class Counter:
    """The tools of a company where everything takes its time.

    Attributes:
        seconds: how long.
        fault: raised instead of an answer.
        loses: what is booked is booked, and nobody hears of it.
        done: what was done, by key.
    """

    seconds: float = 0.1
    fault: Exception | None = None
    loses: bool = False
    done: list[tuple[str, str]] = field(default_factory=list)

    async def free(self, call: AuthorisedCall) -> ToolAnswer:
        await self._work(call)
        return ToolAnswer(call.request, "free", rows=(ROW,))

    async def book(self, call: AuthorisedCall) -> ToolAnswer:
        await self._work(call)
        if self.loses:
            return ToolAnswer(call.request, AWAY)
        return ToolAnswer(call.request, "booked", {"date": "2026-12-01", "time": "09:00"})

    async def _work(self, call: AuthorisedCall) -> None:
        await asyncio.sleep(self.seconds)
        if self.fault is not None:
            raise self.fault
        self.done.append((call.request.tool, call.key))


@dataclass
class Bench:
    """One call's tools with everything they touch."""

    counter: Counter
    audit: PaperAudit
    events: list[Event]
    work: ToolWork
    tasks: CallTasks
    faults: list[BaseException]

    @property
    def outcomes(self) -> list[str]:
        return [event.answer.outcome for event in self.events if isinstance(event, ToolAnswered)]

    @property
    def decisions(self) -> list[tuple[str, str]]:
        return [(action, outcome) for _, action, outcome, _ in self.audit.notes]


@pytest.fixture
def bench() -> Iterator[Bench]:
    counter, audit = Counter(), PaperAudit()
    events: list[Event] = []
    faults: list[BaseException] = []
    tasks = CallTasks(faults.append)
    work = ToolWork(
        toolbox=Toolbox({"calendar.free": counter.free, "calendar.book": counter.book}),
        audit=audit,
        metrics=Metrics(),
        call_id=CALL,
        number="+4930901820",
        tasks=tasks,
        post=events.append,
    )
    yield Bench(counter, audit, events, work, tasks, faults)
    assert faults == []


@in_virtual_time
async def test_nothing_is_done_before_the_caller_has_accepted(bench: Bench) -> None:
    bench.work.use(FREE)
    await bench.tasks.settle()
    assert bench.outcomes == [DENIED]
    assert bench.counter.done == []
    assert bench.decisions == [("calendar.free", "no_consent")]


@in_virtual_time
async def test_what_is_permitted_is_done_and_answered(bench: Bench) -> None:
    bench.work.open()
    bench.work.use(FREE)
    await bench.tasks.settle()
    bench.work.use(BOOK)
    await bench.tasks.settle()
    assert bench.outcomes == ["free", "booked"]
    assert bench.counter.done == [
        ("calendar.free", "CA1:book_appointment:1:1"),
        ("calendar.book", "CA1:book_appointment:1:2"),
    ]
    assert bench.decisions == [("calendar.free", "permitted"), ("calendar.book", "permitted")]


@in_virtual_time
async def test_what_changes_something_needs_the_callers_yes_to_all_of_it(bench: Bench) -> None:
    bench.work.open()
    bench.work.use(FREE)
    await bench.tasks.settle()
    bench.work.use(replace(BOOK, confirmed=BOOK.confirmed - {"start"}))
    await bench.tasks.settle()
    assert bench.outcomes[-1] == DENIED
    assert bench.decisions[-1] == ("calendar.book", "not_confirmed")


@in_virtual_time
async def test_a_decision_that_cannot_be_written_down_is_not_carried_out(bench: Bench) -> None:
    bench.work.open()
    bench.audit.fault = RecordsUnavailable("the disk is full")
    bench.work.use(FREE)
    await bench.tasks.settle()
    assert bench.outcomes == [AWAY]
    assert bench.counter.done == []


@in_virtual_time
async def test_a_tool_that_fails_or_takes_too_long_is_away(bench: Bench) -> None:
    bench.work.open()
    bench.counter.fault = ValueError("Mia Lang")
    bench.work.use(FREE)
    await bench.tasks.settle()
    bench.counter.fault, bench.counter.seconds = None, PATIENCE + 1
    bench.work.use(replace(FREE, number=2))
    await bench.tasks.settle()
    assert bench.outcomes == [AWAY, AWAY]


AGAIN: Final = replace(BOOK, run=7, number=5)
"""The same appointment, asked for by a flow that was begun anew."""


async def ask(bench: Bench, *requests: ToolRequest) -> None:
    for request in requests:
        bench.work.use(request)
        await bench.tasks.settle()


@in_virtual_time
async def test_what_may_have_been_done_is_tried_again_with_the_key_it_had(bench: Bench) -> None:
    bench.work.open()
    await ask(bench, FREE)
    bench.counter.loses = True
    await ask(bench, BOOK)
    bench.counter.loses = False
    await ask(bench, AGAIN)
    assert bench.outcomes == ["free", AWAY, "booked"]
    assert [key for tool, key in bench.counter.done if tool == "calendar.book"] == [
        "CA1:book_appointment:1:2",
        "CA1:book_appointment:1:2",
    ]


@in_virtual_time
async def test_once_it_is_known_what_came_of_it_another_try_is_another_deed(bench: Bench) -> None:
    bench.work.open()
    await ask(bench, FREE)
    bench.counter.loses = True
    await ask(bench, BOOK)
    bench.counter.loses = False
    await ask(bench, AGAIN, replace(AGAIN, number=6))
    assert bench.counter.done[-1] == ("calendar.book", "CA1:book_appointment:7:6")


@in_virtual_time
async def test_another_appointment_after_it_has_a_key_of_its_own(bench: Bench) -> None:
    bench.work.open()
    await ask(bench, FREE)
    bench.counter.loses = True
    await ask(bench, BOOK)
    other = replace(AGAIN, arguments={**AGAIN.arguments, "name": "Mia Kurz"})
    await ask(bench, other)
    assert bench.counter.done[-1] == ("calendar.book", "CA1:book_appointment:7:5")


@in_virtual_time
async def test_a_withdrawal_stops_what_is_being_done(bench: Bench) -> None:
    bench.work.open()
    bench.work.use(FREE)
    await asyncio.sleep(0.05)
    bench.work.stop()
    await bench.tasks.settle()
    assert bench.outcomes == []
    assert bench.counter.done == []
    bench.work.use(replace(FREE, number=2))
    await bench.tasks.settle()
    assert bench.decisions[-1] == ("calendar.free", "no_consent")


@in_virtual_time
async def test_what_was_said_yes_to_is_done_even_if_the_caller_hangs_up(bench: Bench) -> None:
    bench.work.open()
    bench.work.use(FREE)
    await bench.tasks.settle()
    bench.work.use(BOOK)
    await asyncio.sleep(0.05)
    bench.work.close()
    await bench.tasks.settle()
    assert bench.counter.done[-1][0] == "calendar.book"
