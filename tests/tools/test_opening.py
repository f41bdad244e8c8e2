"""Opening hours when the clocks are changed, over midnight, on holidays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.tools.garage import BERLIN, GARAGE, SERVICES, WEEK, holidays
from voice_agent.tools.appointment import Window
from voice_agent.tools.offers import Board
from voice_agent.tools.opening import Opening, Span
from voice_agent.tools.outcomes import Closed, Free

ALWAYS = Opening(BERLIN, (((0, 24 * 60),),) * 7)
NIGHTS = replace(GARAGE, opening=ALWAYS)
TYRES = SERVICES["tyres"]

FORWARD, BACK = date(2027, 3, 28), date(2026, 10, 25)
"""Berlin's nights: from two to three there is no time; and it is twice."""


def test_days_that_are_open_all_day_are_one_span_with_the_hour_more_or_less() -> None:
    (span,) = ALWAYS.spans(date(2026, 10, 24), date(2026, 10, 26))
    assert span.end - span.start == timedelta(hours=3 * 24 + 1)
    (span,) = ALWAYS.spans(date(2027, 3, 27), date(2027, 3, 29))
    assert span.end - span.start == timedelta(hours=3 * 24 - 1)


def test_hours_that_the_clock_skips_are_none() -> None:
    nightly = Opening(BERLIN, (((2 * 60, 3 * 60),),) * 7)
    assert nightly.spans(FORWARD, FORWARD) == []


def test_hours_over_midnight_are_one_span() -> None:
    late = Opening(BERLIN, (((0, 2 * 60), (22 * 60, 24 * 60)),) * 7)
    spans = late.spans(date(2026, 12, 8), date(2026, 12, 9))
    assert (
        Span(datetime(2026, 12, 8, 21, tzinfo=UTC), datetime(2026, 12, 9, 1, tzinfo=UTC)) in spans
    )
    night = replace(GARAGE, opening=late)
    now = datetime(2026, 12, 7, 9, tzinfo=UTC)
    start = datetime(2026, 12, 8, 23, 45, tzinfo=BERLIN)
    assert night.why_not(TYRES, start, now) is None


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2026, 12, 8, 7, 59, 59, tzinfo=BERLIN), False),
        (datetime(2026, 12, 8, 8, tzinfo=BERLIN), True),
        (datetime(2026, 12, 8, 7, tzinfo=UTC), True),
        (datetime(2026, 12, 8, 17, 59, tzinfo=BERLIN), True),
        (datetime(2026, 12, 8, 18, tzinfo=BERLIN), False),
        (datetime(2026, 12, 13, 12, tzinfo=BERLIN), False),
    ],
)
def test_a_company_is_open_from_its_first_minute_to_before_its_last(
    at: datetime, is_open: bool
) -> None:
    days = Opening(BERLIN, (*(((8 * 60, 18 * 60),),) * 6, ()))
    assert days.is_open(at) is is_open


def test_whoever_rings_after_midnight_may_ring_within_the_hours_of_the_day_before() -> None:
    late = Opening(BERLIN, (((0, 2 * 60), (22 * 60, 24 * 60)),) * 7)
    assert late.is_open(datetime(2026, 12, 8, 23, 59, 59, tzinfo=BERLIN))
    assert late.is_open(datetime(2026, 12, 9, 0, 0, tzinfo=BERLIN))
    assert not late.is_open(datetime(2026, 12, 9, 2, 0, tzinfo=BERLIN))


def test_an_appointment_at_a_time_that_is_twice_is_two_appointments() -> None:
    now = datetime(2026, 10, 20, 9, tzinfo=UTC)
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    assert NIGHTS.why_not(TYRES, first, now) is None
    assert NIGHTS.why_not(TYRES, second, now) is None
    spans = [TYRES.at(first), TYRES.at(second)]
    assert spans[1].start - spans[0].start == timedelta(hours=1)


def test_an_appointment_at_a_time_that_is_skipped_is_none() -> None:
    """It is not moved to another hour unasked."""
    now = datetime(2027, 3, 20, 9, tzinfo=UTC)
    start = datetime(2027, 3, 28, 2, 30, tzinfo=BERLIN)
    assert isinstance(NIGHTS.why_not(TYRES, start, now), Closed)


@pytest.mark.parametrize(("day", "hours"), [(FORWARD, 23), (BACK, 25)])
def test_every_step_of_a_day_with_another_length_is_offered_once(day: date, hours: int) -> None:
    now = datetime(day.year, day.month, day.day - 3, 9, tzinfo=UTC)
    hourly = replace(NIGHTS, step=timedelta(hours=1))
    answer = Board(hourly, TYRES, {}, now).answer(Window(day, day), 100)
    assert isinstance(answer, Free)
    starts = [slot.start.astimezone(UTC) for slot in answer.slots]
    assert len(set(starts)) == len(starts) == hours
    assert all(later - earlier == timedelta(hours=1) for earlier, later in zip(starts, starts[1:]))  # noqa: B905, RUF007 (one is shorter)


def test_an_exception_opens_a_holiday_and_closes_a_weekday() -> None:
    christmas, monday = date(2026, 12, 25), date(2026, 12, 7)
    usual = Opening(BERLIN, WEEK, holidays=holidays)
    assert usual.of(christmas) == ()
    assert usual.holiday(christmas) is not None
    other = replace(usual, exceptions={christmas: ((540, 600),), monday: ()})
    assert other.of(christmas) == ((540, 600),)
    assert other.holiday(christmas) is None
    assert other.of(monday) == ()
