"""The real model on the recordings."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import Consented, ConsentWithdrawn
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import Utterance
from voice_agent.errors import ModelError
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.speech.log_mel import BANDS, RATE
from voice_agent.speech.smart_turn import SECONDS, SmartTurn, features

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "tests" / "recordings"


def model() -> Path:
    """The file that was pulled."""
    wanted = find("smart-turn-v3.2", "turn")
    return ModelStore(ROOT / "models").require(wanted) / wanted.files[0].name


@pytest.fixture(scope="module")
def judge() -> SmartTurn:
    return SmartTurn(model())


def heard(sound: bytes) -> tuple[Consented[Utterance], ConsentGate]:
    """Sound under a consent that can be withdrawn."""
    gate = ConsentGate("CA1")
    gate.open(Receipt("record", "CA1", frozenset({Purpose.CONVERSATION})))
    sealed = gate.admit(Utterance(sound, 1000))
    assert sealed is not None
    return sealed, gate


def spoken(name: str, share: float = 1.0) -> bytes:
    """A recording's speech, or its first part, and 200 ms of silence."""
    samples = wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono()
    audible = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 0.02)
    speech = samples[: audible[0] + round((audible[-1] - audible[0]) * share)]
    return mulaw.encode(speech) + b"\xff" * 1600


@pytest.mark.parametrize("name", ["de02", "de21", "de37", "en13", "en19"])
def test_a_whole_sentence_sounds_finished(judge: SmartTurn, name: str) -> None:
    sealed, _ = heard(spoken(name))
    assert judge.judge(sealed, name[:2]) > 0.8


@pytest.mark.parametrize("name", ["de03", "en12", "en13"])
def test_a_sentence_that_breaks_off_does_not(judge: SmartTurn, name: str) -> None:
    sealed, _ = heard(spoken(name, 0.4))
    assert judge.judge(sealed, name[:2]) < 0.5


def test_the_same_sound_is_judged_the_same(judge: SmartTurn) -> None:
    sealed, _ = heard(spoken("de01"))
    assert judge.judge(sealed, "de") == judge.judge(sealed, "de")


def test_of_a_long_turn_the_end_is_heard(judge: SmartTurn) -> None:
    noise = np.random.default_rng(1).integers(0, 256, 8000 * 20).astype(np.uint8).tobytes()
    end = mulaw.encode(wav.read((RECORDINGS / "en21.wav").read_bytes()).mono())
    end = end[-8000 * 2 :] + b"\xff" * (8000 * (SECONDS - 2))
    (long, _), (short, _) = heard(noise + end), heard(end)
    assert judge.judge(long, "en") == pytest.approx(judge.judge(short, "en"), abs=0.01)


@pytest.mark.parametrize("sound", [b"", b"\xff" * 8000, b"\x00" * 100])
def test_any_sound_has_a_probability(judge: SmartTurn, sound: bytes) -> None:
    sealed, _ = heard(sound)
    assert 0 <= judge.judge(sealed, "de") <= 1


def test_c16_after_a_withdrawal_nothing_is_judged(judge: SmartTurn) -> None:
    sealed, gate = heard(spoken("de01"))
    gate.withdraw()
    with pytest.raises(ConsentWithdrawn):
        judge.judge(sealed, "de")


def test_the_model_is_given_eight_seconds() -> None:
    for samples in (0, RATE, SECONDS * RATE, 12 * RATE):
        assert features(np.ones(samples, dtype=np.int16)).shape == (BANDS, SECONDS * 100)


def test_engine_and_version_are_told(judge: SmartTurn) -> None:
    assert judge.name == "smart-turn:v3.2-cpu"


def test_a_file_that_is_missing_or_another_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model"):
        SmartTurn(tmp_path / "none.onnx")
    text = tmp_path / "text.onnx"
    text.write_text("Dear Sir or Madam")
    with pytest.raises(ModelError, match="can be loaded"):
        SmartTurn(text)
    voice = next((ROOT / "models").glob("*/en_US-joe-medium.onnx"))
    other = shutil.copy(voice, tmp_path / "voice.onnx")
    with pytest.raises(ModelError, match="other inputs"):
        SmartTurn(Path(other))
