"""Calls and latency over the day, drawn as numbers for an SVG that the template writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voice_agent.console.figures import Span

LEFT: Final = 22
RIGHT: Final = 266
TOP: Final = 10
BOTTOM: Final = 112
"""Edges of what is drawn, in the picture's own units; the template gives it 300 by 130."""

_MOST_LABELS: Final = 5
_STEPS: Final = (2, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """Calls of a span: a bar, in the picture's units.

    Attributes:
        x: left edge.
        y: upper edge.
        width: of the bar.
        height: of the bar; 0 without calls.
    """

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Dot:
    """Latency of a span.

    Attributes:
        x: middle of the span.
        y: the latency's height.
    """

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of an axis.

    Attributes:
        at: where, along the axis.
        text: what it says.
    """

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn.

    Attributes:
        bars: one a span.
        lines: the latency's course as points of polylines; a span without one breaks it.
        dots: the latency of each span that has one.
        hours: labels below.
        calls: labels on the left.
        latencies: labels on the right, milliseconds.
        rows: the same as a table: when, calls, milliseconds or ``None``.
    """

    bars: tuple[Bar, ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    hours: tuple[Mark, ...]
    calls: tuple[Mark, ...]
    latencies: tuple[Mark, ...]
    rows: tuple[tuple[str, int, int | None], ...]


def picture(spans: Sequence[Span]) -> Picture | None:
    """Draw the day; ``None`` if there is nothing to draw."""
    if not spans:
        return None
    most_calls = ceiling(max(span.calls for span in spans))
    most_ms = ceiling(max((span.latency_ms or 0) for span in spans))
    width = (RIGHT - LEFT) / len(spans)
    bars, dots, courses, course = [], [], [], list[Dot]()
    for number, span in enumerate(spans):
        height = (BOTTOM - TOP) * span.calls / most_calls
        left = LEFT + number * width
        bars.append(
            Bar(
                _tidy(left + width * 0.15),
                _tidy(BOTTOM - height),
                _tidy(width * 0.7),
                _tidy(height),
            )
        )
        if span.latency_ms is None:
            courses.append(course)
            course = []
        else:
            fall = (BOTTOM - TOP) * span.latency_ms / most_ms
            dots.append(Dot(_tidy(left + width / 2), _tidy(BOTTOM - fall)))
            course.append(dots[-1])
    courses.append(course)
    return Picture(
        bars=tuple(bars),
        lines=tuple(
            " ".join(f"{dot.x},{dot.y}" for dot in each) for each in courses if len(each) > 1
        ),
        dots=tuple(dots),
        hours=_hours(spans, width),
        calls=_scale(most_calls),
        latencies=_scale(most_ms) if dots else (),
        rows=tuple((f"{span.begins:%H:%M}", span.calls, span.latency_ms) for span in spans),
    )


def ceiling(most: int) -> int:
    """The next even round number, so that the middle of an axis is round as well."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= most:
                return step * power
        power *= 10


def _hours(spans: Sequence[Span], width: float) -> tuple[Mark, ...]:
    every = -(-len(spans) // _MOST_LABELS)
    return tuple(
        Mark(_tidy(LEFT + (number + 0.5) * width), f"{span.begins:%H:%M}")
        for number, span in enumerate(spans)
        if number % every == 0
    )


def _scale(most: int) -> tuple[Mark, ...]:
    half = f"{most / 2:g}"
    return (Mark(BOTTOM, "0"), Mark((TOP + BOTTOM) / 2, half), Mark(TOP, str(most)))


def _tidy(number: float) -> float:
    return round(number, 1)
