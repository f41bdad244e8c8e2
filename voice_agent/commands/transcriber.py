"""Writes down what the agent said in a simulated call, where the server does not tell."""

from __future__ import annotations

from voice_agent.agent import AgentConfig
from voice_agent.commands.own_sound import own_sound
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.settings import Settings
from voice_agent.speech.whisper import WhisperRecogniser


class Transcriber:
    """The recogniser that calls use, on the agent's own voice.

    Args:
        settings: where the models lie.
        agent: which recogniser.
        language: ``de`` or ``en``.

    Raises:
        ModelError: the model is not there.
    """

    def __init__(self, settings: Settings, agent: AgentConfig, language: str) -> None:
        wanted = agent.speech.recogniser
        model = ModelStore(settings.models_dir).require(
            find(f"whisper-{wanted.model}", "recogniser")
        )
        self._recogniser = WhisperRecogniser(model, device=wanted.device, threads=wanted.threads)
        self._language = language

    def words(self, mulaw: bytes) -> str:
        """What is said; blocks.

        Raises:
            EngineError: the recogniser failed.
        """
        return self._recogniser.transcribe(own_sound(mulaw), self._language).text
