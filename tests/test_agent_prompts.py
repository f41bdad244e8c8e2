"""What anybody may hear who answers a call that we make, if a company words it itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.runtime.sample_call import HOME
from voice_agent.agent import AgentConfig
from voice_agent.agent_prompts import load_prompts
from voice_agent.dialogue.prompts import Prompts
from voice_agent.errors import ConfigurationError
from voice_agent.script import OUTBOUND
from voice_agent.settings import load_settings

SAYS = {
    "de": "Guten Tag, hier ist der KI-Assistent von",
    "en": "Hello, this is the AI assistant of",
}


def load(config: Path, *, health: bool = False, **own: str) -> Prompts:
    """The sentences of a company that reminds people, with its own in both languages."""
    shutil.copy(HOME / "config" / "reminders.yaml", config)
    for language, opening in SAYS.items():
        (config / "prompts" / language).mkdir(parents=True)
        lines = [f"{key}: '{text.replace('OPENING', opening)}'" for key, text in own.items()]
        (config / "prompts" / language / "own.yaml").write_text("\n".join(lines) + "\n")
    agent = AgentConfig.load(HOME / "config")
    notice = agent.notice.model_copy(update={"health": health})
    env = {"CONFIG_DIR": str(config), "PROMPTS_DIR": str(HOME / "prompts")}
    return load_prompts(load_settings(env), agent.model_copy(update={"notice": notice}))


def test_the_callers_name_of_the_configuration_is_said(tmp_path: Path) -> None:
    prompts = load(tmp_path, outbound_opener="OPENING {caller_name}. Erwarten Sie uns?")
    assert prompts.line("outbound_opener", "en").text.startswith(f"{SAYS['en']} Büro Berger.")


def test_c7_an_opener_that_says_too_late_that_it_is_an_ai_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"outbound_opener: .*hears too late"):
        load(tmp_path, outbound_opener="Guten Tag, hier ist {caller_name}. Erwarten Sie uns?")


@pytest.mark.parametrize("key", [*OUTBOUND, "connecting_human", "human_unavailable"])
def test_c27_where_health_is_spoken_of_no_sentence_names_the_company(
    tmp_path: Path, key: str
) -> None:
    own = {"outbound_opener": "OPENING uns."} | {key: "OPENING {company}."}
    with pytest.raises(ConfigurationError, match=f"{key}: .*holds company.name"):
        load(tmp_path, health=True, **own)


def test_elsewhere_a_company_may_name_itself(tmp_path: Path) -> None:
    prompts = load(tmp_path, outbound_opener="OPENING {company}. Erwarten Sie uns?")
    assert "Autowerkstatt Berger" in prompts.line("outbound_opener", "de").text
