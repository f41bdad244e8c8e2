"""What a caller is asked to say yes to: the values a confirmation is about, and its question."""

from __future__ import annotations

from dataclasses import dataclass, field

from voice_agent.dialogue.flow import Confirm, Flow, Kind
from voice_agent.dialogue.flow_moves import confirmable
from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.flow_wording import Wording
from voice_agent.dialogue.tool import SHAPES

_REPEATED = frozenset({Kind.CHOICE, Kind.DATE, Kind.TIME, Kind.NAME})
"""Kinds whose values are short enough to be said again with a yes; a message may hold any word."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What was read back.

    Attributes:
        question: how it was asked, each way.
        words: the values as they were said.
        values: the values in canonical form, those of a row that was chosen among them.
    """

    question: str = ""
    words: str = field(default="", repr=False)
    values: frozenset[str] = field(default=frozenset(), repr=False)


def read_back(flow: Flow, state: FlowState, wording: Wording, language: str) -> ReadBack:
    """What is asked about where the flow stands; nothing if that is no confirmation."""
    step = flow.steps.get(state.step)
    if not isinstance(step, Confirm):
        return ReadBack()
    said: list[str] = []
    values: list[str] = []
    for name, value in confirmable(state, step).items():
        slot = flow.slots[name]
        if slot.kind not in _REPEATED:
            continue
        said.append(wording.value(slot, value, state, language))
        values.append(value)
        if slot.rows:
            key = SHAPES[slot.rows].key
            rows = (row for result in state.results for row in result.rows)
            row = next((row for row in rows if row.get(key) == value), {})
            values += row.values()
    question = wording.ways(step.ask, language)
    return ReadBack(" ".join(question), " ".join(said), frozenset(values))
