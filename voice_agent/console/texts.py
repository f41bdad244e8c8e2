"""What the console's pages say, in the operator's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("de", "en")


@cache
def load(language: str) -> Mapping[str, Any]:
    """The texts in one of ``LANGUAGES``, by page: each has a file ``texts/PAGE.LANGUAGE.json``."""
    suffix = f".{language}.json"
    return {
        file.name.removesuffix(suffix): json.loads(file.read_text(encoding="utf-8"))
        for file in (files("voice_agent.console") / "templates" / "texts").iterdir()
        if file.name.endswith(suffix)
    }


def spoken(language: str) -> str:
    """The language itself if we have it, else the first."""
    return language if language in LANGUAGES else LANGUAGES[0]


def preferred(accepted: str) -> str:
    """The language for an ``Accept-Language`` header: the first we have, else German."""
    for entry in accepted.split(","):
        language = entry.split(";")[0].strip().lower().split("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


class Words:
    """The program's names in the words of a language.

    Args:
        language: one of ``LANGUAGES``.
    """

    __slots__ = ("language", "texts")

    def __init__(self, language: str) -> None:
        self.language = language
        self.texts: Mapping[str, Mapping[str, str]] = load(language)["words"]

    def word(self, group: str, name: str) -> str:
        """The word for a name, or the name itself: a company's own flow has no word here."""
        return self.texts[group].get(name, name.replace("_", " "))
