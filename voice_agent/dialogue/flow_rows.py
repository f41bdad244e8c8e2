"""The rows a tool found: which of them are offered, and which needs no question."""

from __future__ import annotations

from collections.abc import Mapping

from voice_agent.dialogue.flow import Choose, Flow
from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.flow_value import admits
from voice_agent.dialogue.tool import SHAPES

Row = Mapping[str, str]


def offered(flow: Flow, state: FlowState, step: Choose) -> tuple[Row, ...]:
    """The rows to choose from: those that fit what was said, or all if none does.

    What the caller has excluded is not offered.
    """
    result = state.result(step.source)
    found = () if result is None else result.rows
    rows = tuple(row for row in found if not _is_excluded(state, step, row))
    if SHAPES[flow.slots[step.slot].rows].is_offer:
        return rows
    wishes = {name: state.slots[name] for name in step.by if name in state.slots}
    fitting = tuple(
        row for row in rows if all(admits(wish, row[name]) for name, wish in wishes.items())
    )
    return fitting or rows


def _is_excluded(state: FlowState, step: Choose, row: Row) -> bool:
    return any(
        named.keys() <= set(step.by) and all(admits(named[name], row[name]) for name in named)
        for named in state.excluded
    )


def is_offered(state: FlowState, key: str, value: str) -> bool:
    """True if any answer that still counts has this row."""
    return any(row.get(key) == value for result in state.results for row in result.rows)


def untaken(state: FlowState, source: str, key: str) -> Row | None:
    """The first row of a step's answer that was not talked about, or ``None``."""
    result = state.result(source)
    rows = () if result is None else result.rows
    return next((row for row in rows if row[key] not in state.taken), None)


def certain(flow: Flow, state: FlowState, step: Choose) -> Row | None:
    """The row that needs no question: the only one, and exactly what was asked for."""
    rows = offered(flow, state, step)
    if len(rows) == 1 and step.by:
        row = rows[0]
        if all(state.slots.get(name) == row[name] for name in step.by):
            return row
    return None
