"""A scenario that is wrong is found wrong, by line or by turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.virtual_time import in_virtual_time
from tests.scenarios.scenario import Scenario
from tests.scenarios.stage import play
from voice_agent.errors import ConfigurationError

HEAD = "name: It is so\nlanguage: de\nturns:\n"
WISH = "  - say: Ich brauche einen Termin für einen Ölwechsel am Dienstag um zehn.\n"
RIGHT = f"""{WISH}    commands: [start_flow book_appointment, fill_slot date 2026-11-24]
    slots: {{service: oil-change, phone: null}}
    flow: book_appointment
    question: name
    says: [flow_name, Namen]
    says_not: [flow_phone, Nummer]
    tools: [calendar.free free]
    language: de
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "scenario.yaml"


def read(file: Path, text: str) -> Scenario:
    file.write_text(text, encoding="utf-8")
    return Scenario.load(file)


@in_virtual_time
async def test_what_is_as_it_is_written_is_found_right(file: Path, data_dir: Path) -> None:
    assert await play(read(file, HEAD + RIGHT), data_dir) == []


@pytest.mark.parametrize(
    ("turn", "fault"),
    [
        (f"{WISH}    commands: []\n", "commands"),
        (f"{WISH}    commands: [start_flow complaint]\n", "no start_flow complaint"),
        (f"{WISH}    slots: {{service: inspection}}\n", "service is oil-change"),
        (f"{WISH}    slots: {{service: null}}\n", "service is oil-change"),
        (f"{WISH}    flow: none\n", "flow: book_appointment"),
        (f"{WISH}    question: phone\n", "question: name"),
        (f"{WISH}    says: [flow_phone]\n", "['flow_name'] instead of ['flow_phone']"),
        (f"{WISH}    says: [no such words]\n", "not 'no such words'"),
        (f"{WISH}    says_not: [flow_name]\n", "'flow_name' all the same"),
        (f"{WISH}    says_not: [Namen]\n", "'Namen' all the same"),
        (f"{WISH}    tools: []\n", "tools"),
        (f"{WISH}    tools: [calendar.free taken]\n", "instead of ['calendar.free taken']"),
        (f"{WISH}    then: hang_up\n", "then: listen"),
        (f"{WISH}    language: en\n", "language: de"),
        ('  - key: "0"\n', "then: hand_over"),
        ('  - key: "0"\n    then: hand_over\n  - silence: true\n', "the conversation is over"),
        (f"{WISH}booked: [oil-change 2026-11-24T10:00 Fischer +49301234567]\n", "booked: []"),
    ],
)
@in_virtual_time
async def test_what_is_otherwise_is_told(file: Path, data_dir: Path, turn: str, fault: str) -> None:
    faults = await play(read(file, HEAD + turn), data_dir)
    assert fault in "; ".join(faults)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{HEAD}  - say: ja\n    slot: {{}}\n", "scenario.yaml:5: turns.0.slot: unknown key"),
        (f"{HEAD}  - flow: none\n", "scenario.yaml:4: turns.0: a turn has one of"),
        (f'{HEAD}  - say: ja\n    key: "1"\n', "scenario.yaml:4: turns.0: a turn has one of"),
        (f"{HEAD}  - key: A\n", "scenario.yaml:4: turns.0.key"),
        (f"{HEAD}  - say: ja\n    tools: [book it]\n", "scenario.yaml:5: turns.0.tools: book it"),
        (f"{HEAD}  - say: ja\n    then: perhaps\n", "scenario.yaml:5: turns.0.then"),
        (f"{HEAD}  []\n", "scenario.yaml:4: turns"),
        ("name: x\nnow: soon\nturns:\n  - say: ja\n", "scenario.yaml:2: now"),
        ("name: x\ntroubles: {door: away}\nturns:\n  - say: ja\n", "scenario.yaml:2: troubles"),
        ("language: de\nturns:\n  - say: ja\n", "name: is missing"),
    ],
)
def test_what_is_no_scenario_is_told_by_line(file: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(file, text)
    assert fault in str(caught.value)
