"""Feasts by name, fixed ones and those that move with Easter."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from voice_agent.dialogue.slots.dates import Days

_FIXED: Final[dict[str, tuple[int, int, int]]] = {
    # month, day, how many days
    "newyear": (1, 1, 1),
    "epiphany": (1, 6, 1),
    "valentine": (2, 14, 1),
    "womensday": (3, 8, 1),
    "mayday": (5, 1, 1),
    "assumption": (8, 15, 1),
    "unity": (10, 3, 1),
    "halloween": (10, 31, 1),
    "reformation": (10, 31, 1),
    "allsaints": (11, 1, 1),
    "martin": (11, 11, 1),
    "nicholas": (12, 6, 1),
    "xmaseve": (12, 24, 1),
    "weihnachten": (12, 24, 3),
    "xmas": (12, 25, 2),
    "xmasday": (12, 25, 1),
    "boxingday": (12, 26, 1),
    "betweenyears": (12, 27, 5),
    "newyearseve": (12, 31, 1),
}
_MOVING: Final[dict[str, tuple[int, int]]] = {
    # days from Easter Sunday, how many days
    "rosemonday": (-48, 1),
    "carnival": (-52, 6),
    "shrovetuesday": (-47, 1),
    "ashwednesday": (-46, 1),
    "palmsunday": (-7, 1),
    "maundythursday": (-3, 1),
    "goodfriday": (-2, 1),
    "eastersaturday": (-1, 1),
    "easter": (0, 2),
    "eastersunday": (0, 1),
    "eastermonday": (1, 1),
    "ascension": (39, 1),
    "pentecost": (49, 2),
    "whitsunday": (49, 1),
    "whitmonday": (50, 1),
    "corpuschristi": (60, 1),
}


_HOLIDAYS: Final = ("weihnachten", "easter", "pentecost")
"""What "die Feiertage" may be: the next of these."""


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the golden number and the epact.

    Args:
        year: 1583 to 9999.
    """
    golden = year % 19
    century = year // 100
    leap = century // 4
    # The age of the moon at the beginning of spring, less the days the calendar has skipped.
    moon = (19 * golden + century - leap - (8 * century + 13) // 25 + 15) % 30
    moon -= (moon // 28) * (1 - (29 // (moon + 1)) * ((21 - golden) // 11))
    sunday = (year + year // 4 + moon + 2 - century + leap) % 7
    return date(year, 3, 28) + timedelta(days=moon - sunday)


def feast(today: date, name: str) -> Days:
    """The feast that is now or comes next."""
    if name == "holidays":
        return min((feast(today, each) for each in _HOLIDAYS), key=lambda days: days.first or today)
    this = _in_year(name, today.year)
    return this if not this.over(today) else _in_year(name, today.year + 1)


def _in_year(name: str, year: int) -> Days:
    if name in _FIXED:
        month, number, length = _FIXED[name]
        first = date(year, month, number)
    else:
        offset, length = _MOVING[name]
        first = easter(year) + timedelta(days=offset)
    return Days(first, first + timedelta(days=length - 1))
