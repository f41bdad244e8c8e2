"""Whoever is in, and the pages for whoever is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from voice_agent.privacy.records import Standing
from voice_agent.privacy.texts import LANGUAGES
from voice_agent.privacy.view import View
from voice_agent.runtime.portal import Refusal, Visit

_WAYS_ON: Final = frozenset({"away", "limited"})
"""Pages that say that a step was not done, and may be tried again."""


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

    def overview(self, standing: Standing, aims: Collection[str], done: str = "") -> View:
        """Where the consent stands, and everything that can be done."""
        ends = self.visit.link_expires_at
        return self.view("overview", standing=standing, aims=aims, done=done, ends=ends)

    def ask_code(self, aim: str, trouble: str = "", *, sent: bool = False) -> View:
        """Nobody sees or changes what the aim leads to without a one-time code."""
        return self.view("code", step=aim, aim=aim, trouble=trouble, sent=sent)


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
        name="limited",
        language=language,
        status=429,
        retry_s=waits,
        facts={"waits": waits, "again": None},
    )


def away(language: str) -> View:
    """The records cannot be read or written; nothing was changed."""
    return View(name="away", language=language, status=503, facts={"again": None})


def strange(language: str, status: int, session: str | None) -> View:
    """What was posted is no form of ours; ``session`` is the one it names, if any."""
    return View(name="strange", language=language, status=status, secret=session or None)


def with_way_on(view: View, step: str, form: Mapping[str, str]) -> View:
    """The page with a button that repeats the step, if it says that the step was not done.

    Args:
        view: any page.
        step: what was asked for; empty for the entrance.
        form: what was posted. The visitor has no other way on: their link is spent.
    """
    if view.name not in _WAYS_ON:
        return view
    again = {"path": f"/p/{step}".rstrip("/"), "fields": dict(form)}
    return replace(view, secret=form.get("session"), facts={**view.facts, "again": again})


def secret_of(token: str, nonce: str) -> str:
    """A session's secret: as hard to guess as the token, and of no use without the nonce."""
    digest = hmac.new(token.encode(), nonce.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
