from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from consent.gate import ConsentGate
from consent.sealed import Consented, ConsentWithdrawn, join
from tests.call.scene import receipt
from tests.service.server import ROOT
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import FRAME_BYTES, Frame, Utterance
from voice_agent.speech.echo import CorrelationEcho

Samples = npt.NDArray[np.float64]
WINDOW = 1600
REACH = 5600
PLAYED = ("de01", "de18", "en05", "en15")
CALLERS = ("de03", "de21", "en09", "en19")


def voice(name: str) -> Samples:
    """One of the recordings."""
    return wav.read((ROOT / "tests/recordings" / f"{name}.wav").read_bytes()).mono().astype(float)


def returned(sound: Samples, delay_ms: int, quieter_db: float) -> Samples:
    """How a speaker phone sends it back: later, quieter, by several ways."""
    room = np.zeros(100)
    room[[0, 20, 77]] = 1.0, 0.4, -0.25
    late = np.concatenate([np.zeros(delay_ms * 8), np.convolve(sound, room)])[: len(sound)]
    noise = np.random.default_rng(1).normal(0, 12, len(sound))
    loud: Samples = late * 10 ** (-quieter_db / 20) + noise
    return loud


def coded(sound: Samples) -> bytes:
    return mulaw.encode(np.clip(sound, -32000, 32000).astype(np.int16))


def sealed(sound: bytes, gate: ConsentGate | None = None) -> Consented[Utterance]:
    gate = gate or ConsentGate("CA1")
    if gate.receipt is None:
        gate.open(receipt())
    frames = [
        gate.admit(Frame(sound[start : start + FRAME_BYTES], start // 8))
        for start in range(0, len(sound), FRAME_BYTES)
    ]
    return join(
        [frame for frame in frames if frame is not None],
        lambda heard: Utterance(b"".join(frame.mulaw for frame in heard), 0),
    )


def shares(near: Samples, far: Samples) -> float:
    """Share of the loud stretches of ``near`` that are called an echo of ``far``."""
    size = min(len(near), len(far))
    heard, played = coded(near[:size]), coded(far[:size])
    loud = np.sqrt(np.mean(np.square(near)))
    verdicts = [
        CorrelationEcho().is_echo(sealed(heard[at - WINDOW : at]), played[at - REACH : at])
        for at in range(REACH, size - FRAME_BYTES, 480)
        if np.sqrt(np.mean(np.square(near[at - FRAME_BYTES : at]))) > 0.5 * loud
    ]
    assert len(verdicts) > 5
    return sum(verdicts) / len(verdicts)


@pytest.mark.parametrize("name", PLAYED)
@pytest.mark.parametrize(("delay_ms", "quieter_db"), [(60, 12), (180, 20), (300, 20)])
def test_the_agents_own_voice_is_known_again(name: str, delay_ms: int, quieter_db: int) -> None:
    far = voice(name)
    assert shares(returned(far, delay_ms, quieter_db), far) >= 0.9


def test_a_caller_who_speaks_over_the_agent_is_no_echo() -> None:
    """Some stretches of two voices are alike; a caller who goes on is never taken for an echo."""
    found = []
    for caller, played in itertools.product(CALLERS, PLAYED):
        far, near = voice(played), voice(caller)
        size = min(len(near), len(far))
        found.append(shares(near[:size] + returned(far, 120, 26)[:size], far))
    assert sum(found) / len(found) <= 0.12
    assert max(found) <= 0.4


def test_nothing_echoes_silence() -> None:
    near = coded(voice("de03")[4000 : 4000 + WINDOW])
    assert not CorrelationEcho().is_echo(sealed(near), b"\xff" * REACH)
    assert not CorrelationEcho().is_echo(sealed(near), b"")
    assert not CorrelationEcho().is_echo(sealed(b"\xff" * WINDOW), b"\xff" * REACH)


def test_it_listens_with_consent_only() -> None:
    gate = ConsentGate("CA1")
    heard = sealed(b"\x55" * WINDOW, gate)
    gate.withdraw()
    with pytest.raises(ConsentWithdrawn):
        CorrelationEcho().is_echo(heard, b"\x55" * REACH)
