"""The browser telephone's page and its files, read once and served from memory."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from voice_agent.audio.scripts import scripts
from voice_agent.phone import texts

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

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page.

    Attributes:
        content: the bytes.
        media_type: for the header.
        etag: changes with the content.
    """

    content: bytes
    media_type: str
    etag: str


def assets() -> dict[str, Asset]:
    """Every static file by its name; what is not in here does not exist."""
    own = (files("voice_agent.phone") / "static").iterdir()
    found = {}
    for name, content in ({file.name: file.read_bytes() for file in own} | scripts()).items():
        suffix = "." + name.rpartition(".")[2]
        if suffix in _MEDIA_TYPES:
            etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            found[name] = Asset(content, _MEDIA_TYPES[suffix], etag)
    return found


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
