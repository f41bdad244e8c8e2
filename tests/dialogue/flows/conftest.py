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
SILENT = frozenset(
    name for name in CATALOGUE if not name.startswith(("confirmation.", "reminder."))
)
"""Every tool but those that send text messages or remind people."""


@pytest.fixture(scope="session")
def doing(prompts: Prompts, knowledge: Knowledge, flows: Mapping[str, Flow]) -> Engine:
    """The engine over what is shipped, without text messages and reminders."""
    return Engine(prompts, knowledge, flows=Flows(flows, prompts, SILENT))


@pytest.fixture(scope="session")
def writing(prompts: Prompts, knowledge: Knowledge, flows: Mapping[str, Flow]) -> Engine:
    """The same with text messages."""
    tools = frozenset(name for name in CATALOGUE if not name.startswith("reminder."))
    return Engine(prompts, knowledge, flows=Flows(flows, prompts, tools))


@pytest.fixture(scope="session")
def reminding(prompts: Prompts, knowledge: Knowledge, flows: Mapping[str, Flow]) -> Engine:
    """The same with every tool."""
    return Engine(prompts, knowledge, flows=Flows(flows, prompts, frozenset(CATALOGUE)))


@pytest.fixture
def caller(doing: Engine) -> Caller:
    """Somebody who has just been greeted in German."""
    return Caller(doing)
