"""What the arguments of tools must look like, whoever asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from voice_agent.dialogue.flow import Kind, Slot
from voice_agent.dialogue.flow_value import MOST_TEXT, accept
from voice_agent.tools.appointment import MOST_NOTE, is_plain

KINDS: Final[Mapping[str, Kind]] = {
    "service": Kind.CHOICE,
    "category": Kind.CHOICE,
    "wish": Kind.CHOICE,
    "start": Kind.CHOICE,
    "appointment": Kind.CHOICE,
    "entry": Kind.CHOICE,
    "reminder": Kind.CHOICE,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "name": Kind.NAME,
    "recipient": Kind.TEXT,
    "phone": Kind.PHONE,
    "secret": Kind.TEXT,
    "note": Kind.TEXT,
    "reason": Kind.TEXT,
    "message": Kind.TEXT,
    "complaint": Kind.TEXT,
}
"""By argument. One that is not here cannot be given."""

_LENGTHS: Final[Mapping[str, int]] = {"note": MOST_NOTE}

_OPTION: Final = re.compile(r"[\w.:+-]{1,64}")
_START: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")

_COSTLY: Final = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
"""Numbers nobody is reached at, or only at a price."""


def is_well_formed(name: str, value: str) -> bool:
    """True if a value can be given as this argument.

    Values are in canonical form (``voice_agent.dialogue.flow_value``); of a telephone number more
    is asked by ``is_number``.
    """
    kind = KINDS.get(name)
    if kind is None:
        return False
    if name == "start":
        return _is_start(value)
    if kind is Kind.CHOICE:
        return bool(_OPTION.fullmatch(value))
    if kind is Kind.TEXT:
        return bool(value.strip()) and is_plain(value, _LENGTHS.get(name, MOST_TEXT))
    return value.isprintable() and accept(Slot(name, kind), value) == value


def is_number(value: str, countries: frozenset[str] | None) -> bool:
    """True if people can be reached at a number, and at no price but that of a usual call.

    Args:
        value: the number.
        countries: ISO 3166 codes of the countries it may be in; ``None``: wherever it is.
    """
    if not _PHONE.fullmatch(value):
        return False
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.number_type(number) in _COSTLY:
        return False
    return countries is None or phonenumbers.region_code_for_number(number) in countries


def _is_start(value: str) -> bool:
    try:
        return bool(_START.fullmatch(value)) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False
