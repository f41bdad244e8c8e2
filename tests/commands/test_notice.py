"""The command with the real voices, and the length of what callers really hear (C9)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from consent.notice import Notice
from tests.evidence import exhibit
from tests.runtime.engines import Tones
from tests.runtime.sample_call import HOME
from voice_agent.agent import AgentConfig
from voice_agent.audio import wav
from voice_agent.cli import main
from voice_agent.errors import ConfigurationError
from voice_agent.recordings import Recordings
from voice_agent.settings import Settings, load_settings
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.voice import Voice
from voice_agent.storage.database import Database
from voice_agent.storage.notices import NoticeArchive, keep_notice
from voice_agent.texts import Texts

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was spoken once is spoken for all tests."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def _data(monkeypatch: pytest.MonkeyPatch, said: Path) -> None:
    """Where the program writes."""
    monkeypatch.setenv("DATA_DIR", str(said))


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> list[dict[str, Any]]:
    with pytest.raises(SystemExit) as left:
        main(["notice", *words, "--json"])
    assert left.value.code == status
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_c9_layer_1_takes_at_most_20_s_in_both_languages_as_it_is_heard(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Measured on the WAV files, which are those the notice's version names (C12)."""
    out = str(tmp_path / "said")
    files = run(capsys, "render", "--out", out, "--part", "layer1")
    files += run(capsys, "render", "--out", out, "--part", "repetition-2", "--language", "de")
    shown = {each["language"]: each for each in run(capsys, "show")}
    assert [Path(each["file"]).name for each in files] == [
        "de-layer1.wav",
        "en-layer1.wav",
        "de-repetition-2.wav",
    ]
    for each in files:
        content = Path(each["file"]).read_bytes()
        sound = wav.read(content)
        assert (sound.rate, sound.channels) == (8000, 1)
        assert hashlib.sha256(content).hexdigest() == each["sha256"]
        assert sound.seconds == pytest.approx(each["seconds"], abs=0.01)
        if each["part"] == "layer1":
            assert 5 < sound.seconds <= 20
            assert each["sha256"] == shown[each["language"]]["audio"]
    assert len({each["version"] for each in shown.values()}) == 1


def test_c9_the_present_notice_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = run(capsys, "check", "--language", "de")
    assert found["file"].endswith("de.yaml")
    assert found["seconds"] <= 20


def test_c9_a_notice_that_is_too_long_is_a_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice_agent.texts.LONGEST_NOTICE", 3.0)
    (found,) = run(capsys, "check", status=1)
    assert "layer1" in found["fault"]


def test_a_language_that_is_not_spoken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "show", "--language", "fr", status=2)


def test_a_part_that_there_is_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "render", "--out", "said", "--part", "layer9", status=2)


def test_a_directory_that_cannot_be_written_to_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "render", "--out", "/proc/nowhere", "--part", "layer1", status=2)


# -- at the start of the server --------------------------------------------------------------------


@pytest.fixture
def spoken(tmp_path: Path) -> tuple[Texts, Recordings]:
    """The example's notice, spoken in tones."""
    settings: Settings = load_settings({"CONFIG_DIR": str(HOME / "config")})
    texts = Texts(settings, AgentConfig.load(HOME / "config"))
    voices = {name: Voice(name, Tones(), SpeechCache()) for name in ("de", "en")}
    recordings = Recordings(tmp_path / "recordings", voices)
    texts.render_notice(recordings, voices)
    return texts, recordings


async def opened(path: Path) -> Database:
    database = Database.open(f"sqlite+aiosqlite:///{path / 'notices.db'}")
    await database.upgrade()
    return database


async def test_c13_the_start_keeps_the_notice_and_its_audio_byte_for_byte(
    spoken: tuple[Texts, Recordings], tmp_path: Path
) -> None:
    texts, recordings = spoken
    database = await opened(tmp_path)
    archive = NoticeArchive(database)
    await keep_notice(archive, texts, recordings, exhibit.NOON)
    await keep_notice(archive, texts, recordings, exhibit.NOON)
    kept: Notice | None = await archive.find(texts.notice.version)
    assert kept == texts.notice
    audio = await archive.audio(texts.notice.version)
    assert audio == {name: recordings.read(name) for name in texts.notice.audio.values()}
    await database.close()


async def test_c13_a_recording_that_is_gone_stops_the_start(
    spoken: tuple[Texts, Recordings], tmp_path: Path
) -> None:
    texts, _ = spoken
    database = await opened(tmp_path)
    empty = Recordings(tmp_path / "another", {})
    with pytest.raises(ConfigurationError, match="recordings"):
        await keep_notice(NoticeArchive(database), texts, empty, exhibit.NOON)
    await database.close()
