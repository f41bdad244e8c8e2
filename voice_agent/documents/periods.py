"""Periods as people read them: ``P3Y`` is three years."""

from __future__ import annotations

import re
from typing import Final

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
_NOT_AT_ALL: Final = {"de": "wird nicht gespeichert", "en": "is not kept"}


def period(written: str, language: str) -> str:
    """A duration of ISO 8601 in words; anything else as it is written."""
    read = _ISO.fullmatch(written)
    if read is None or written.endswith(("P", "T")):
        return written
    parts = [
        f"{count} {_UNITS[language][unit][int(count) != 1]}"
        for unit, count in read.groupdict().items()
        if count is not None and int(count)
    ]
    return " ".join(parts) or _NOT_AT_ALL[language]
