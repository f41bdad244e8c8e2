"""The attempts, read from ``attempts_*.tsv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent

CHANNELS: Final = (
    "speech",
    "role",
    "language",
    "name",
    "spelling",
    "calendar",
    "record",
    "knowledge",
    "model",
)
"""How an attempt gets in: ``speech`` in plain words, ``role`` as somebody with a claim,
``language`` in another language than the call's, ``name`` and ``spelling`` as an answer to the
question for a name, ``calendar`` as what an appointment is called, ``record`` as a customer's or a
holiday's name, ``knowledge`` as a page that is read out, ``model`` as what a language model puts
out: ``start=FLOW``, ``SLOT:=VALUE`` (filled), ``SLOT!=VALUE`` (corrected), ``ask=ENTRY``, ``yes``,
``no``, ``cancel``, ``bye``, ``human``, ``link``, apart by ``;``."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    Attributes:
        language: the call's.
        channel: how it gets in.
        text: the words.
        comment: what is tried; a value of another that is spelled in the words stands here.
    """

    language: str
    channel: str
    text: str
    comment: str

    def __str__(self) -> str:
        return f"{self.language}-{self.channel}-{self.text[:40]}"


def read_attempts() -> tuple[Attempt, ...]:
    """All of them."""
    found: list[Attempt] = []
    for language in ("de", "en"):
        path = HERE / f"attempts_{language}.tsv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
            found += (
                Attempt(language, row["channel"], row["text"], row["comment"]) for row in rows
            )
    return tuple(found)


ATTEMPTS: Final = read_attempts()


def through(*channels: str) -> list[Attempt]:
    """The attempts that get in through these."""
    return [each for each in ATTEMPTS if each.channel in channels]
