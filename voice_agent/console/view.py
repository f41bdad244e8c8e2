"""Writes the console's pages out, and holds their files."""

from __future__ import annotations

import json
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from voice_agent.console.role import Operator, Right
from voice_agent.console.texts import load, spoken
from voice_agent.runtime.asset import Asset, assets_of

# Nothing from elsewhere, nothing inline; 'self' in connect-src covers the page's own websocket.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Sent with every page of the console."""

STREAM_HEADERS: Final = HEADERS | {"X-Accel-Buffering": "no"}
"""Sent with server-sent events, which nobody on the way may collect."""


def assets() -> dict[str, Asset]:
    """Every static file by its name; what is not in here does not exist."""
    return assets_of("voice_agent.console")


class Renderer:
    """Writes pages out.

    Args:
        company: whose console it is.
        has_reminders: people are reminded by telephone, so there is a page of that.
    """

    def __init__(self, company: str, *, has_reminders: bool = False) -> None:
        environment = Environment(
            loader=PackageLoader("voice_agent.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals["has_reminders"] = has_reminders
        names = environment.list_templates(extensions=["html"])
        self._templates = {name: environment.get_template(name) for name in names}
        self._company = company

    def page(
        self,
        name: str,
        language: str,
        operator: Operator | None = None,
        status: int = 200,
        **facts: Any,
    ) -> Response:
        """A page.

        Args:
            name: its template, without suffix; it extends ``layout.html``.
            language: of its texts; one we do not have is taken for German.
            operator: who is signed in; the layout shows where they may go.
            status: HTTP status.
            facts: what the template shows besides.
        """
        chosen = spoken(language)
        page = self._templates[f"{name}.html"].render(
            t=load(chosen),
            company=self._company,
            language=chosen,
            operator=operator,
            rights=[right.value for right in Right if operator and operator.may(right)],
            section=name,
            **facts,
        )
        return HTMLResponse(page, status_code=status, headers=HEADERS)

    def trouble(
        self, trouble: str, language: str, status: int, operator: Operator | None = None
    ) -> Response:
        """A page that says what is wrong: a key of the texts' ``trouble``."""
        return self.page("trouble", language, operator, status, trouble=trouble)


def as_json(fields: object, status: int = 200) -> Response:
    """An answer for a script."""
    body = json.dumps(fields, ensure_ascii=False)
    return Response(body, status, HEADERS, "application/json")


def as_event(kind: str, data: object) -> str:
    """One server-sent event; JSON has no line break of its own.

    Args:
        kind: its name; empty for an unnamed one.
        data: JSON can hold it.
    """
    name = f"event: {kind}\n" if kind else ""
    return f"{name}data: {json.dumps(data, ensure_ascii=False)}\n\n"


def static(files_: dict[str, Asset], name: str, request: Request) -> Response:
    """A static file, or that the browser has it, or that there is none."""
    asset = files_.get(name)
    if asset is None:
        return Response(status_code=404, headers=HEADERS)
    headers = HEADERS | {"ETag": asset.etag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match", "") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)
