from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def prompts() -> Prompts:
    """The sentences that are shipped."""
    return Prompts.load(ROOT / "prompts", about={"company": "Autowerkstatt Berger"})


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The answers of the example company."""
    return Knowledge.load(ROOT / "config" / "knowledge")


@pytest.fixture(scope="session")
def engine(prompts: Prompts, knowledge: Knowledge) -> Engine:
    """The engine over what is shipped."""
    return Engine(prompts, knowledge)


@pytest.fixture(scope="session")
def flows(prompts: Prompts) -> Mapping[str, Flow]:
    """The flows that are shipped."""
    return load_flows(ROOT / "config" / "flows", prompts)


@pytest.fixture(scope="session")
def understander(knowledge: Knowledge, flows: Mapping[str, Flow]) -> BuiltinUnderstander:
    """The understander over what is shipped."""
    return BuiltinUnderstander(knowledge, flows.values())
