"""What a company's agent can say: the shipped sentences and the company's own."""

from __future__ import annotations

from voice_agent.agent import AgentConfig
from voice_agent.dialogue.prompts import Prompts
from voice_agent.outbound.rules import load_rules_of
from voice_agent.settings import Settings


def load_prompts(settings: Settings, agent: AgentConfig) -> Prompts:
    """The sentences of this agent.

    Raises:
        ConfigurationError: as ``Prompts.load`` and ``load_rules_of``.
    """
    about = {"company": agent.company.name}
    reminders = load_rules_of(settings.config_dir, agent)
    if reminders is not None:
        about["caller_name"] = reminders.caller_name
    return Prompts.load(
        settings.prompts_dir,
        agent.languages,
        about,
        settings.config_dir / "prompts",
    )
