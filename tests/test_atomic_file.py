from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from voice_agent import atomic_file


def test_a_file_is_written_its_directory_made_and_nothing_else_left(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    atomic_file.write(path, b"first")
    atomic_file.write(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    atomic_file.write(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        atomic_file.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
