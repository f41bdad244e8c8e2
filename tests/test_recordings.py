from __future__ import annotations

import errno
import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.runtime.engines import Tones
from voice_agent import atomic_file
from voice_agent.audio import wav
from voice_agent.dialogue.line import Line
from voice_agent.errors import ConfigurationError, EngineError
from voice_agent.recordings import Recordings, recordings_router
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.voice import Voice

LINES = (Line("notice", "Guten Tag. Ich höre zu.", "de"), Line("notice", "Press 5.", "en"))


def recordings(directory: Path, tones: Tones | None = None) -> Recordings:
    voices = {name: Voice(name, tones or Tones(), SpeechCache()) for name in ("de", "en")}
    return Recordings(directory, voices)


def test_a_recording_is_an_8_khz_mono_wav_named_by_its_own_hash(tmp_path: Path) -> None:
    kept = recordings(tmp_path)
    name = kept.render(LINES)
    data = kept.read(name)
    assert data is not None
    assert hashlib.sha256(data).hexdigest() == name
    sound = wav.read(data)
    assert (sound.rate, sound.channels) == (8000, 1)
    assert kept.seconds(name) == pytest.approx(len(sound.samples) / 8000)
    assert kept.name(LINES) == name


def test_lines_are_spoken_in_order_each_by_its_languages_voice(tmp_path: Path) -> None:
    tones = Tones()
    recordings(tmp_path, tones).render(LINES)
    assert tones.spoken == ["Guten Tag.", "Ich höre zu.", "Press five."]


def test_the_same_lines_are_rendered_once_and_again_to_the_same_name(tmp_path: Path) -> None:
    first, again = recordings(tmp_path), recordings(tmp_path)
    assert first.render(LINES) == first.render(list(LINES)) == again.render(LINES)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_recording_damaged_on_the_disk_is_written_anew(tmp_path: Path) -> None:
    name = recordings(tmp_path).render(LINES)
    (tmp_path / f"{name}.wav").write_bytes(b"RIFF, cut off")
    kept = recordings(tmp_path)
    kept.render(LINES)
    assert hashlib.sha256(kept.read(name) or b"").hexdigest() == name


def test_what_is_personal_is_never_recorded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="personal"):
        recordings(tmp_path).render([Line("name", "Frau Berger", "de", personal=True)])
    assert not list(tmp_path.iterdir())


def test_c7_a_notice_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        recordings(tmp_path, Tones(ms=0)).render(LINES)


def test_a_line_that_was_not_rendered_has_no_name(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        recordings(tmp_path).name(LINES)


def test_a_full_disk_stops_the_start_with_a_mend_and_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic_file, "write", full)
    with pytest.raises(ConfigurationError, match=r"No space left.*DATA_DIR"):
        recordings(tmp_path).render(LINES)


def test_a_directory_that_cannot_be_made_stops_the_start_with_a_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="DATA_DIR"):
        recordings(tmp_path / "file" / "recordings").render(LINES)


def test_two_processes_that_render_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(lambda _: recordings(tmp_path).render(LINES), range(16)))
    (name,) = names
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.wav"]


TRICKS = [
    "",
    ".",
    "..",
    "../secret",
    "%2e%2e%2fsecret",
    "..%2f..%2fetc%2fpasswd",
    "0" * 63,
    "0" * 65,
    "A" * 64,
    "0" * 64 + "%0a",
    "0" * 64 + "%00",
    "0" * 64,
]


@pytest.mark.parametrize("name", TRICKS)
async def test_nothing_but_a_recording_is_served(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.wav").write_bytes(b"secret")
    kept = recordings(tmp_path / "recordings")
    kept.render(LINES)
    async with client(kept) as http:
        response = await http.get(f"/audio/{name}.wav")
    assert response.status_code == 404
    assert b"secret" not in response.content


async def test_a_recording_is_served_with_its_kind_its_tag_and_for_ever(tmp_path: Path) -> None:
    kept = recordings(tmp_path)
    name = kept.render(LINES)
    async with client(kept) as http:
        response = await http.get(f"/audio/{name}.wav")
        head = await http.head(f"/audio/{name}.wav")
        known = await http.get(f"/audio/{name}.wav", headers={"If-None-Match": f'"{name}"'})
        posted = await http.post(f"/audio/{name}.wav")
    assert response.content == kept.read(name)
    assert response.headers["content-type"] == "audio/wav"
    assert response.headers["etag"] == f'"{name}"'
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert head.status_code == 200
    assert (known.status_code, known.content) == (304, b"")
    assert posted.status_code == 405


async def test_a_recording_that_cannot_be_read_is_not_there(tmp_path: Path) -> None:
    name = "0" * 64
    (tmp_path / f"{name}.wav").mkdir()
    async with client(recordings(tmp_path)) as http:
        assert (await http.get(f"/audio/{name}.wav")).status_code == 404


def client(kept: Recordings) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(recordings_router(kept))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://agent.example")
