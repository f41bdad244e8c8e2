from __future__ import annotations

import math

import pytest

from tests.bench.section import Goal, percentile, shares, table


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1.0), (50, 2.0), (51, 3.0), (75, 3.0), (95, 4.0), (100, 4.0)]
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(
    percent: int, value: float
) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == value


def test_nothing_measured_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="cells"):
        table(("a", "b"), [("1",)])


@pytest.mark.parametrize(
    ("measured", "at_least", "met"),
    [
        (600.0, False, True),
        (600.1, False, False),
        (600.0, True, True),
        (599.9, True, False),
        (math.nan, False, False),
        (math.nan, True, False),
    ],
)
def test_a_goal_is_met_up_to_its_limit(measured: float, at_least: bool, met: bool) -> None:
    assert Goal("p50", measured, 600.0, "ms", at_least=at_least).is_met is met


def test_a_goal_that_is_missed_says_so() -> None:
    row = Goal("p95", 1234.56, 1000.0, "ms", 1).row()
    assert row == ("p95", "1,234.6 ms", "at most 1,000 ms", "**no**")


def test_a_distribution_rises_to_all_of_the_values() -> None:
    assert shares([3.0, 1.0, 2.0, 2.0]) == ((1.0, 25.0), (2.0, 50.0), (2.0, 75.0), (3.0, 100.0))


def test_a_distribution_of_many_values_has_few_points_and_keeps_the_worst() -> None:
    points = shares([float(value) for value in range(10_000)], points=50)
    assert len(points) == 50
    assert points[-1] == (9999.0, 100.0)
