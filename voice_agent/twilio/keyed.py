"""What somebody keyed in to prove who they are, read as what it may be."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from voice_agent.tools.directory import BirthDate, Pin, Secret

MOST_KEYS: Final = 12
"""Keys of the longest PIN."""

OLDEST: Final = date(1900, 1, 1)
"""Nobody alive was born before."""

_PIN: Final = re.compile(rf"[0-9]{{4,{MOST_KEYS}}}")
_DAY: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")


def secrets_of(keys: str, today: date) -> tuple[Secret, ...]:
    """The secrets these keys may be, the likelier first; none if they are neither.

    Four to twelve digits are a PIN. Eight that are a day, month and year somebody can be born on
    are a birth date before they are a PIN: the PINs made here have fewer.

    Args:
        keys: the keys, without the one that ended them.
        today: nobody is born after it.
    """
    if not _PIN.fullmatch(keys):
        return ()
    day = _birth_date(keys, today)
    pin = Pin(keys)
    return (pin,) if day is None else (BirthDate(day), pin)


def _birth_date(keys: str, today: date) -> date | None:
    found = _DAY.fullmatch(keys)
    if found is None:
        return None
    try:
        day = date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return day if OLDEST <= day <= today else None
