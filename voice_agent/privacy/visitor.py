"""Whoever is in, and the pages for whoever is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from voice_agent.privacy.texts import LANGUAGES
from voice_agent.privacy.view import View
from voice_agent.runtime.portal import Refusal, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever is in.

    Attributes:
        visit: the session.
        secret: of the session.
        language: the pages' language.
    """

    visit: Visit
    secret: str = field(repr=False)
    language: str

    def view(self, name: str, **changes: Any) -> View:
        """A page for them."""
        facts = {key: value for key, value in changes.items() if key not in {"step", "status"}}
        kept = {key: value for key, value in changes.items() if key in {"step", "status"}}
        return View(name=name, language=self.language, secret=self.secret, facts=facts, **kept)


def chosen(language: str) -> str:
    """The language if there are pages in it, else the first there are."""
    return language if language in LANGUAGES else LANGUAGES[0]


def refused(language: str, refusal: Refusal) -> View:
    """The link opens nothing."""
    return View(
        name="enter", language=language, status=403, facts={"trouble": refusal, "chosen": ""}
    )


def gone(language: str) -> View:
    """The session has ended, or never was."""
    return View(name="gone", language=language, status=403)


def limited(language: str, waits: int) -> View:
    """Too many tries."""
    return View(
        name="limited", language=language, status=429, retry_s=waits, facts={"waits": waits}
    )


def away(language: str) -> View:
    """The records cannot be read or written; nothing was changed."""
    return View(name="away", language=language, status=503)
