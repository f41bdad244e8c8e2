"""Piper with the real English voice."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from voice_agent.audio import mulaw
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.errors import EngineError, ModelError
from voice_agent.speech.piper import PiperSynthesiser

pytestmark = pytest.mark.integration

SENTENCE = "We are open on weekdays from eight to six."


def first_sound(audio: bytes) -> float:
    """Seconds until something is heard."""
    return float(np.flatnonzero(np.abs(mulaw.decode(audio)) > 300)[0]) / TELEPHONE_RATE


def test_a_sentence_lasts_as_long_as_it_takes_to_say(joe: PiperSynthesiser) -> None:
    assert 1.8 < len(joe.speak(SENTENCE)) / TELEPHONE_RATE < 4.0
    assert joe.name == "piper:en_US-joe-medium"


def test_speech_begins_at_once(joe: PiperSynthesiser) -> None:
    assert first_sound(joe.speak(SENTENCE)) <= 0.03


def test_the_same_text_is_the_same_bytes(joe: PiperSynthesiser) -> None:
    """The version of a notice is a hash over its audio, and the proof reproduces it (C12, C13)."""
    once = joe.speak(SENTENCE)
    joe.speak("Something in between.")
    assert joe.speak(SENTENCE) == once


def test_a_slower_rate_takes_longer(joe: PiperSynthesiser) -> None:
    slow, fast = len(joe.speak(SENTENCE, 0.7)), len(joe.speak(SENTENCE, 1.4))
    assert slow > 1.5 * fast


@pytest.mark.parametrize("rate", [0.0, -1.0, 0.1, 5.0, float("nan"), float("inf")])
def test_a_rate_nobody_could_follow_is_an_error(joe: PiperSynthesiser, rate: float) -> None:
    with pytest.raises(EngineError, match="rate"):
        joe.speak(SENTENCE, rate)


@pytest.mark.parametrize("text", ["", " ", "...", "\n"])
def test_nothing_to_say_is_no_audio(joe: PiperSynthesiser, text: str) -> None:
    assert joe.speak(text) == b""


@pytest.mark.parametrize(
    "text", ["[[h@l@U]] there", "\x01 99P there", "<speak>there</speak>", "日本語 there", "\ud800"]
)
def test_hostile_text_is_read_or_left_out(joe: PiperSynthesiser, text: str) -> None:
    assert len(joe.speak(text)) < 10 * TELEPHONE_RATE


def test_several_sentences_have_a_pause_between(joe: PiperSynthesiser) -> None:
    one, two = joe.speak("Hello there."), joe.speak("Hello there. Hello there.")
    assert len(two) > 2 * len(one)


def test_several_threads_share_one_voice(joe: PiperSynthesiser) -> None:
    texts = ["One moment please.", "How can I help you?", SENTENCE] * 2
    alone = [joe.speak(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(joe.speak, texts)) == alone


def test_no_spoken_text_is_logged(joe: PiperSynthesiser, caplog: pytest.LogCaptureFixture) -> None:
    """Piper writes every text into its own debug log; our way around it must stay one."""
    with caplog.at_level(logging.DEBUG):
        joe.speak("Canary Wharf.")
    assert "Canary" not in caplog.text


def test_a_directory_without_a_voice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="voice-agent models pull"):
        PiperSynthesiser(tmp_path / "en_US-joe-medium")


@pytest.mark.parametrize("written", ["{", "[]", "{}", json.dumps({"num_symbols": "many"})])
def test_a_damaged_voice_is_an_error(tmp_path: Path, written: str) -> None:
    (tmp_path / f"{tmp_path.name}.onnx").write_bytes(b"no model")
    (tmp_path / f"{tmp_path.name}.onnx.json").write_text(written)
    with pytest.raises(ModelError, match="can be loaded"):
        PiperSynthesiser(tmp_path)
