"""Legal bases as a language writes them: ``Art. 6(1)(a) GDPR`` in German."""

from __future__ import annotations

import re
from typing import Final

_PARAGRAPH: Final = re.compile(r"\((\d+)\)")
_LETTER: Final = re.compile(r" ?\(([a-z])\)")


def law(written: str, language: str) -> str:
    """A legal basis as it is quoted in a language; it is written as English quotes it."""
    if language != "de":
        return written
    text = _PARAGRAPH.sub(r" Abs. \1", written)
    return _LETTER.sub(r" Buchst. \1", text).replace("GDPR", "DSGVO")
