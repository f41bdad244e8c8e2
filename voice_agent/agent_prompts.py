"""What a company's agent can say: the shipped sentences and the company's own."""

from __future__ import annotations

from voice_agent.agent import AgentConfig
from voice_agent.dialogue.prompts import Prompts
from voice_agent.settings import Settings


def load_prompts(settings: Settings, agent: AgentConfig) -> Prompts:
    """The sentences of this agent.

    Raises:
        ConfigurationError: as ``Prompts.load``.
    """
    return Prompts.load(
        settings.prompts_dir,
        agent.languages,
        {"company": agent.company.name},
        settings.config_dir / "prompts",
    )
