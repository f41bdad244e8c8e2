"""The browser telephone's page and its files, read once and served from memory."""

from __future__ import annotations

import json
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from voice_agent.phone import texts
from voice_agent.runtime.asset import Asset, assets_of

# Nothing from elsewhere, nothing inline; 'self' in connect-src covers the page's own websocket.
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
        "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def assets() -> dict[str, Asset]:
    """Every static file by its name; what is not in here does not exist."""
    return assets_of("voice_agent.phone")


def render() -> dict[str, str]:
    """The page in each language."""
    environment = Environment(
        loader=PackageLoader("voice_agent.phone"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("phone.html")
    pages = {}
    for language in texts.LANGUAGES:
        words = texts.load(language)
        dynamic = json.dumps(words["dynamic"], ensure_ascii=False)
        pages[language] = template.render(language=language, texts=words, dynamic=dynamic)
    return pages
