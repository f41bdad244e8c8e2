"""What one call has done: judged in full, done once, written down without what it was about."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from voice_agent.call.events import Event, ToolAnswered
from voice_agent.dialogue.tool import AWAY, BAD_NUMBER, DENIED, ToolAnswer, ToolRequest
from voice_agent.runtime.audit import Actor
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.tasks import CallTasks
from voice_agent.runtime.tool_work import ToolWork
from voice_agent.tools.authorise import LIMITS, AuthorisedCall, Policy
from voice_agent.tools.toolbox import Toolbox

START = "2026-11-24T10:00"
ROW: Mapping[str, str] = {"start": START, "date": "2026-11-24", "time": "10:00"}


class Bench:
    """The tools of one call: they note what runs, and wait if they are told to."""

    def __init__(self) -> None:
        self.ran: list[AuthorisedCall] = []
        self.notes: list[tuple[str, str, str, str | None]] = []
        self.events: list[Event] = []
        self.go = asyncio.Event()
        self.go.set()
        self.writes = True
        self.metrics = Metrics()
        self.tasks = CallTasks(lambda fault: pytest.fail(repr(fault)))
        tools = ("calendar.free", "calendar.book", "callback.request")
        self.work = ToolWork(
            toolbox=Toolbox(
                dict.fromkeys(tools, self.run),
                policy=Policy(frozenset({"oil-change"}), frozenset({"DE"})),
            ),
            audit=self,
            metrics=self.metrics,
            call_id="CA1",
            number=None,
            tasks=self.tasks,
            post=self.events.append,
        )

    async def run(self, call: AuthorisedCall) -> ToolAnswer:
        self.ran.append(call)
        await self.go.wait()
        outcome = {"calendar.free": "free", "calendar.book": "booked"}.get(call.request.tool)
        return ToolAnswer(call.request, outcome or "requested", rows=(ROW,))

    async def note(
        self, actor: Actor, action: str, outcome: str, object_id: str | None = None
    ) -> None:
        if not self.writes:
            raise RecordsUnavailable("no")
        self.notes.append((actor, action, outcome, object_id))

    async def use(self, *requests: ToolRequest) -> list[str]:
        """Have these done at once; the outcomes."""
        there = len(self.events)
        for request in requests:
            self.work.use(request)
        await self.tasks.settle()
        answered = [event for event in self.events[there:] if isinstance(event, ToolAnswered)]
        return [event.answer.outcome for event in answered]


def request(tool: str, number: int = 1, **arguments: str) -> ToolRequest:
    confirmed = frozenset(arguments)
    return ToolRequest(tool, arguments, "de", "book_appointment", 1, number, confirmed)


FREE = request("calendar.free", 1, service="oil-change", date="2026-11-24")
BOOK = request(
    "calendar.book", 2, service="oil-change", start=START, name="Fischer", phone="+491723456789"
)
RING = request("callback.request", 3, name="Fischer", phone="+491723456789")


@pytest.fixture
async def bench() -> Bench:
    opened = Bench()
    opened.work.open()
    return opened


async def test_what_was_told_can_be_booked_and_nothing_else(bench: Bench) -> None:
    assert await bench.use(BOOK) == [DENIED]
    assert await bench.use(FREE) == ["free"]
    assert await bench.use(replace(BOOK, number=3)) == ["booked"]
    other = replace(BOOK, number=4, arguments={**BOOK.arguments, "start": "2026-11-24T11:00"})
    assert await bench.use(other) == [DENIED]
    assert [each.request.tool for each in bench.ran] == ["calendar.free", "calendar.book"]


async def test_every_decision_is_written_down_without_what_it_is_about(bench: Bench) -> None:
    await bench.use(BOOK)
    await bench.use(FREE)
    assert bench.notes == [
        ("caller", "calendar.book", "not_offered", "CA1"),
        ("caller", "calendar.free", "permitted", "CA1"),
    ]
    assert bench.metrics.counted("tool_refused") == 1


async def test_a_permission_is_used_once(bench: Bench) -> None:
    """Asked for twice at the same time, it is done once and answered once."""
    assert await bench.use(RING, RING) == ["requested"]
    assert await bench.use(RING) == []
    assert len(bench.ran) == 1
    assert [outcome for _, _, outcome, _ in bench.notes] == ["permitted", "repeated", "repeated"]


async def test_as_much_is_done_as_one_call_may_have_done(bench: Bench) -> None:
    most = LIMITS["callback.request"]
    asked = [replace(RING, number=number) for number in range(1, most + 2)]
    assert sorted(await bench.use(*asked)) == sorted(["requested"] * most + [DENIED])
    assert len(bench.ran) == most


async def test_a_number_nobody_rings_back_has_an_outcome_of_its_own(bench: Bench) -> None:
    costly = replace(RING, arguments={**RING.arguments, "phone": "+499001234567"})
    assert await bench.use(costly) == [BAD_NUMBER]
    assert bench.ran == []


async def test_nothing_is_permitted_before_the_consent_or_after_its_withdrawal() -> None:
    bench = Bench()
    assert await bench.use(FREE) == [DENIED]
    bench.work.open()
    assert await bench.use(FREE) == ["free"]
    bench.work.stop()
    assert await bench.use(replace(FREE, number=2)) == [DENIED]
    bench.work.open()
    assert await bench.use(BOOK) == [DENIED]  # what had been told is forgotten


async def test_what_cannot_be_written_down_is_not_done(bench: Bench) -> None:
    bench.writes = False
    assert await bench.use(FREE) == [AWAY]
    assert bench.ran == []
