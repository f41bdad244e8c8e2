"""Periods as people read them: ``P3Y`` is three years."""

from __future__ import annotations

import re
from typing import Final

from consent.retention import UNLIMITED

_ISO: Final = re.compile(
    r"P(?:(?P<Y>\d+)Y)?(?:(?P<M>\d+)M)?(?:(?P<W>\d+)W)?(?:(?P<D>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?"
)
_UNITS: Final = {
    "de": {
        "Y": ("Jahr", "Jahre"),
        "M": ("Monat", "Monate"),
        "W": ("Woche", "Wochen"),
        "D": ("Tag", "Tage"),
        "h": ("Stunde", "Stunden"),
        "m": ("Minute", "Minuten"),
        "s": ("Sekunde", "Sekunden"),
    },
    "en": {
        "Y": ("year", "years"),
        "M": ("month", "months"),
        "W": ("week", "weeks"),
        "D": ("day", "days"),
        "h": ("hour", "hours"),
        "m": ("minute", "minutes"),
        "s": ("second", "seconds"),
    },
}
_AT_ONCE: Final = {"de": "sofort", "en": "at once"}
_ENDLESS: Final = {"de": "ohne zeitliche Grenze", "en": "not ended by time"}


def period(written: str, language: str) -> str:
    """A duration of ISO 8601 in words; anything else as it is written.

    Args:
        written: for example ``P3Y``, ``PT0S`` or ``unlimited``.
        language: ``de`` or ``en``.
    """
    if written == UNLIMITED:
        return _ENDLESS[language]
    read = _ISO.fullmatch(written)
    if read is None or written.endswith(("P", "T")):
        return written
    parts = [
        f"{count} {_UNITS[language][unit][int(count) != 1]}"
        for unit, count in read.groupdict().items()
        if count is not None and int(count)
    ]
    return " ".join(parts) or _AT_ONCE[language]
