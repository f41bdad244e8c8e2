"""The voices an agent is configured to speak with."""

from __future__ import annotations

from typing import Final

from voice_agent.agent import AgentConfig
from voice_agent.models.store import ModelStore
from voice_agent.settings import Settings
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.voice import Voice
from voice_agent.speech.voices import choose_voices

THREADS: Final = 2
"""Threads of one synthesis: an answer is waited for, and a second core is mostly idle then."""


def open_voices(settings: Settings, agent: AgentConfig) -> dict[str, Voice]:
    """Load one voice for each language; they share one cache, kept in ``DATA_DIR``.

    Raises:
        ConfigurationError: one line for each language whose voice cannot be had, with the mend.
    """
    store, cache = ModelStore(settings.models_dir), SpeechCache(settings.data_dir / "speech")
    configured: dict[str, str] = {
        language: getattr(agent.speech.voices, language) for language in agent.languages
    }
    return {
        language: Voice(language, synthesiser, cache)
        for language, synthesiser in choose_voices(configured, store, threads=THREADS).items()
    }
