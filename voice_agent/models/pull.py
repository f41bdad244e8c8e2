"""Getting model files: from the first source that has them, checked, and only then in place."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from voice_agent.errors import ModelError
from voice_agent.models.catalogue import Model, ModelFile
from voice_agent.models.sources import HUB, Hub, Source, Unavailable, Wheels
from voice_agent.models.store import ModelStore, sha256

_WORK: Final = ".pull"


class Watcher(Protocol):
    """Is told what a pull does."""

    def begin(self, name: str, size: int | None) -> None:
        """A file is being fetched; its size in bytes where it is known."""
        ...

    def advance(self, count: int) -> None:
        """So many more bytes of it are here."""
        ...

    def end(self) -> None:
        """The file is in place, or given up."""
        ...

    def note(self, text: str) -> None:
        """One line for a person."""
        ...


def field_sources(work: Path, endpoint: str = HUB) -> Sequence[Source]:
    """The hub first, then wheels.

    Args:
        work: a directory for what is fetched on the way.
        endpoint: the hub, or a mirror of it.

    Raises:
        ModelError: the endpoint is not an address that may be trusted.
    """
    return (Hub(endpoint), Wheels(work))


def pull(
    models: Iterable[Model],
    store: ModelStore,
    watcher: Watcher,
    sources: Callable[[Path], Sequence[Source]] = field_sources,
) -> list[str]:
    """Put the files of these models in place. Files that are there and right are left alone.

    One pull at a time works on a directory; another one waits, and then finds everything there.

    Args:
        models: what to get.
        store: where to put it.
        watcher: is told about every step.
        sources: makes the sources, to be asked in this order, given a directory for what they
            fetch on the way.

    Returns:
        Names of the files that were fetched, as ``model/file``.

    Raises:
        ModelError: a file cannot be had, is not the one that was pinned, or cannot be written.
            Files that were already put in place stay, nothing else is left behind.
    """
    fetched: list[str] = []
    try:
        with _workshop(store.directory, watcher) as work:
            at_work = _Pull(store, sources(work / "sources"), work, watcher)
            for model in models:
                try:
                    fetched += at_work.model(model)
                except NotToBeHad as error:
                    if not model.optional:
                        raise
                    watcher.note(f"{error}. Going on without {model.name}: {model.about}.")
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        what = "the disk is full" if full else f"cannot be written ({error.strerror})"
        raise ModelError(f"{store.directory}: {what}") from error
    return fetched


class NotToBeHad(ModelError):
    """No source has the file."""


@contextmanager
def _workshop(directory: Path, watcher: Watcher) -> Iterator[Path]:
    """A work directory on the same disk as the models, held by one pull at a time."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".pull.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            watcher.note("Another pull is at work here; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        work = directory / _WORK
        # Left by a pull that was killed: nobody else can be in it now.
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


class _Pull:
    """One pull's work, with what it has told already."""

    def __init__(
        self, store: ModelStore, sources: Sequence[Source], work: Path, watcher: Watcher
    ) -> None:
        self._store = store
        self._sources = sources
        self._work = work
        self._watcher = watcher
        self._told: set[str] = set()

    def model(self, model: Model) -> Iterator[str]:
        """Put a model's files in place; yield those that had to be fetched."""
        for file in model.files:
            name = f"{model.name}/{file.name}"
            target = self._store.path(model) / file.name
            expected = self._store.expected(model, file)
            found = sha256(target)
            if found is not None and expected is None:
                self._note(f"{name}: was here already; its hash is held to from now on.")
                self._store.record(model, file, found)
                continue
            if found is not None and found == expected:
                continue
            if found is not None:
                self._note(f"{name}: not the file it should be; fetching it again.")
            fetched, digest = self._fetch(name, file)
            if expected is not None and digest != expected:
                raise ModelError(f"{name}: wrong SHA-256: expected {expected}, found {digest}")
            target.parent.mkdir(parents=True, exist_ok=True)
            fetched.replace(target)
            if expected is None:
                self._note(f"{name}: seen for the first time; its hash is held to from now on.")
                self._store.record(model, file, digest)
            yield name

    def _fetch(self, name: str, file: ModelFile) -> tuple[Path, str]:
        """The file from the first source that gives it, and its hash."""
        target = self._work / "fetched"
        refusals = []
        for source in self._sources:
            if not source.has(file):
                continue
            self._watcher.begin(f"{name} from the {source.name}", file.size)
            try:
                with target.open("w+b") as opened:
                    source.fetch(file, opened, self._watcher.advance)
                    opened.flush()
                    os.fsync(opened.fileno())
                    opened.seek(0)
                    return target, hashlib.file_digest(opened, "sha256").hexdigest()
            except Unavailable as error:
                refusals.append(f"{source.name}: {error}")
                self._note(f"{refusals[-1]}.")
            finally:
                self._watcher.end()
        raise NotToBeHad(f"{name}: cannot be had ({'; '.join(refusals)})")

    def _note(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._watcher.note(text)
