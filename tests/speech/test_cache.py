from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from voice_agent.speech.cache import SpeechCache

KEY = ("piper:x", "Guten Tag.", 1.0)


def test_what_was_put_is_there_in_memory_and_after_a_restart_on_disk(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path)
    cache.put(*KEY, b"sound")
    assert cache.get(*KEY) == cache.load(*KEY) == b"sound"
    restarted = SpeechCache(tmp_path)
    assert restarted.get(*KEY) is None  # never touches the disk
    assert restarted.load(*KEY) == b"sound"
    assert restarted.get(*KEY) == b"sound"


@pytest.mark.parametrize(
    "other",
    [
        ("piper:y", "Guten Tag.", 1.0),
        ("piper:x", "Guten Tag!", 1.0),
        ("piper:x", "Guten Tag.", 0.8),
    ],
)
def test_another_voice_text_or_rate_is_another_sound(
    tmp_path: Path, other: tuple[str, str, float]
) -> None:
    cache = SpeechCache(tmp_path)
    cache.put(*KEY, b"sound")
    assert cache.load(*other) is None


def test_texts_cannot_be_read_from_the_names_on_disk(tmp_path: Path) -> None:
    SpeechCache(tmp_path).put(*KEY, b"sound")
    (path,) = tmp_path.iterdir()
    assert "Guten" not in path.name


def test_a_full_disk_is_told_and_the_sound_is_in_memory_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = SpeechCache(tmp_path / "file")
    with pytest.raises(OSError, match="file"):
        cache.put(*KEY, b"sound")
    assert cache.get(*KEY) == b"sound"


def test_sound_that_was_lost_with_the_power_or_cannot_be_read_is_not_there(tmp_path: Path) -> None:
    SpeechCache(tmp_path).put(*KEY, b"sound")
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"")
    assert SpeechCache(tmp_path).load(*KEY) is None
    path.unlink()
    path.mkdir()
    assert SpeechCache(tmp_path).load(*KEY) is None


def test_without_a_directory_nothing_is_written(tmp_path: Path) -> None:
    cache = SpeechCache()
    cache.put(*KEY, b"sound")
    assert cache.load(*KEY) == b"sound"
    assert not list(tmp_path.iterdir())


def test_many_threads_putting_the_same_sound_leave_one_whole_file(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: cache.put(*KEY, b"sound" * 10_000), range(64)))
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == b"sound" * 10_000
