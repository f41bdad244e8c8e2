from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.engines import Tones
from voice_agent.errors import EngineError
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.voice import Voice


def test_a_sentence_is_spoken_as_it_is_said_and_remembered() -> None:
    tones = Tones()
    voice = Voice("de", tones, SpeechCache())
    assert voice.known("Um 14:30 Uhr.") is None
    sound = voice.speak("Um 14:30 Uhr.", personal=False)
    assert voice.known("Um 14:30 Uhr.") == voice.speak("Um 14:30 Uhr.", personal=False) == sound
    (said,) = tones.spoken
    assert "14:30" not in said


def test_c18_what_is_personal_is_never_kept(tmp_path: Path) -> None:
    voice = Voice("de", Tones(), SpeechCache(tmp_path))
    voice.speak("Frau Berger.", personal=True)
    assert voice.known("Frau Berger.") is None
    assert not list(tmp_path.iterdir())


def test_a_personal_sentence_is_not_taken_from_the_cache_either() -> None:
    tones = Tones()
    voice = Voice("de", tones, SpeechCache())
    voice.speak("Guten Tag.", personal=False)
    voice.speak("Guten Tag.", personal=True)
    assert len(tones.spoken) == 2


def test_another_rate_is_spoken_anew() -> None:
    voice = Voice("de", Tones(), SpeechCache())
    assert len(voice.speak("Guten Tag.", 0.5, personal=False)) > len(
        voice.speak("Guten Tag.", personal=False)
    )


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_to_say_is_no_sound_and_no_work(text: str) -> None:
    tones = Tones()
    assert Voice("de", tones, SpeechCache()).speak(text, personal=False) == b""
    assert tones.spoken == []


def test_a_full_disk_costs_nothing_but_the_copy_on_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    voice = Voice("de", Tones(), SpeechCache(tmp_path / "file"))
    sound = voice.speak("Guten Tag.", personal=False)
    assert sound
    assert voice.known("Guten Tag.") == sound


def test_an_engines_failure_is_passed_on() -> None:
    voice = Voice("de", Tones(fault=EngineError("no")), SpeechCache())
    with pytest.raises(EngineError):
        voice.speak("Guten Tag.", personal=False)
