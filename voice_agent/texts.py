"""Everything that is said, loaded and checked before any model is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from consent.notice import Notice
from voice_agent.agent import AgentConfig
from voice_agent.agent_prompts import load_prompts
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.errors import ConfigurationError
from voice_agent.notices import load_notice
from voice_agent.recordings import Recordings
from voice_agent.retention import load_retention, periods
from voice_agent.script import CallScript
from voice_agent.settings import Settings
from voice_agent.speech.spoken import sentences
from voice_agent.speech.voice import Voice

LONGEST_NOTICE: Final = 20.0
"""Seconds layer 1 of the notice may take (C9), measured on its audio."""

FASTEST: Final = 1.3
"""The notice is said at most this much faster than other lines; beyond it nobody can follow."""


class Texts:
    """The texts of one agent.

    Raises:
        ConfigurationError: prompts, knowledge or notice are wrong.
    """

    def __init__(self, settings: Settings, agent: AgentConfig) -> None:
        self.languages: tuple[str, ...] = agent.languages
        self.notice: Notice = load_notice(
            agent, retention=periods(load_retention(settings.config_dir))
        )
        self.prompts = load_prompts(settings, agent)
        self.knowledge = Knowledge.load(settings.config_dir / "knowledge", self.languages)
        self.script = CallScript(self.notice, self.prompts)
        self.flows = load_flows(settings.config_dir / "flows", self.prompts)
        self._patience = agent.limits.wait_s
        self._country = agent.controller.jurisdiction

    def engine(self, tools: frozenset[str]) -> Engine:
        """The dialogue.

        Args:
            tools: what can be done for callers; a flow that needs more is not offered.
        """
        flows = Flows(self.flows, self.prompts, tools)
        return Engine(self.prompts, self.knowledge, self._patience, flows, self._country)

    def static_sentences(self, language: str) -> Iterator[str]:
        """Every sentence that is the same in all calls, the likeliest lines first."""
        for line in (
            *self.prompts.static_lines(language),
            *self.knowledge.static_lines(language),
            *self.script.full_notice(language),
        ):
            yield from sentences(line.text, language)

    def render(self, recordings: Recordings, voices: Mapping[str, Voice]) -> None:
        """Render what the carrier may play before any consent; blocks.

        Afterwards the notice's version covers its audio (C12).

        Raises:
            ConfigurationError: layer 1 cannot be said in time, or a recording not be written.
            EngineError: a synthesiser failed.
        """
        self.render_notice(recordings, voices)
        for language in self.languages:
            for lines in self.script.recorded(language):
                recordings.render(lines)

    def render_notice(self, recordings: Recordings, voices: Mapping[str, Voice]) -> None:
        """Render layer 1 alone; see ``render``."""
        self.fit(voices)
        audio = {
            language: recordings.render(self.script.notice(language)) for language in self.languages
        }
        self.notice = replace(self.notice, audio=audio)

    def fit(self, voices: Mapping[str, Voice]) -> None:
        """Find the speed at which layer 1 is short enough, measured on its audio (C9); blocks.

        Raises:
            ConfigurationError: there is none.
            EngineError: a synthesiser failed.
        """
        rates = {language: self._rate(language, voices) for language in self.languages}
        for language, rate in rates.items():
            seconds = self._seconds(language, voices, rate)
            if seconds > LONGEST_NOTICE:
                raise ConfigurationError(
                    f"consent/notices/{language}.yaml: layer1: takes {seconds:.1f} s at the "
                    f"fastest, and {LONGEST_NOTICE:.0f} s are allowed. Shorten it, or company.name "
                    "in agent.yaml"
                )
        self.script = self.script.at_rates(rates)

    def _rate(self, language: str, voices: Mapping[str, Voice]) -> float:
        """The slowest speed at which layer 1 is short enough, in steps of a twentieth."""
        rate = 1.0
        while rate < FASTEST and self._seconds(language, voices, rate) > LONGEST_NOTICE:
            rate = round(rate + 0.05, 2)
        return rate

    def _seconds(self, language: str, voices: Mapping[str, Voice], rate: float) -> float:
        return sum(
            voices[line.language].seconds(text, rate)
            for line in self.script.notice(language)
            for text in sentences(line.text, line.language)
        )
