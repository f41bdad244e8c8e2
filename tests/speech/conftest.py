from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import Consented
from voice_agent.audio.frame import Utterance
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.settings import load_settings
from voice_agent.speech.piper import PiperSynthesiser
from voice_agent.speech.whisper import WhisperRecogniser

RECORDINGS = Path(__file__).parents[1] / "recordings"


@pytest.fixture
def gate() -> ConsentGate:
    """The open gate of a call."""
    gate = ConsentGate("CA1")
    gate.open(Receipt("record", "CA1", frozenset({Purpose.CONVERSATION})))
    return gate


@pytest.fixture
def seal(gate: ConsentGate) -> Callable[[bytes], Consented[Utterance]]:
    """Makes a sealed utterance of mu-law, all of it speech."""

    def make(sound: bytes) -> Consented[Utterance]:
        sealed = gate.admit(Utterance(sound, speech_ms=len(sound) // 8))
        assert sealed is not None
        return sealed

    return make


@pytest.fixture(scope="session")
def store() -> ModelStore:
    """The models that `voice-agent models pull` put in place."""
    return ModelStore(load_settings().models_dir)


@pytest.fixture(scope="session")
def recogniser(store: ModelStore) -> WhisperRecogniser:
    """Whisper base, as the defaults have it."""
    return WhisperRecogniser(store.require(find("whisper-base")), threads=2)


@pytest.fixture(scope="session")
def joe(store: ModelStore) -> PiperSynthesiser:
    """The English voice."""
    return PiperSynthesiser(store.require(find("en_US-joe-medium")))
