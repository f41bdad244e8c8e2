"""A place where personal data lies, and the person it is asked about (C20)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person as the places know one; never by number (C17).

    Attributes:
        pseudonyms: every form of the number, one for each key; empty where it was withheld.
        call_ids: the calls of this person that were found.
    """

    pseudonyms: frozenset[str]
    call_ids: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What became of a person's data in one place.

    Attributes:
        erased: records that are gone now.
        kept: records that stay.
        why: why they stay, a word: ``proof``, ``accountability``, ``objection``.
        pending: records that somebody else has been asked to delete, and has not yet.
    """

    erased: int = 0
    kept: int = 0
    why: str | None = None
    pending: int = 0


class Place(Protocol):
    """A place where personal data lies. Every method may raise ``RecordsUnavailable``."""

    @property
    def name(self) -> str:
        """A word for it."""
        ...

    @property
    def tables(self) -> frozenset[str]:
        """The tables it answers for."""
        ...

    async def find_calls(self, pseudonyms: Collection[str]) -> frozenset[str]:
        """The calls of a person, as far as this place knows who rang."""
        ...

    async def find_pseudonyms(self, call_ids: Collection[str]) -> frozenset[str]:
        """Whose calls these are, as far as this place knows."""
        ...

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """Everything it holds of a person, fit for JSON, under names that can be read."""
        ...

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Erase it, in one transaction. Doing it again does no harm."""
        ...
