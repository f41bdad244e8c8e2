"""One server for all tests of the service, and ears to hear what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from tests.service.server import ROOT, TOKEN, Server, running
from voice_agent.audio import mulaw
from voice_agent.audio.frame import Utterance
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.phone.carrier import Carrier
from voice_agent.speech.whisper import WhisperRecogniser

Hear = Callable[[npt.NDArray[np.int16], str], str]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of ``make run``, with the real engines."""
    with running(tmp_path_factory.mktemp("service")) as started:
        yield started


@pytest.fixture
async def carrier(server: Server) -> AsyncIterator[Carrier]:
    """Our own carrier, connected with the server."""
    async with Carrier(server.url, TOKEN) as connected:
        yield connected


@pytest.fixture(scope="session")
def hear() -> Hear:
    """A recogniser of the test's own: what a caller understands of 8 kHz audio."""
    store = ModelStore(ROOT / "models")
    recogniser = WhisperRecogniser(store.require(find("whisper-base", "recogniser")))
    receipt = Receipt("the test hears its own recording", "test", frozenset({Purpose.CONVERSATION}))

    def listen(samples: npt.NDArray[np.int16], language: str) -> str:
        gate = ConsentGate("test")
        gate.open(receipt)
        sealed = gate.admit(Utterance(mulaw.encode(samples), speech_ms=len(samples) // 8))
        assert sealed is not None
        return recogniser.transcribe(sealed, language).text

    return listen


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Callers' utterances, 8 kHz."""
    return ROOT / "tests" / "recordings"
