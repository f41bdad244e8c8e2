"""What reminders ask the calendar, and what is planned when it is away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.outbound.company import DAY, HOUR, NOW
from voice_agent.outbound.claim import Appointment
from voice_agent.outbound.plan import OutboundPlan, PlannedText
from voice_agent.runtime.diary import Diary
from voice_agent.runtime.planning import Planning
from voice_agent.tools.outcomes import Away

AT = NOW + DAY


@dataclass(frozen=True)
class Booked:
    """An appointment of the calendar."""

    id: str
    start: datetime


@dataclass(frozen=True)
class Span:
    """What it says of a span."""

    appointments: tuple[Booked, ...]


@dataclass
class Calendar:
    """One that holds these; ``None``: it is away."""

    booked: tuple[Booked, ...] | None = ()
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def coming(self, first: datetime, last: datetime) -> Span | Away:
        self.asked.append((first, last))
        if self.booked is None:
            return Away()
        return Span(tuple(each for each in self.booked if first <= each.start < last))


def diary(calendar: Calendar | None, reminded: Mapping[str, datetime] | None = None) -> Diary:
    async def appointments() -> Mapping[str, datetime]:
        return reminded or {}

    return Diary(calendar, appointments, lambda: NOW)


def about(appointment: str | None = "A-1") -> Appointment:
    return Appointment(reminder="r", starts_at=AT, appointment=appointment)


@pytest.mark.parametrize(
    ("booked", "stands"),
    [
        ((Booked("A-1", AT),), True),
        ((Booked("A-1", AT + HOUR),), False),
        ((Booked("A-2", AT),), False),
        ((), False),
        (None, None),
    ],
)
async def test_right_before_dialling_the_calendar_says_whether_an_appointment_stands(
    booked: tuple[Booked, ...] | None, stands: bool | None
) -> None:
    assert await diary(Calendar(booked)).stands(about()) is stands


async def test_what_is_in_no_calendar_of_ours_stands_as_it_was_given_to_us() -> None:
    calendar = Calendar(None)
    assert await diary(calendar).stands(about(None)) is True
    assert calendar.asked == []
    assert await diary(None).stands(about()) is True
    assert await diary(None).starts() == {}


async def test_the_plan_is_told_when_each_appointment_begins_now() -> None:
    calendar = Calendar((Booked("A-1", AT), Booked("A-2", AT + HOUR), Booked("A-9", AT)))
    asked_after = {"A-1": AT, "A-2": AT, "A-3": AT + 2 * HOUR}
    assert await diary(calendar, asked_after).starts() == {
        "A-1": AT,
        "A-2": AT + HOUR,
        "A-3": None,
    }
    ((first, last),) = calendar.asked
    assert (first, last) == (NOW, AT + 2 * HOUR + timedelta(seconds=1))


async def test_a_calendar_that_is_away_is_told_from_an_empty_one() -> None:
    assert await diary(Calendar(None), {"A-1": AT}).starts() is None
    assert await diary(Calendar(()), {"A-1": AT}).starts() == {"A-1": None}
    assert await diary(Calendar(None)).starts() == {}  # nothing is asked after


# -- a run of planning -----------------------------------------------------------------------------


@dataclass
class Plans:
    """Keeps what it was told, in order."""

    told: list[object] = field(default_factory=list)

    async def plan(self, starts: Mapping[str, datetime | None]) -> OutboundPlan:
        self.told.append(dict(starts))
        return OutboundPlan(calls=(), texts=(PlannedText(reminder="r", at=NOW),), left={})

    async def settle(self, now: datetime) -> int:
        self.told.append(now)
        return 1


@pytest.mark.parametrize("away", [False, True])
async def test_what_lapsed_is_settled_even_if_the_calendar_is_away_and_nothing_is_planned(
    away: bool,
) -> None:
    plans = Plans()
    asked = diary(Calendar(None if away else (Booked("A-1", AT),)), {"A-1": AT})
    planning = Planning(
        plans=plans, settle=plans.settle, starts=asked.starts, texts=None, clock=lambda: NOW
    )
    await planning.run()
    assert plans.told == ([NOW] if away else [NOW, {"A-1": AT}])
