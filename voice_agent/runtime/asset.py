"""The static files of pages: what a browser is served, and under which name of its content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from voice_agent.audio.scripts import scripts

_MEDIA_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the pages.

    Attributes:
        content: the bytes.
        media_type: for the header.
        etag: changes with the content.
    """

    content: bytes
    media_type: str
    etag: str


def assets_of(package: str) -> dict[str, Asset]:
    """Every file in ``static`` of a package, and the sound's, by its name; there is no other."""
    own = {file.name: file.read_bytes() for file in (files(package) / "static").iterdir()}
    found = {}
    for name, content in (own | scripts()).items():
        media_type = _MEDIA_TYPES.get(name.rpartition(".")[2])
        if media_type is not None:
            etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            found[name] = Asset(content, media_type, etag)
    return found
