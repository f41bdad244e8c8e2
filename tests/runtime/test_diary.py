"""What reminders ask the calendar, and what is planned when it is away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from tests.outbound.company import DAY, HOUR, NOW
from voice_agent.outbound.claim import Appointment
from voice_agent.outbound.plan import OutboundPlan, PlannedText
from voice_agent.runtime.diary import STANDS_S, Diary
from voice_agent.runtime.pace import LONGEST_REQUEST_S
from voice_agent.runtime.planning import Planning
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.outcomes import Away

AT = NOW + DAY


@dataclass
class Calendar:
    """One that holds these; ``None``: it is away."""

    booked: Mapping[str, datetime | None] | None
    asked: list[object] = field(default_factory=list)

    async def refresh(self, now: datetime) -> Mapping[str, datetime | None] | None:
        self.asked.append(now)
        return self.booked

    async def start_of(self, appointment: str, person: PersonKey | None) -> datetime | Away | None:
        self.asked.append((appointment, person))
        return Away() if self.booked is None else self.booked.get(appointment)


def diary(calendar: Calendar | None) -> Diary:
    return Diary(calendar, lambda: NOW)


def about(appointment: str | None = "A-1") -> Appointment:
    return Appointment(reminder="r", starts_at=AT, appointment=appointment, person=PersonKey("p-1"))


@pytest.mark.parametrize(
    ("booked", "stands"),
    [({"A-1": AT}, True), ({"A-1": AT + HOUR}, False), ({"A-2": AT}, False), (None, None)],
)
async def test_right_before_dialling_the_calendar_says_whether_an_appointment_stands(
    booked: Mapping[str, datetime | None] | None, stands: bool | None
) -> None:
    calendar = Calendar(booked)
    assert await diary(calendar).stands(about()) is stands
    assert calendar.asked == [("A-1", "p-1")]


async def test_a_calendar_that_does_not_answer_in_time_is_away() -> None:
    """Else its call would keep its turn longer than a turn lasts, and two would be one."""

    class Silent(Calendar):
        async def start_of(self, appointment: str, person: PersonKey | None) -> Away:
            del appointment, person
            await asyncio.Event().wait()
            return Away()

    assert await Diary(Silent(None), lambda: NOW, stands_s=0.01).stands(about()) is None
    assert STANDS_S < LONGEST_REQUEST_S


async def test_what_is_in_no_calendar_of_ours_stands_as_it_was_given_to_us() -> None:
    calendar = Calendar(None)
    assert await diary(calendar).stands(about(None)) is True
    assert calendar.asked == []
    assert await diary(None).stands(about()) is True
    assert await diary(None).starts() == {}


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
    asked = diary(Calendar(None if away else {"A-1": AT}))
    planning = Planning(
        plans=plans, settle=plans.settle, starts=asked.starts, texts=None, clock=lambda: NOW
    )
    await planning.run()
    assert plans.told == ([NOW] if away else [NOW, {"A-1": AT}])
