from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from consent.gate import ConsentGate
from consent.sealed import ConsentWithdrawn
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import FRAME_BYTES, Frame
from voice_agent.commands.own_sound import own_gate
from voice_agent.errors import EngineError
from voice_agent.speech.webrtc_vad import MODES, WebRtcVad

RECORDINGS = Path(__file__).parents[1] / "recordings"


def share_of_speech(gate: ConsentGate, sound: bytes, mode: int = 2) -> float:
    vad = WebRtcVad(mode)
    judged = []
    for at in range(0, len(sound) - FRAME_BYTES + 1, FRAME_BYTES):
        frame = gate.admit(Frame(sound[at : at + FRAME_BYTES], at // 8))
        assert frame is not None
        judged.append(vad.is_speech(frame))
    return sum(judged) / len(judged)


@pytest.mark.parametrize("name", ["de01.wav", "en01.wav"])
def test_a_recorded_voice_is_speech(gate: ConsentGate, name: str) -> None:
    recording = wav.read((RECORDINGS / name).read_bytes())
    assert recording.rate == 8000
    assert share_of_speech(gate, mulaw.encode(recording.mono())) > 0.4


def test_silence_is_none(gate: ConsentGate) -> None:
    assert share_of_speech(gate, mulaw.SILENCE * 8000) == 0.0


def test_a_quiet_hum_is_none(gate: ConsentGate) -> None:
    hum = np.sin(np.arange(16_000) * 2 * np.pi * 50 / 8000) * 60
    assert share_of_speech(gate, mulaw.encode(hum.astype(np.int16)), mode=3) < 0.1


@pytest.mark.parametrize("length", [0, 80, 159, 161, 240])
def test_only_frames_of_20_ms_are_judged(gate: ConsentGate, length: int) -> None:
    frame = gate.admit(Frame(b"\xff" * length, 0))
    assert frame is not None
    with pytest.raises(EngineError):
        WebRtcVad().is_speech(frame)


def test_after_a_withdrawal_no_frame_is_judged(gate: ConsentGate) -> None:
    frame = gate.admit(Frame(b"\xff" * FRAME_BYTES, 0))
    assert frame is not None
    gate.withdraw()
    with pytest.raises(ConsentWithdrawn):
        WebRtcVad().is_speech(frame)


def test_the_frame_it_keeps_cannot_be_heard_after_a_withdrawal(gate: ConsentGate) -> None:
    """The filter needs the frame before; it is kept sealed."""
    vad, frame = WebRtcVad(), gate.admit(Frame(b"\xff" * FRAME_BYTES, 0))
    other = own_gate().admit(Frame(b"\xff" * FRAME_BYTES, 20))
    assert frame is not None
    assert other is not None
    vad.is_speech(frame)
    gate.withdraw()
    with pytest.raises(ConsentWithdrawn):
        vad.is_speech(other)


@pytest.mark.parametrize("mode", [*MODES, -1, 4])
def test_the_mode_is_0_to_3(mode: int) -> None:
    if mode in MODES:
        WebRtcVad(mode)
    else:
        with pytest.raises(ValueError, match="mode"):
            WebRtcVad(mode)
