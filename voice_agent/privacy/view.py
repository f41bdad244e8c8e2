"""A page of the portal before it is written out, and the one who writes it out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from voice_agent.privacy.texts import LANGUAGES, ZONE, Wording, load

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Sent with every page and download of the portal."""

STATIC: Final = {"portal.css": "text/css", "portal.js": "text/javascript"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page.

    Attributes:
        name: its template, without suffix.
        language: one of ``LANGUAGES``.
        secret: of the session, hidden in every form; ``None`` outside of one.
        step: what the buttons for the other language ask for; never something that changes
            anything.
        status: HTTP status.
        retry_s: seconds to wait before trying again, if that is the trouble.
        facts: what the template shows besides.
    """

    name: str
    language: str
    secret: str | None = field(default=None, repr=False)
    step: str = "overview"
    status: int = 200
    retry_s: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file for the visitor.

    Attributes:
        name: what it is called.
        kind: its media type.
        content: the bytes.
    """

    name: str
    kind: str
    content: bytes = field(repr=False)


def json_file(fields: Mapping[str, Any]) -> bytes:
    """JSON that a person can read as well."""
    return f"{json.dumps(fields, ensure_ascii=False, indent=2)}\n".encode()


class Renderer:
    """Writes pages out.

    Args:
        company: whose portal it is.
        zone: where the company is.
    """

    def __init__(self, company: str, zone: ZoneInfo = ZONE) -> None:
        environment = Environment(
            loader=PackageLoader("voice_agent.privacy"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        names = environment.list_templates(filter_func=lambda name: name.startswith("portal/"))
        self._templates = {name: environment.get_template(name) for name in names}
        self._company = company
        self._wordings = {language: Wording(language, zone) for language in LANGUAGES}

    def wording(self, language: str) -> Wording:
        """The words of a language."""
        return self._wordings[language]

    def render(self, answer: View | Download) -> Response:
        """The response."""
        if isinstance(answer, Download):
            saved = {"Content-Disposition": f'attachment; filename="{answer.name}"'}
            return Response(answer.content, media_type=answer.kind, headers=HEADERS | saved)
        waits = {} if answer.retry_s is None else {"Retry-After": str(answer.retry_s)}
        page = self._templates[f"portal/{answer.name}.html"].render(
            t=load(answer.language),
            wording=self._wordings[answer.language],
            company=self._company,
            language=answer.language,
            others=[(each, load(each)["name"]) for each in LANGUAGES if each != answer.language],
            secret=answer.secret,
            step=answer.step,
            **answer.facts,
        )
        return HTMLResponse(page, status_code=answer.status, headers=HEADERS | waits)


def static(name: str) -> bytes:
    """One of the files in ``STATIC``."""
    return (files("voice_agent.privacy") / "static" / name).read_bytes()
