from __future__ import annotations

import errno
import fcntl
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.models.samples import (
    CONTENT,
    WEIGHTS,
    WORDS,
    Notebook,
    Shelf,
    closed,
    digest,
    from_these,
    model,
)
from voice_agent.errors import ModelError
from voice_agent.models.catalogue import ModelFile
from voice_agent.models.pull import pull
from voice_agent.models.sources import Advance, Unavailable
from voice_agent.models.store import LOCK, ModelStore

EVERYTHING = ["small/weights.bin", "small/words.txt"]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store whose directory is not there yet."""
    return ModelStore(tmp_path / "models")


@pytest.fixture
def notebook() -> Notebook:
    """A watcher that writes everything down."""
    return Notebook()


def left_behind(store: ModelStore) -> list[str]:
    """Files under the store, but for the lock that pulls take turns with."""
    files = (path for path in store.directory.rglob("*") if path.is_file())
    return sorted(
        str(path.relative_to(store.directory)) for path in files if path.suffix != ".lock"
    )


def test_a_pull_puts_every_file_in_place(store: ModelStore, notebook: Notebook) -> None:
    assert pull([model()], store, notebook, from_these(Shelf())) == EVERYTHING
    assert left_behind(store) == EVERYTHING
    assert (store.path(model()) / "weights.bin").read_bytes() == WEIGHTS
    assert notebook.bytes == len(WEIGHTS) + len(WORDS)
    assert notebook.ended == len(notebook.begun)


def test_a_second_pull_does_nothing(store: ModelStore, notebook: Notebook) -> None:
    shelf = Shelf()
    pull([model()], store, notebook, from_these(shelf))
    assert pull([model()], store, notebook, from_these(shelf)) == []
    assert shelf.asked == ["weights.bin", "words.txt"]


def test_a_wrong_hash_is_an_error_that_names_all_three_and_leaves_nothing(
    store: ModelStore, notebook: Notebook
) -> None:
    shelf = Shelf({"weights.bin": WEIGHTS[::-1], "words.txt": WORDS})
    with pytest.raises(ModelError) as caught:
        pull([model()], store, notebook, from_these(shelf, Shelf()))
    for named in ("small/weights.bin", digest(WEIGHTS), digest(WEIGHTS[::-1])):
        assert named in str(caught.value)
    assert left_behind(store) == []


def test_the_next_source_is_asked_and_what_failed_is_told_in_one_line(
    store: ModelStore, notebook: Notebook
) -> None:
    assert pull([model()], store, notebook, from_these(closed(), Shelf())) == EVERYTHING
    assert notebook.notes == ["closed: closed today."]


def test_without_any_source_the_error_tells_what_each_said(
    store: ModelStore, notebook: Notebook
) -> None:
    with pytest.raises(ModelError, match=r"weights\.bin.*one: closed today; two: closed today"):
        pull([model()], store, notebook, from_these(closed("one"), closed("two")))
    assert left_behind(store) == []


def test_what_can_be_done_without_does_not_stop_the_rest(
    store: ModelStore, notebook: Notebook
) -> None:
    once_closed = Shelf(fails=Unavailable("closed today"), times=1)
    wanted = [model("nice", optional=True), model()]
    assert pull(wanted, store, notebook, from_these(once_closed)) == EVERYTHING
    assert "Going on without nice: made for tests." in notebook.notes[-1]


def test_the_first_sight_of_a_file_without_pin_is_recorded_and_told(
    store: ModelStore, notebook: Notebook
) -> None:
    pull([model(pinned=False)], store, notebook, from_these(Shelf()))
    assert left_behind(store) == [LOCK, *EVERYTHING]
    assert "seen for the first time" in notebook.notes[0]
    assert {verdict.state for verdict in store.verify([model(pinned=False)])} == {"ok"}


def test_a_file_without_pin_is_held_to_what_it_was_at_first(
    store: ModelStore, notebook: Notebook
) -> None:
    """Trust on first use: another file under the same name is refused afterwards."""
    wanted = model(pinned=False)
    pull([wanted], store, notebook, from_these(Shelf()))
    (store.path(wanted) / "weights.bin").unlink()
    changed = Shelf({**CONTENT, "weights.bin": b"changed"})
    with pytest.raises(ModelError, match="wrong SHA-256"):
        pull([wanted], store, notebook, from_these(changed))
    assert left_behind(store) == [LOCK, "small/words.txt"]


def test_a_file_without_pin_that_a_person_put_there_is_taken_as_it_is(
    store: ModelStore, notebook: Notebook
) -> None:
    """A machine without a network gets its voice on a stick."""
    wanted = model(pinned=False)
    store.path(wanted).mkdir(parents=True)
    for name, content in CONTENT.items():
        (store.path(wanted) / name).write_bytes(content)
    assert pull([wanted], store, notebook, from_these(closed())) == []
    assert {verdict.state for verdict in store.verify([wanted])} == {"ok"}


def test_a_file_that_was_changed_is_fetched_again(store: ModelStore, notebook: Notebook) -> None:
    pull([model()], store, notebook, from_these(Shelf()))
    (store.path(model()) / "weights.bin").write_bytes(WEIGHTS[::-1])
    assert pull([model()], store, notebook, from_these(Shelf())) == ["small/weights.bin"]
    assert "not the file it should be" in notebook.notes[0]


def test_a_full_disk_is_said_plainly_and_leaves_nothing(
    store: ModelStore, notebook: Notebook
) -> None:
    full = Shelf(fails=OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(ModelError, match="the disk is full"):
        pull([model()], store, notebook, from_these(full))
    assert left_behind(store) == []


def test_a_directory_that_cannot_be_made_is_said_plainly(
    tmp_path: Path, notebook: Notebook
) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelError, match="cannot be written"):
        pull([model()], ModelStore(tmp_path / "models"), notebook, from_these(Shelf()))


def test_an_interrupted_pull_leaves_nothing(store: ModelStore, notebook: Notebook) -> None:
    with pytest.raises(KeyboardInterrupt):
        pull([model()], store, notebook, from_these(_Interrupted()))
    assert left_behind(store) == []


def test_what_a_killed_pull_left_is_cleared_away(store: ModelStore, notebook: Notebook) -> None:
    (store.directory / ".pull").mkdir(parents=True)
    (store.directory / ".pull" / "fetched").write_bytes(WEIGHTS[:5])
    pull([model()], store, notebook, from_these(Shelf()))
    assert left_behind(store) == EVERYTHING


def test_a_pull_waits_for_another_one_and_finds_its_files(
    store: ModelStore, notebook: Notebook
) -> None:
    pull([model()], store, notebook, from_these(Shelf()))
    waiting = _Waiting()
    late = Shelf()
    with (store.directory / ".pull.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = threading.Thread(
            target=pull, args=([model()], store, waiting, from_these(late)), daemon=True
        )
        second.start()
        assert waiting.told.wait(10)
        assert second.is_alive()
    second.join(10)
    assert not second.is_alive()
    assert late.asked == []


class _Interrupted(Shelf):
    """Ctrl-C in the middle of a file."""

    def fetch(self, file: ModelFile, target: BinaryIO, advance: Advance) -> None:
        super().fetch(file, target, advance)
        raise KeyboardInterrupt


class _Waiting(Notebook):
    """Knows when something was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def note(self, text: str) -> None:
        super().note(text)
        self.told.set()
