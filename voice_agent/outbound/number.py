"""What kind of telephone number somebody has: whether they may be rung up at it, and texted to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

MOST_WRITTEN: Final = 40
"""Characters of a number as somebody writes it."""

_TEXTABLE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_USUAL: Final = _TEXTABLE | {PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP}
"""Kinds of numbers that people have at home or with them. Every other one is special."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A telephone number, and what is known of it.

    Attributes:
        e164: the number.
        country: ISO 3166 code of the country it is in.
        special: it is a premium, shared-cost or another special one.
        textable: it can receive text messages, as far as one can see: a landline cannot.
    """

    e164: str = field(repr=False)
    country: str
    special: bool
    textable: bool


def read_number(written: str, country: str) -> Number | None:
    """Read a number as somebody writes it.

    Args:
        written: the number.
        country: ISO 3166 code of the country whose numbers are written without a prefix.

    Returns:
        The number, or ``None`` if nobody can have it.
    """
    if len(written) > MOST_WRITTEN:
        return None
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.number_type(number)
    region = phonenumbers.region_code_for_number(number)
    if kind == PhoneNumberType.UNKNOWN or region is None or number.extension is not None:
        return None
    return Number(
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        country=region,
        special=kind not in _USUAL,
        textable=kind in _TEXTABLE,
    )
