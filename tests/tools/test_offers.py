"""Which free times there are and which are offered: pure, and in Berlin's time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.tools.garage import CHRISTMAS, GARAGE, SERVICES, at
from voice_agent.tools.appointment import Window
from voice_agent.tools.calendar_tools import window_of
from voice_agent.tools.offers import Board, Busy, around, reach
from voice_agent.tools.opening import Span, joined
from voice_agent.tools.outcomes import (
    Closed,
    Free,
    Holiday,
    InPast,
    OutsideHorizon,
    Refusal,
    Taken,
    TooSoon,
)
from voice_agent.tools.plan import GRANULE, granules

NOW = at(7, 9)  # a Monday
INSPECTION, TYRES = SERVICES["inspection"], SERVICES["tyres"]


def board(busy: Busy | None = None, now: datetime = NOW, service: str = "inspection") -> Board:
    return Board(GARAGE, SERVICES[service], busy or {}, now)


def day(number: int, month: int = 12, **clock: time) -> Window:
    return Window(date(2026, month, number), date(2026, month, number), **clock)


def starts(answer: Free | Refusal) -> list[tuple[int, int, int]]:
    slots = answer.slots if isinstance(answer, Free) else answer.alternatives
    return [(slot.start.day, slot.start.hour, slot.start.minute) for slot in slots]


def span(start: datetime, hours: float) -> Span:
    moment = start.astimezone(UTC)
    return Span(moment, moment + timedelta(hours=hours))


# -- offers ----------------------------------------------------------------------------------------


def test_offers_are_spread_over_days_and_halves_of_days() -> None:
    window = Window(date(2026, 12, 8), date(2026, 12, 11))
    assert starts(board().answer(window, 3)) == [(8, 8, 0), (8, 13, 0), (9, 8, 0)]


def test_offers_of_one_day_are_an_hour_apart_at_least() -> None:
    offers = starts(board(service="tyres").answer(day(8), 5))
    assert offers == [(8, 8, 0), (8, 9, 0), (8, 10, 0), (8, 13, 0), (8, 17, 0)]


@pytest.mark.parametrize(
    ("earliest", "latest", "expected"),
    [
        (time(17), None, [(8, 17, 0)]),
        (None, time(9), [(8, 8, 0)]),
        (time(9, 20), time(11), [(8, 9, 30), (8, 10, 30)]),
    ],
)
def test_a_time_of_day_is_kept_to(
    earliest: time | None, latest: time | None, expected: list[tuple[int, int, int]]
) -> None:
    window = Window(date(2026, 12, 8), date(2026, 12, 8), earliest, latest)
    assert starts(board(service="tyres").answer(window, 5)) == expected


def test_what_is_taken_is_not_offered_with_its_buffer() -> None:
    """Two hours and a quarter fit between nothing and ten, but not before nine o'clock's event."""
    busy = {"bay-1": [span(at(8, 10), 3)]}
    assert starts(board(busy).answer(day(8), 3)) == [(8, 13, 0), (8, 14, 0), (8, 15, 0)]
    later = {"bay-1": [span(at(8, 10, 15), 3)]}
    assert starts(board(later).answer(day(8), 3))[0] == (8, 8, 0)


def test_a_second_resource_is_offered_where_the_first_is_taken() -> None:
    busy = {"bay-1": [span(at(8, 8), 10)]}
    assert starts(board(busy, service="tyres").answer(day(8), 1)) == [(8, 8, 0)]
    found = board(busy, service="tyres").resource(at(8, 8))
    assert found is not None
    assert found.id == "bay-2"


def test_nothing_is_offered_at_too_short_notice() -> None:
    assert starts(board(service="tyres").answer(day(7), 1)) == [(7, 11, 0)]


def test_an_appointment_ends_before_the_break() -> None:
    """Two hours that begin at a quarter past ten would run into noon."""
    found = starts(board().answer(day(8, earliest=time(10), latest=time(13)), 3))
    assert found == [(8, 10, 0)]


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "refusal"),
    [
        (day(6), InPast),
        (day(13), Closed),
        (day(12, earliest=time(12)), Closed),
        (day(25), Holiday),
        (Window(date(2027, 6, 1), date(2027, 6, 2)), OutsideHorizon),
        (Window(date.min, date.min), InPast),
        (Window(date.max, date.max), OutsideHorizon),
        (day(7, latest=time(10, 30)), TooSoon),
    ],
)
def test_a_window_with_nothing_in_it_says_why(window: Window, refusal: type[Refusal]) -> None:
    answer = board().answer(window, 3)
    assert isinstance(answer, refusal)
    assert len(starts(answer)) == 3


def test_one_time_that_is_not_free_is_taken_or_too_soon_and_not_closed() -> None:
    """A window of one time ends a second after it."""
    busy = {resource.id: [span(at(8, 8), 10)] for resource in GARAGE.resources}
    ten, soon = (window_of(f"2026-12-{day:02}", "10:00") for day in (8, 7))
    assert isinstance(board(busy).answer(ten, 3), Taken)
    assert isinstance(board().answer(soon, 3), TooSoon)
    assert isinstance(board().answer(window_of("2026-12-08", "23:59"), 3), Closed)


def test_a_holiday_is_named() -> None:
    answer = board().answer(day(25), 3)
    assert isinstance(answer, Holiday)
    assert answer.names == CHRISTMAS


def test_a_full_day_is_taken_and_others_are_named() -> None:
    busy = {"bay-1": [span(at(8, 0), 24)]}
    answer = board(busy).answer(day(8), 3)
    assert isinstance(answer, Taken)
    assert 8 not in [found[0] for found in starts(answer)]
    assert len(starts(answer)) == 3


@pytest.mark.parametrize(
    ("start", "refusal"),
    [
        (at(7, 9), InPast),
        (at(7, 10), TooSoon),
        (at(8, 7, 45), Closed),
        (at(8, 12), Closed),
        (at(8, 16, 30), Closed),
        (at(13, 10), Closed),
        (at(25, 10), Holiday),
        (at(8, 8, 10), Taken),
        (at(8, 8).replace(second=1), Taken),
        (at(9, 8, month=3, year=2027), OutsideHorizon),
    ],
)
def test_a_start_that_cannot_be_is_refused_with_its_reason(
    start: datetime, refusal: type[Refusal]
) -> None:
    assert isinstance(GARAGE.why_not(INSPECTION, start, NOW), refusal)


def test_a_start_that_can_be_is_not_refused() -> None:
    assert GARAGE.why_not(INSPECTION, at(8, 16), NOW) is None
    assert GARAGE.why_not(INSPECTION, at(8, 16).astimezone(UTC), NOW) is None


def test_alternatives_are_the_nearest() -> None:
    busy = {"bay-1": [span(at(9, 10), 2.25)]}
    refusal = board(busy).refuse(Taken(), at(9, 10))
    assert starts(refusal) == [(9, 13, 0), (9, 14, 0), (9, 15, 0)]


@pytest.mark.parametrize(
    "start", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]
)
def test_times_at_the_end_of_all_times_are_refused_like_others(start: datetime) -> None:
    near = GARAGE.near(start, NOW)
    why = GARAGE.why_not(INSPECTION, near, NOW)
    assert isinstance(why, InPast | OutsideHorizon)
    assert len(starts(board().refuse(why, near))) == 3


# -- what must be known ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "window", [day(8), day(13), Window(date(2026, 12, 1), date(2027, 12, 1)), day(1, 1)]
)
def test_what_is_read_reaches_as_far_as_what_is_answered(window: Window) -> None:
    reached = reach(GARAGE, window, NOW)
    for slot in (board().answer(window, 50), board().refuse(Taken(), at(8, 9))):
        for found in slot.slots if isinstance(slot, Free) else ():
            taken = INSPECTION.at(found.start)
            assert reached.start <= taken.start
            assert taken.end <= reached.end
    days = around(GARAGE, at(8, 9), NOW)
    assert days is not None


def test_a_span_is_cut_into_every_granule_it_touches() -> None:
    start = at(8, 8).astimezone(UTC)
    assert granules(Span(start, start + timedelta(minutes=30))) == [
        start + number * GRANULE for number in range(6)
    ]
    odd = Span(start + timedelta(minutes=1), start + timedelta(minutes=6))
    assert granules(odd) == [start, start + GRANULE]


def test_spans_that_touch_become_one() -> None:
    spans = [span(at(8, 8), 1), span(at(8, 12), 1), span(at(8, 9), 1), span(at(8, 8), 0.5)]
    assert joined(spans) == [span(at(8, 8), 2), span(at(8, 12), 1)]
