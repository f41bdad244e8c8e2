"""Markdown in which only the templates can write markup: every value is put in as plain text."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>|&#~!])")
_BEGINS_A_BLOCK: Final = re.compile(r"^(?:[-+=:]|\d{1,9}(?=[.)](?:\s|$)))")
_PLAIN_CODE: Final = re.compile(r"[A-Za-z0-9_./:*-]+")


class Markup(str):
    """Markdown made here; it is put into a document as it is."""

    __slots__ = ()


def plain(value: object) -> str:
    """A value as Markdown that shows exactly its text, on one line (CommonMark 2.4).

    Characters that steer a terminal or turn the direction of writing become blanks.
    """
    if isinstance(value, Markup):
        return value
    text = "".join(
        " " if unicodedata.category(each) in {"Cc", "Cf"} else each for each in str(value)
    )
    text = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    opening = _BEGINS_A_BLOCK.match(text)
    if opening is None:
        return text
    if opening[0].isdigit():
        return f"{opening[0]}\\{text[opening.end() :]}"
    return f"\\{text}"


def code(value: object) -> Markup:
    """A name of the program, as code; anything else as plain text."""
    text = str(value)
    return Markup(f"`{text}`" if _PLAIN_CODE.fullmatch(text) else plain(text))
