"""A tool's answer, read as hostile data before a flow sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from voice_agent.dialogue.flow import Kind
from voice_agent.dialogue.flow_state import Result
from voice_agent.dialogue.flow_value import clean, spoken
from voice_agent.dialogue.tool import (
    AWAY,
    BAD_NUMBER,
    CATALOGUE,
    DENIED,
    MOST_ROWS,
    SHAPES,
    ToolAnswer,
)

_KEY: Final = re.compile(r"[\w.:+-]{1,64}")


def read_answer(step: str, answer: ToolAnswer) -> Result:
    """The answer as the flow keeps it.

    An outcome the catalogue does not know, or one that does not tell what it promises, counts as
    away: nobody knows what came of it. A row that is not of its shape is left out.

    Args:
        step: the step that asked.
        answer: the answer.
    """
    request = answer.request
    outcome = AWAY
    values: dict[str, str] = {}
    rows: tuple[Mapping[str, str], ...] = ()
    ending = CATALOGUE[request.tool].endings.get(answer.outcome)
    if answer.outcome in {DENIED, BAD_NUMBER}:
        outcome = answer.outcome
    elif ending is not None:
        found = _rows(ending.rows, answer.rows)
        given = {**(found[0] if found else {}), **answer.values}
        told = {name: _value(kind, given.get(name)) for name, kind in ending.values.items()}
        values = {name: value for name, value in told.items() if value is not None}
        if len(values) == len(ending.values):
            outcome, rows = answer.outcome, found
    return Result(step, request.number, request.tool, request.arguments, outcome, values, rows)


def _rows(shape_name: str, rows: tuple[Mapping[str, str], ...]) -> tuple[Mapping[str, str], ...]:
    if not shape_name:
        return ()
    shape = SHAPES[shape_name]
    found: dict[str, Mapping[str, str]] = {}
    for row in rows:
        key = row.get(shape.key)
        if key is None or not _KEY.fullmatch(key):
            continue
        told = {name: _value(kind, row.get(name)) for name, kind in shape.fields.items()}
        kept = {name: value for name, value in told.items() if value is not None}
        if len(kept) == len(shape.fields):
            found.setdefault(key, {shape.key: key, **kept})
        if len(found) == MOST_ROWS:
            break
    return tuple(found.values())


def _value(kind: Kind, value: str | None) -> str | None:
    """A value that can be said, or ``None``."""
    if value is None or not spoken(kind, value, "de"):
        return None
    cleaned = clean(value)
    if kind in {Kind.DATE, Kind.TIME} and (cleaned != value or "/" in value):
        return None
    return cleaned
