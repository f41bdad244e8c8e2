"""What a written number is worth, whichever way it was punctuated."""

from __future__ import annotations

import re

LARGEST = 999_999_999_999
"""Greater numbers are said digit by digit."""

_FOREIGN_DECIMAL = re.compile(r"\d{1,12}[.,]\d{1,2}")


def parse(written: str, decimal: str) -> tuple[int, str]:
    """The whole part, and the digits after the decimal sign as they stand.

    Args:
        written: digits with separators, for example ``1.299,00``.
        decimal: the language's decimal sign, ``,`` or ``.``. The other language's sign is
            understood too where it can only be that: one or two digits follow it.
    """
    whole, fraction = written, ""
    if decimal in written:
        whole, fraction = written.rsplit(decimal, 1)
    elif _FOREIGN_DECIMAL.fullmatch(written):
        whole, fraction = re.split(r"[.,]", written)
    return int(re.sub(r"\D", "", whole) or "0"), fraction
