"""Text as a cell of a file that is opened in a table."""

from __future__ import annotations

from typing import Final

_FORMULA: Final = frozenset("=+-@\t\r")


def cell(text: str) -> str:
    """The text; one that begins like a formula, which a table would run, gets a quote before it."""
    return f"'{text}" if text[:1] in _FORMULA else text
