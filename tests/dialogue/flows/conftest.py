from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.dialogue.flows.caller import Caller
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.tool import CATALOGUE

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def doing(prompts: Prompts, knowledge: Knowledge, flows: Mapping[str, Flow]) -> Engine:
    """The engine over what is shipped, with every tool."""
    return Engine(prompts, knowledge, flows=Flows(flows, prompts, frozenset(CATALOGUE)))


@pytest.fixture
def caller(doing: Engine) -> Caller:
    """Somebody who has just been greeted in German."""
    return Caller(doing)
