"""A call that we made: who is told what, and what is written down of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from tests.runtime.paper import PaperAudit
from tests.runtime.virtual_time import in_virtual_time
from tests.scenarios.errands import PaperDoNotCall, PaperErrands
from voice_agent.call.events import Event, ToolAnswered
from voice_agent.dialogue.tool import ToolAnswer, ToolRequest
from voice_agent.outbound.claim import Appointment, Outcome
from voice_agent.outbound.errand import Errand
from voice_agent.runtime.errand_work import ErrandWork
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.tasks import CallTasks
from voice_agent.runtime.tool_work import ToolWork
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.toolbox import Toolbox
from voice_agent.tools.unwanted_tools import UnwantedTools

SOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
ERRAND = Errand(
    claim="claim-1",
    number="+491723456789",
    language="de",
    appointments=(
        Appointment(reminder="r1", starts_at=SOON, appointment="a1", person=PersonKey("p1")),
        Appointment(reminder="r2", starts_at=SOON, appointment="a2"),
        Appointment(reminder="r3", starts_at=SOON, appointment=None),
    ),
    person=PersonKey("p1"),
)


class Failing(PaperErrands):
    """Cannot be written to so many times."""

    def __init__(self, faults: int) -> None:
        super().__init__()
        self.faults = faults

    async def reached(self, claim: str, outcome: Outcome, reminder: str | None = None) -> None:
        if self.faults:
            self.faults -= 1
            raise RecordsUnavailable("no")
        await super().reached(claim, outcome, reminder)


class Line:
    """A call that we made, whose tools answer as they are told to.

    Args:
        errands: where it is written down what was reached.
        errand: why we made it.
    """

    def __init__(self, errands: PaperErrands | None = None, errand: Errand | None = ERRAND) -> None:
        self.errands = errands or PaperErrands()
        self.do_not_call = PaperDoNotCall()
        self.seen: list[AuthorisedCall] = []
        self.answers: dict[str, tuple[str, tuple[Mapping[str, str], ...], str | None]] = {}
        self.events: list[Event] = []
        self.audit = PaperAudit()
        self.tasks = CallTasks(lambda fault: pytest.fail(repr(fault)))
        tools = (
            "reminder.appointments",
            "reminder.confirm",
            "calendar.move",
            "calendar.cancel",
            "identity.verify",
        )
        self.work = ToolWork(
            toolbox=Toolbox(
                dict.fromkeys(tools, self.run), UnwantedTools(self.do_not_call).handlers
            ),
            audit=self.audit,
            metrics=Metrics(),
            call_id="CA1",
            number=None if errand is None else errand.number,
            tasks=self.tasks,
            post=self.events.append,
            errand=None if errand is None else ErrandWork(errand, self.errands, self.tasks),
        )
        self.work.open()
        self.number = 0

    async def run(self, call: AuthorisedCall) -> ToolAnswer:
        self.seen.append(call)
        outcome, rows, person = self.answers[call.request.tool]
        return ToolAnswer(call.request, outcome, rows=rows, person=person)

    async def use(
        self,
        tool: str,
        outcome: str = "",
        rows: tuple[Mapping[str, str], ...] = (),
        person: str | None = None,
        **arguments: str,
    ) -> str:
        """Have a tool used that turns out so; what is told of it."""
        self.number += 1
        self.answers[tool] = (outcome, rows, person)
        confirmed = frozenset(arguments)
        self.work.use(ToolRequest(tool, arguments, "de", "remind", 1, self.number, confirmed))
        await self.tasks.settle()
        (*_, event) = self.events
        assert isinstance(event, ToolAnswered)
        return event.answer.outcome

    async def tell(self, *appointments: str) -> None:
        """Tell these, the first of them now."""
        rows = tuple(
            {"appointment": each, "service": "Ölwechsel", "date": "2026-11-25", "time": "10:00"}
            for each in appointments
        )
        assert await self.use("reminder.appointments", "found", rows) == "found"


@in_virtual_time
async def test_who_was_verified_before_is_told_without_being_asked_who_they_are() -> None:
    line = Line()
    await line.tell("a1", "a2")
    assert [each.reminder for each in line.seen[0].facts.matters] == ["r1", "r2", "r3"]
    assert line.errands.written == ["told r1"]


@in_virtual_time
async def test_each_appointment_has_its_own_outcome_and_is_not_talked_about_again() -> None:
    line = Line()
    await line.tell("a1", "a2")
    await line.use("reminder.confirm", "confirmed", appointment="a1")
    await line.use("calendar.cancel", "cancelled", appointment="a2")
    await line.tell()
    assert line.errands.written == ["told r1", "confirmed r1", "told r2", "cancelled r2"]
    assert [each.reminder for each in line.seen[-1].facts.matters] == ["r3"]


@in_virtual_time
async def test_what_did_not_come_about_is_no_outcome() -> None:
    line = Line()
    await line.tell("a1")
    for outcome in ("in_past", "not_yours", "away", "perhaps"):
        await line.use("calendar.cancel", outcome, appointment="a1")
    assert line.errands.written == ["told r1"]


@in_virtual_time
async def test_an_appointment_that_the_call_is_not_about_is_no_outcome_of_it() -> None:
    line = Line()
    await line.tell("a7")
    assert await line.use("calendar.cancel", "cancelled", appointment="a7") == "cancelled"
    assert line.errands.written == []


@in_virtual_time
async def test_c23_only_an_appointment_that_was_theirs_is_settled_when_it_is_gone() -> None:
    line = Line()
    await line.use("reminder.appointments", "gone")
    assert line.errands.written == ["told r1"]  # a2 may be somebody else's, who is still to be told


@in_virtual_time
async def test_who_proves_to_be_somebody_else_learns_nothing_of_the_errand() -> None:
    line = Line()
    await line.use("identity.verify", "verified", person="p2", phone="+4930123456", secret="1234")
    await line.tell("a1")
    assert line.seen[-1].facts.matters == ()


@in_virtual_time
async def test_who_wants_no_calls_is_on_the_list_and_the_call_is_over() -> None:
    line = Line()
    assert await line.use("calls.stop") == "stopped_and_over"
    assert line.do_not_call.numbers == ["+491723456789"]
    assert line.errands.written == ["declined"]


@in_virtual_time
async def test_c28_who_wants_no_calls_is_believed_even_if_it_cannot_be_audited() -> None:
    line = Line()
    line.audit.fault = RecordsUnavailable("no")
    assert await line.use("reminder.confirm", "confirmed", appointment="a1") == "away"
    assert await line.use("calls.stop") == "stopped_and_over"
    assert line.do_not_call.numbers == ["+491723456789"]


@in_virtual_time
async def test_who_rings_us_and_wants_no_calls_is_on_the_list_too_if_we_know_the_number() -> None:
    line = Line(errand=None)
    assert await line.use("calls.stop") == "no_number"
    assert await line.use("calls.wrong_person") == "not_ours"
    assert line.do_not_call.numbers == []


@in_virtual_time
async def test_nobody_is_told_who_has_withdrawn() -> None:
    line = Line()
    line.work.stop()
    assert await line.use("reminder.appointments", "found") == "denied"
    assert (line.seen, line.errands.written) == ([], [])


@in_virtual_time
async def test_what_cannot_be_written_down_is_tried_again_in_its_order() -> None:
    line = Line(Failing(2))
    await line.tell("a1")
    await line.use("reminder.confirm", "confirmed", appointment="a1")
    assert line.errands.written == ["told r1", "confirmed r1", "told r2"]


@in_virtual_time
async def test_a_call_ends_although_its_outcome_cannot_be_written_down() -> None:
    line = Line(Failing(1000))
    await line.tell("a1")
    assert line.errands.written == []
