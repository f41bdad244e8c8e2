"""The picture of the day: what is drawn fits, and says the same as its table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.console.console_house import DAY
from voice_agent.console.figures import Span
from voice_agent.console.picture import BOTTOM, LEFT, RIGHT, TOP, ceiling, picture


def span(hour: int, calls: int, ms: int | None = None) -> Span:
    return Span(datetime(2026, 11, 26, hour, tzinfo=UTC), calls, ms)


def test_without_a_span_there_is_no_picture() -> None:
    assert picture(()) is None


def test_everything_drawn_lies_within_the_axes() -> None:
    drawn = picture(DAY)
    assert drawn is not None
    for bar in drawn.bars:
        assert LEFT <= bar.x <= bar.x + bar.width <= RIGHT
        assert TOP <= bar.y <= bar.y + bar.height <= BOTTOM + 0.1
    assert all(LEFT < dot.x < RIGHT and TOP <= dot.y <= BOTTOM for dot in drawn.dots)


def test_the_fullest_span_has_the_highest_bar() -> None:
    drawn = picture([span(8, 2), span(9, 10), span(10, 5)])
    assert drawn is not None
    assert [bar.height for bar in drawn.bars] == [20.4, 102, 51]


def test_a_span_without_an_answer_breaks_the_line() -> None:
    drawn = picture([span(8, 1, 700), span(9, 1, 710), span(10, 1), span(11, 1, 720)])
    assert drawn is not None
    assert len(drawn.dots) == 3
    assert len(drawn.lines) == 1  # a single dot is no line


def test_a_day_without_calls_is_drawn_flat() -> None:
    drawn = picture([span(8, 0), span(9, 0)])
    assert drawn is not None
    assert [bar.height for bar in drawn.bars] == [0, 0]
    assert drawn.latencies == ()


def test_the_table_has_every_value() -> None:
    drawn = picture([span(8, 3, 700), span(9, 0)])
    assert drawn is not None
    assert drawn.rows == (("08:00", 3, 700), ("09:00", 0, None))


def test_a_long_day_has_few_labels() -> None:
    drawn = picture([span(hour, hour) for hour in range(24)])
    assert drawn is not None
    assert [mark.text for mark in drawn.hours] == ["00:00", "05:00", "10:00", "15:00", "20:00"]


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (9, 10), (10, 10), (11, 20), (25, 40), (930, 1000)],
)
def test_an_axis_ends_at_an_even_round_number(most: int, top: int) -> None:
    assert ceiling(most) == top
