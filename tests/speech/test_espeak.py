"""eSpeak NG with the real program, and with programs that misbehave."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.speech.test_piper import first_sound
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.errors import ConfigurationError, EngineError
from voice_agent.speech import espeak
from voice_agent.speech.espeak import EspeakSynthesiser

pytestmark = pytest.mark.integration

SENTENCE = "Wir haben von acht bis achtzehn Uhr geöffnet."


@pytest.fixture(scope="module")
def german() -> EspeakSynthesiser:
    """The German voice."""
    return EspeakSynthesiser("de")


def program(directory: Path, script: str) -> str:
    """A program that stands where espeak-ng should."""
    path = directory / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_sentence_lasts_as_long_as_it_takes_to_say(german: EspeakSynthesiser) -> None:
    assert 2.0 < len(german.speak(SENTENCE)) / TELEPHONE_RATE < 5.0
    assert german.name.startswith("espeak-ng:de")


@pytest.mark.parametrize("language", ["de", "en"])
def test_speech_begins_at_once(language: str) -> None:
    assert first_sound(EspeakSynthesiser(language).speak("Guten Tag.")) <= 0.03


def test_the_same_text_is_the_same_bytes(german: EspeakSynthesiser) -> None:
    assert german.speak(SENTENCE) == german.speak(SENTENCE)


def test_a_slower_rate_takes_longer(german: EspeakSynthesiser) -> None:
    assert len(german.speak(SENTENCE, 0.7)) > 1.3 * len(german.speak(SENTENCE, 1.2))


@pytest.mark.parametrize("rate", [0.0, -1.0, 0.1, 5.0, float("nan")])
def test_a_rate_nobody_could_follow_is_an_error(german: EspeakSynthesiser, rate: float) -> None:
    with pytest.raises(EngineError, match="rate"):
        german.speak(SENTENCE, rate)


@pytest.mark.parametrize("text", ["", " ", "...", "\n"])
def test_nothing_to_say_is_no_audio(german: EspeakSynthesiser, text: str) -> None:
    assert german.speak(text) == b""


@pytest.mark.parametrize(
    ("hostile", "plain"),
    [
        ("--help", "help"),
        ("-v fr bonjour", "v fr bonjour"),
        ("\x01 99P Hallo", "99P Hallo"),
        ("[[h@l@U]]", "h@l@U"),
    ],
)
def test_no_part_of_a_text_is_obeyed(german: EspeakSynthesiser, hostile: str, plain: str) -> None:
    """As an option, a command or phonemes it would sound otherwise than read aloud."""
    assert german.speak(hostile) == german.speak(plain)


def test_several_threads_speak_at_once(german: EspeakSynthesiser) -> None:
    texts = ["Guten Tag.", SENTENCE, "Auf Wiederhören."] * 3
    alone = [german.speak(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(german.speak, texts)) == alone


def test_a_missing_program_is_named_with_the_mend() -> None:
    with pytest.raises(ConfigurationError, match="apt-get install espeak-ng"):
        EspeakSynthesiser("de", program="no-such-espeak")


def test_a_language_without_a_voice_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="'fr'"):
        EspeakSynthesiser("fr")


@pytest.mark.parametrize(
    ("script", "said"),
    [("exit 3", "status 3"), ("echo no sound", "WAV"), ("kill -9 $$", "status -9")],
)
def test_a_program_that_fails_is_an_engine_error(tmp_path: Path, script: str, said: str) -> None:
    with pytest.raises(EngineError, match=said) as caught:
        EspeakSynthesiser("de", program(tmp_path, script)).speak("Frau Canary")
    assert "Canary" not in str(caught.value)


def test_a_program_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "_SECONDS", 0.05)
    with pytest.raises(EngineError, match="Timeout"):
        EspeakSynthesiser("de", program(tmp_path, "exec sleep 5")).speak("Hallo")
