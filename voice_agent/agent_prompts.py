"""What a company's agent can say: the shipped sentences and the company's own."""

from __future__ import annotations

from typing import Final

from voice_agent.agent import AgentConfig
from voice_agent.dialogue.prompts import Prompts, fill
from voice_agent.errors import ConfigurationError
from voice_agent.notices import DISCLOSED_WITHIN, DISCLOSURE
from voice_agent.outbound.rules import load_rules_of, tells
from voice_agent.script import OUTBOUND
from voice_agent.settings import Settings

_PLAYED_BEFORE_IDENTITY: Final = ("connecting_human", "human_unavailable")
"""Prompts of every call that whoever presses key 0 hears before they prove who they are."""


def load_prompts(settings: Settings, agent: AgentConfig) -> Prompts:
    """The sentences of this agent.

    Raises:
        ConfigurationError: as ``Prompts.load`` and ``load_rules_of``; or whoever answers a call
            that we make would not hear at once what is ringing, or hear more than they may.
    """
    about = {"company": agent.company.name}
    reminders = load_rules_of(settings.config_dir, agent)
    if reminders is not None:
        about["caller_name"] = reminders.caller_name
    prompts = Prompts.load(
        settings.prompts_dir, agent.languages, about, settings.config_dir / "prompts"
    )
    if reminders is not None:
        _require_openness(prompts)
    if reminders is not None and agent.notice.health:
        _require_discretion(prompts, agent.company.name)
    return prompts


def _require_openness(prompts: Prompts) -> None:
    """Whoever answers hears at once that a machine speaks (C7)."""
    for language, texts in prompts.variants.items():
        for text in texts.get("outbound_opener", ()):
            if DISCLOSURE[language] not in fill(text, prompts.about)[:DISCLOSED_WITHIN]:
                raise ConfigurationError(
                    f"prompts/{language}: outbound_opener: whoever answers hears too late that an "
                    f"AI rings: {DISCLOSURE[language]!r} must stand in the first "
                    f"{DISCLOSED_WITHIN} characters"
                )


def _require_discretion(prompts: Prompts, company: str) -> None:
    """Where health is spoken of, nobody learns from a call whose patient somebody is (C27)."""
    for language, texts in prompts.variants.items():
        for key in (*OUTBOUND, *_PLAYED_BEFORE_IDENTITY, "sms_reminder"):
            if any(tells(fill(text, prompts.about), company) for text in texts.get(key, ())):
                raise ConfigurationError(
                    f"prompts/{language}: {key}: anybody may hear or see it, and it holds "
                    "company.name of agent.yaml. Name {caller_name} instead"
                )
