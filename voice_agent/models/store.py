"""Where the model files lie on this machine, and whether they are what they should be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from voice_agent.errors import ModelError
from voice_agent.models.catalogue import Model, ModelFile

LOCK: Final = "models.lock.json"
"""Name of the file that keeps the hashes seen on the first pull of files not pinned here."""

State = Literal["ok", "missing", "wrong", "unpinned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of checking one file.

    Attributes:
        model: the model's name.
        file: the file's name.
        state: ``unpinned`` is a file that is there while no hash of it is known.
        expected: SHA-256 it should have, hex, where known.
        found: SHA-256 it has, hex, or ``None`` if it is missing.
    """

    model: str
    file: str
    state: State
    expected: str | None
    found: str | None


class ModelStore:
    """A directory with one sub-directory for each model."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, model: Model) -> Path:
        """Directory of a model, whether it is there or not."""
        return self.directory / model.name

    def is_present(self, model: Model) -> bool:
        """True if every file of the model is there, in the size it should have. Quick."""
        return not self.missing([model])

    def has_any(self, model: Model) -> bool:
        """True if something of the model is there."""
        return any((self.path(model) / file.name).exists() for file in model.files)

    def missing(self, models: Iterable[Model]) -> list[Path]:
        """Files that are not there or have another size than they should. Quick: no hashing."""
        return [
            path
            for model in models
            for file in model.files
            if not _has_size(path := self.path(model) / file.name, file.size)
        ]

    def require(self, model: Model) -> Path:
        """Directory of a model that is there.

        Raises:
            ModelError: a file is missing; the message has the mend.
        """
        gaps = self.missing([model])
        if gaps:
            raise ModelError(
                f"{gaps[0]}: not there or incomplete. Run: voice-agent models pull {model.name}"
            )
        return self.path(model)

    def verify(self, models: Iterable[Model]) -> Iterator[Verdict]:
        """Hash every file of these models and compare.

        Raises:
            ModelError: the file of recorded hashes cannot be read.
        """
        for model in models:
            for file in model.files:
                expected = self.expected(model, file)
                found = sha256(self.path(model) / file.name)
                yield Verdict(
                    model=model.name,
                    file=file.name,
                    state=_state(expected, found),
                    expected=expected,
                    found=found,
                )

    def expected(self, model: Model, file: ModelFile) -> str | None:
        """The hash a file must have: pinned in the catalogue, or recorded on its first pull.

        Raises:
            ModelError: the file of recorded hashes cannot be read.
        """
        return file.sha256 or self._recorded().get(f"{model.name}/{file.name}")

    def record(self, model: Model, file: ModelFile, digest: str) -> None:
        """Keep the hash of a file that is not pinned (trust on first use).

        Raises:
            ModelError: the file of recorded hashes cannot be read.
            OSError: it cannot be written.
        """
        recorded = self._recorded() | {f"{model.name}/{file.name}": digest}
        path = self.directory / LOCK
        written = path.with_name(f".{LOCK}")
        written.write_text(json.dumps(recorded, indent=2, sort_keys=True) + "\n", "utf-8")
        written.replace(path)

    def _recorded(self) -> dict[str, str]:
        path = self.directory / LOCK
        try:
            content = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ModelError(f"{path}: cannot be read ({type(error).__name__})") from error
        if not isinstance(content, dict) or not all(isinstance(v, str) for v in content.values()):
            raise ModelError(f"{path}: not a list of hashes; restore it or remove it")
        return content


def sha256(path: Path) -> str | None:
    """SHA-256 of a file, hex, or ``None`` if there is no such file.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error


def _state(expected: str | None, found: str | None) -> State:
    if found is None:
        return "missing"
    if expected is None:
        return "unpinned"
    return "ok" if found == expected else "wrong"


def _has_size(path: Path, size: int | None) -> bool:
    try:
        found = path.stat().st_size
    except OSError:
        return False
    return found > 0 if size is None else found == size
