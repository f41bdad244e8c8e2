"""The number by which people speak of something that was left for them: made, and read back.

One letter and six digits, ``W482715``. The letters are those whose names no other one's is like, in
German or in English. The digits are drawn at random, so that nobody can tell the number before or
after. The last one is a check digit: the figures with their weights sum up to a multiple of eleven,
which is prime, so no single wrong figure and no two that were swapped go unnoticed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

LETTERS: Final = "JQRWXYZ"
"""Told apart on a bad line: no B and D, C and Z, F and S, M and N, A and H, E and I."""

_DRAWN: Final = 5  # digits that are drawn
_LENGTH: Final = 1 + _DRAWN + 1
_CHECK: Final = 11


def new_reference(draw: Callable[[int], int] = secrets.randbelow) -> str:
    """A number nobody could have guessed; it may be taken.

    Args:
        draw: a random whole number from 0 up to below its argument.
    """
    while True:
        head = LETTERS[draw(len(LETTERS))] + f"{draw(10**_DRAWN):0{_DRAWN}}"
        check = -_sum(head) % _CHECK
        if check in range(10):  # there is no digit for ten
            return f"{head}{check}"


def read_reference(text: str) -> str | None:
    """A number as it was written down by hand, or ``None`` if it is none or has a slip in it.

    Blanks, points and hyphens between its parts do not matter, nor does the letter's case.
    """
    written = "".join(text.upper().split()).replace("-", "").replace(".", "")
    if len(written) != _LENGTH or written[0] not in LETTERS:
        return None
    if not (written.isascii() and written[1:].isdecimal()):
        return None
    head, check = written[:-1], int(written[-1])
    return written if (_sum(head) + check) % _CHECK == 0 else None


def _sum(head: str) -> int:
    """The figures times their weights; the check digit's own weight is one."""
    figures = (LETTERS.index(head[0]) + 1, *map(int, head[1:]))
    return sum(weight * figure for weight, figure in enumerate(reversed(figures), start=2))
