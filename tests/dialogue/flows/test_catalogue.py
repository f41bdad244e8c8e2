"""The tools flows name are those of the ports, and the values are those the parsers write."""

from __future__ import annotations

import re
from types import UnionType
from typing import get_args, get_type_hints

import pytest

from tests.dialogue.slots.phrases import NOW, Phrase, phrases
from voice_agent.dialogue.flow import Kind, Slot
from voice_agent.dialogue.flow_value import accept
from voice_agent.dialogue.slots.kinds import KINDS, with_options
from voice_agent.dialogue.slots.reading import Setting
from voice_agent.dialogue.tool import AWAY, CATALOGUE
from voice_agent.tools.calendar import Calendar

CALENDAR = [tool for tool in CATALOGUE if tool.startswith("calendar.")]
READ = [
    phrase
    for file in ("phrases.tsv", "phrases_held_out.tsv")
    for phrase in phrases(file)
    if phrase.kind in list(Kind)
]

OWN = {"calendar.appointments": {"none"}, "calendar.book": {"booked_with_pin"}}
"""What is an outcome of its own to a flow: nothing was found; somebody new has a PIN."""


def outcomes(method: str) -> set[str]:
    """The names of a port's outcomes as flows write them."""
    hint = get_type_hints(getattr(Calendar, method))["return"]
    types = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", each.__name__).lower() for each in types}


@pytest.mark.parametrize("tool", CALENDAR)
def test_a_tool_turns_out_as_its_port_does(tool: str) -> None:
    own = OWN.get(tool, set())
    assert CATALOGUE[tool].endings.keys() | {AWAY} == outcomes(tool.split(".")[1]) | own


def test_every_kind_of_a_slot_has_a_parser() -> None:
    assert {kind.value for kind in Kind} <= KINDS.keys()


@pytest.mark.parametrize("phrase", READ, ids=lambda phrase: f"{phrase.language} {phrase.text}")
def test_a_value_that_a_parser_writes_is_taken(phrase: Phrase) -> None:
    setting = Setting(phrase.language, NOW)
    options = tuple(phrase.asked.partition(" ")[2].split("|"))
    kind = with_options(KINDS[phrase.kind], options)
    named = {option: {phrase.language: option} for option in options}
    slot = Slot("s", Kind(phrase.kind), named)
    for reading in kind.asked(phrase.text, setting):
        if reading.fault is None:
            for value in (reading.value, *reading.others):
                assert accept(slot, value) is not None, (phrase.kind, value)
