"""What the browser telephone's page says. What the agent says is in ``prompts/``, not here."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("de", "en")


def load(language: str) -> dict[str, Any]:
    """The page's texts in ``de`` or ``en``."""
    source = files("voice_agent.phone") / "templates" / f"texts.{language}.json"
    texts: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return texts


def preferred(accepted: str) -> str:
    """The page's language for an ``Accept-Language`` header: the first we have, else English."""
    for entry in accepted.split(","):
        language = entry.split(";")[0].strip().lower().split("-")[0]
        if language in LANGUAGES:
            return language
    return "en"
