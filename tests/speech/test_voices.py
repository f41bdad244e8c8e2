from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from voice_agent.errors import ConfigurationError
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.speech.voices import choose_voices

JOE = "en_US-joe-medium"


@pytest.fixture
def empty(tmp_path: Path) -> ModelStore:
    """A store without any model."""
    return ModelStore(tmp_path)


@pytest.fixture
def without_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is installed."""
    monkeypatch.setenv("PATH", "/nonexistent")


@pytest.mark.integration
def test_auto_takes_piper_where_its_voice_is(store: ModelStore) -> None:
    assert choose_voices({"en": "auto"}, store)["en"].name == f"piper:{JOE}"


@pytest.mark.integration
def test_auto_takes_espeak_where_no_voice_is(empty: ModelStore) -> None:
    voices = choose_voices({"de": "auto", "en": "auto"}, empty)
    assert [voice.name.split(":")[0] for voice in voices.values()] == ["espeak-ng", "espeak-ng"]


@pytest.mark.integration
def test_espeak_is_taken_when_it_is_asked_for(store: ModelStore) -> None:
    assert choose_voices({"en": "espeak"}, store)["en"].name.startswith("espeak-ng:")


@pytest.mark.integration
def test_a_voice_is_taken_by_its_name(store: ModelStore) -> None:
    assert choose_voices({"en": JOE}, store)["en"].name == f"piper:{JOE}"


@pytest.mark.integration
def test_a_voice_cut_short_is_not_taken_for_one(store: ModelStore, tmp_path: Path) -> None:
    voice = find(JOE)
    shutil.copytree(store.path(voice), tmp_path / voice.name)
    (tmp_path / voice.name / f"{voice.name}.onnx").write_bytes(b"half")
    assert choose_voices({"en": "auto"}, ModelStore(tmp_path))["en"].name.startswith("espeak-ng:")


@pytest.mark.parametrize(
    ("language", "choice", "said"),
    [
        ("en", JOE, rf"'en'.*not there.*voice-agent models pull {JOE}"),
        ("de", JOE, "speaks 'en'"),
        ("de", "no-such-voice", r"'no-such-voice'.*de_DE-thorsten-medium"),
        ("de", "whisper-base", "no voice 'whisper-base'"),
        ("de", "auto", "apt-get install espeak-ng, or: voice-agent models pull de_DE-thorsten"),
        ("de", "espeak", "apt-get install espeak-ng"),
    ],
)
@pytest.mark.usefixtures("without_espeak")
def test_what_cannot_be_had_is_named_with_the_mend(
    empty: ModelStore, language: str, choice: str, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        choose_voices({language: choice}, empty)


@pytest.mark.usefixtures("without_espeak")
def test_every_language_without_a_voice_has_its_line(empty: ModelStore) -> None:
    with pytest.raises(ConfigurationError) as caught:
        choose_voices({"de": "auto", "en": "auto"}, empty)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "voice for 'de'",
        "voice for 'en'",
    ]
