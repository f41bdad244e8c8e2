"""What the portal's pages say, and how moments and records are put into words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_name

from consent.receipt import read_moment

LANGUAGES: Final = ("de", "en")

ZONE: Final = ZoneInfo("Europe/Berlin")
"""Where the company is, unless told otherwise."""

LOCALES: Final = {"de": "de_DE", "en": "en_GB"}

_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z")


@cache
def load(language: str) -> Mapping[str, Any]:
    """The pages' texts in one of ``LANGUAGES``."""
    source = files("voice_agent.privacy") / "templates" / f"texts.{language}.json"
    texts: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return texts


def preferred(accepted: str) -> str:
    """The language for an ``Accept-Language`` header: the first we have, else German."""
    for entry in accepted.split(","):
        language = entry.split(";")[0].strip().lower().split("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


class Wording:
    """Puts things into the words of a language.

    Args:
        language: one of ``LANGUAGES``.
        zone: where the company is; times are told as its clocks show them.
    """

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self._zone = zone
        self.texts = load(language)

    def moment(self, at: datetime) -> str:
        """Date and time as people read them, with the zone's name."""
        locale = LOCALES[self.language]
        local = at.astimezone(self._zone)
        told = format_datetime(local, self.texts["moment"], locale=locale)
        return f"{told} {get_timezone_name(local, width='short', locale=locale)}"

    def word(self, group: str, name: str) -> str:
        """The word for one of the program's names, or the name itself."""
        words: Mapping[str, str] = self.texts[group]
        return words.get(name, name.replace("_", " "))

    def words(self, group: str, names: Sequence[str]) -> str:
        """Several words, or the sentence for none."""
        return ", ".join(self.word(group, name) for name in names) or str(self.texts["nothing"])

    def seconds(self, milliseconds: int | None) -> str:
        """A length of time."""
        if milliseconds is None:
            return str(self.texts["unknown"])
        number = f"{milliseconds / 1000:.1f}"
        if self.language == "de":
            number = number.replace(".", ",")
        return f"{number} s"

    def rows(self, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The fields of something kept, in words; what is empty is left out."""
        return [
            (" · ".join(self.word("fields", part) for part in name), self._value(value))
            for name, value in _flat(item, ())
            if value is not None
        ]

    def _value(self, value: object) -> str:
        match value:
            case bool():
                return str(self.texts["yes" if value else "no"])
            case str() if _MOMENT.fullmatch(value):
                return self.moment(read_moment(value))
            case str():
                return self.word("values", value) if value in self.texts["values"] else value
            case _:
                return str(value)


def _flat(item: object, name: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Everything inside by the names that lead to it; a list's elements are counted from 1."""
    if isinstance(item, Mapping):
        for key, value in item.items():
            yield from _flat(value, (*name, str(key)))
    elif isinstance(item, list | tuple):
        for number, value in enumerate(item, 1):
            yield from _flat(value, (*name, str(number)) if len(item) > 1 else name)
    else:
        yield name, item
