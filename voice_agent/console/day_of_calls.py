"""Reminder calls over the day, drawn as numbers for an SVG that the template writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voice_agent.console.picture import Mark, ceiling
from voice_agent.outbound.campaign import RUNNING, HourOfCalls
from voice_agent.outbound.claim import Outcome

LEFT: Final = 28
RIGHT: Final = 592
TOP: Final = 10
BOTTOM: Final = 132
"""Edges of what is drawn, in the picture's own units; the template gives it 600 by 152."""

_WIDEST: Final = 40.0
_GAP: Final = 1.0

KINDS: Final[Mapping[str, frozenset[str]]] = {
    "reached": frozenset({Outcome.TOLD, Outcome.CONFIRMED, Outcome.CONNECTED}),
    "changed": frozenset({Outcome.MOVED, Outcome.CANCELLED}),
    "refused": frozenset({Outcome.DECLINED, Outcome.WRONG_PERSON}),
    "missed": frozenset(
        {
            Outcome.NO_ANSWER,
            Outcome.BUSY,
            Outcome.UNREACHABLE,
            Outcome.FAILED,
            Outcome.UNKNOWN,
        }
    ),
    "running": frozenset({RUNNING}),
}
"""What has one colour, from the bottom up: more than five nobody tells apart."""


@dataclass(frozen=True, slots=True)
class Block:
    """Calls of an hour that ended alike: a part of a bar, in the picture's units.

    Attributes:
        kind: one of ``KINDS``.
        x: left edge.
        y: upper edge.
        width: of the block.
        height: of the block.
    """

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class DayOfCalls:
    """What is drawn.

    Attributes:
        blocks: of all bars.
        hours: labels below.
        calls: labels on the left.
        rows: the same as a table: when, calls by kind in their order, all of them.
    """

    blocks: tuple[Block, ...]
    hours: tuple[Mark, ...]
    calls: tuple[Mark, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]


def day_of_calls(hours: Sequence[HourOfCalls]) -> DayOfCalls | None:
    """Draw the day; ``None`` if there was no call."""
    counts = [_by_kind(hour.calls) for hour in hours]
    most = max((sum(each.values()) for each in counts), default=0)
    if most == 0:
        return None
    scale = (BOTTOM - TOP) / ceiling(most)
    room = (RIGHT - LEFT) / len(hours)
    width = min(room * 0.7, _WIDEST)
    blocks, marks = [], []
    for number, count in enumerate(counts):
        middle = LEFT + (number + 0.5) * room
        marks.append(Mark(round(middle, 1), f"{hours[number].begins:%H}"))
        foot = float(BOTTOM)
        for kind, calls in count.items():
            height = calls * scale
            foot -= height
            if calls:
                sizes = middle - width / 2, foot, width, max(height - _GAP, _GAP / 2)
                blocks.append(Block(kind, *(round(size, 1) for size in sizes)))
    half = ceiling(most) // 2
    return DayOfCalls(
        blocks=tuple(blocks),
        hours=tuple(marks),
        calls=(
            Mark(BOTTOM, "0"),
            Mark((TOP + BOTTOM) / 2, str(half)),
            Mark(TOP, str(2 * half)),
        ),
        rows=tuple(
            (f"{hour.begins:%H:%M}", tuple(count.values()), sum(count.values()))
            for hour, count in zip(hours, counts, strict=True)
        ),
    )


def _by_kind(calls: Mapping[str, int]) -> dict[str, int]:
    """How many there are of each kind; an outcome this program does not know counts as missed."""
    known = {name: kind for kind, names in KINDS.items() for name in names}
    counts = dict.fromkeys(KINDS, 0)
    for outcome, count in calls.items():
        counts[known.get(outcome, "missed")] += count
    return counts
