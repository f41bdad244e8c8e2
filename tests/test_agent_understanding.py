from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.dialogue.understanding.told import FLOWS, KNOWLEDGE, ROOT
from tests.llm.server import serving, writes
from voice_agent.agent import AgentConfig
from voice_agent.agent_understanding import LanguageModel, open_understander
from voice_agent.dialogue.commands import StartFlow
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.settings import Settings, load_settings

SAID = Said("mein Lenkrad wackelt so komisch", "de")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def configured(tmp_path: Path, **more: str) -> Settings:
    return load_settings({"DATA_DIR": str(tmp_path), "CONFIG_DIR": str(ROOT / "config"), **more})


def test_without_settings_there_is_no_model(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    assert LanguageModel.open(settings, ("de", "en"), FLOWS, KNOWLEDGE) is None
    agent = AgentConfig.for_settings(settings)
    assert open_understander(agent, KNOWLEDGE, (), None, lambda: NOW).understand(SAID) == ()


@pytest.mark.integration
def test_calls_ask_the_model_that_is_configured(tmp_path: Path) -> None:
    with serving() as server:
        server.behaviour = writes('{"commands": [{"command": "start_flow", "flow": "complaint"}]}')
        settings = configured(tmp_path, LLM_BASE_URL=server.url, LLM_MODEL="m-1")
        counts: Counter[str] = Counter()
        model = LanguageModel.open(
            settings, ("de", "en"), FLOWS, KNOWLEDGE, lambda kind: counts.update([kind])
        )
        assert model is not None
        model.warmed.result(20)
        agent = AgentConfig.for_settings(settings)
        understander = open_understander(agent, KNOWLEDGE, (), None, lambda: NOW, model=model)
        assert understander.understand(SAID) == (StartFlow("complaint"),)
        model.close()
    assert counts == {"language_model_asked": 1, "language_model_helped": 1}
    assert [each["model"] for each in server.requests] == ["m-1"] * 3
