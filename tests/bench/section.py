"""What one part of the benchmark found: a table, what was wanted, a panel of the picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def percentile(values: Iterable[float], percent: float) -> float:
    """The nearest rank: the smallest value that so many percent do not exceed.

    Raises:
        ValueError: there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values were measured")
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table.

    Raises:
        ValueError: a row has another number of cells than the heading.
    """
    lines = [heading, ["---"] * len(heading), *rows]
    if any(len(line) != len(heading) for line in lines):
        raise ValueError("a row has another number of cells than the heading")
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and what it is wanted to be.

    Attributes:
        what: was measured.
        measured: value.
        wanted: the limit, in the same unit.
        unit: of both.
        digits: behind the point.
        at_least: the limit is the least, not the most.
    """

    what: str
    measured: float
    wanted: float
    unit: str
    digits: int = 0
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the figure is as wanted; what is not a number is not."""
        if self.at_least:
            return self.measured >= self.wanted
        return self.measured <= self.wanted

    def row(self) -> tuple[str, str, str, str]:
        """Cells: what, measured, wanted, whether it is met."""
        bound = "at least" if self.at_least else "at most"
        return (
            self.what,
            f"{self.measured:,.{self.digits}f} {self.unit}",
            f"{bound} {self.wanted:,g} {self.unit}",
            "yes" if self.is_met else "**no**",
        )


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a panel: its name and its points, x and y."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram of the picture.

    Attributes:
        title: above it.
        across: what the horizontal axis shows, with its unit.
        up: the same of the vertical axis.
        curves: the lines.
        wanted: limits, with their names, drawn across.
        limits_across: whether they lie on the horizontal axis.
        logarithmic: whether the horizontal axis is.
    """

    title: str
    across: str
    up: str
    curves: tuple[Curve, ...]
    wanted: tuple[tuple[str, float], ...] = ()
    limits_across: bool = False
    logarithmic: bool = False


def shares(values: Iterable[float], points: int = 100) -> tuple[tuple[float, float], ...]:
    """A distribution as a curve: up to so many values, and how many percent are no larger."""
    ordered = sorted(values)
    count = min(points, len(ordered))
    steps = [100 * (step + 1) / count for step in range(count)]
    return tuple((percentile(ordered, step), step) for step in steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report.

    Attributes:
        title: its heading.
        text: Markdown: what was done, and tables.
        goals: what was wanted.
        panels: its diagrams.
    """

    title: str
    text: str
    goals: tuple[Goal, ...] = ()
    panels: tuple[Panel, ...] = ()
