"""Writes down what the agent said in a simulated call, where the server does not tell."""

from __future__ import annotations

import uuid

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from voice_agent.agent import AgentConfig
from voice_agent.audio.frame import TELEPHONE_RATE, Utterance
from voice_agent.errors import EngineError
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

        It is a synthesised voice in a call that whoever types the command makes with their own
        files: nobody is on the line whose consent a ledger could hold. The receipt says just that
        and is valid for this stretch of sound.

        Raises:
            EngineError: the recogniser failed.
        """
        own = f"own-call-{uuid.uuid4()}"
        gate = ConsentGate(own)
        gate.open(Receipt(own, own, frozenset({Purpose.CONVERSATION})))
        sealed = gate.admit(Utterance(mulaw, speech_ms=len(mulaw) * 1000 // TELEPHONE_RATE))
        if sealed is None:
            raise EngineError("the gate of an own call is open until its end")
        return self._recogniser.transcribe(sealed, self._language).text
