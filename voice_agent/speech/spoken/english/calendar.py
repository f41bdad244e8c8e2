"""English dates and clock times.

A time written on the 24-hour clock is said on the 12-hour clock: callers who speak English know
"two thirty P.M.", "fourteen thirty" is heard by many as an amount. A single-digit hour without
"am" or "pm" stays as open as it was written, unless the other end of the span settles it.
"""

from __future__ import annotations

import re

from babel.dates import get_day_names, get_month_names

from voice_agent.speech.spoken.english.numbers import cardinal, ordinal, year
from voice_agent.speech.spoken.scanner import Rule, alternatives, words_before

MONTHS: dict[int, str] = dict(get_month_names("wide", locale="en"))
_MONTH_NUMBERS = {name: number for number, name in MONTHS.items()}
for _number, _name in MONTHS.items():
    if len(_name) > 4:  # noqa: PLR2004 (May, June and July have no short form)
        _MONTH_NUMBERS |= {_name[:3]: _number, f"{_name[:3]}.": _number}
_MONTH_NUMBERS |= {"Sept": 9, "Sept.": 9}
WEEKDAYS: list[str] = [name for _, name in sorted(get_day_names("wide", locale="en").items())]

_MONTH = rf"(?:{alternatives(list(_MONTH_NUMBERS))})(?![^\W_])"
_TH = r"(?:st|nd|rd|th)?"
_DAYS = range(1, 32)
_NOON, _MIDNIGHT = 12, 24
_D = r"(0?[1-9]|[12]\d|3[01])"
_TO = r"(?: ?[–-] ?| to | until | till )"
_YEAR = r"(?:,? (\d{4})(?!\d))?"
_DAY_MONTH = re.compile(rf"{_D}{_TH}(?: of)? ({_MONTH}){_YEAR}")
_MONTH_DAY = re.compile(rf"({_MONTH}) {_D}{_TH}(?![\d:]){_YEAR}")
_MONTH_SPAN = re.compile(rf"({_MONTH}) {_D}{_TH} ?[–-] ?{_D}{_TH}(?![\d:]){_YEAR}")
_DAY_SPAN = re.compile(rf"{_D}{_TH}{_TO}{_D}{_TH} ({_MONTH}){_YEAR}")
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::\d{2})?(?:Z|\+\d{2}:\d{2})?)?(?!\d)"
)
_NUMERIC = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_SHORT_NUMERIC = re.compile(r"(\d{1,2})/(\d{1,2})(?![\d/])")
_GERMAN_SHORT = re.compile(r"(\d{1,2})\.(\d{1,2})\.(?!\d)")
_HALF = r"(?: ?([ap])\.?m(?:\.|(?![^\W_])))"
_H = r"([01]?\d|2[0-4])"
_BETWEEN = r"(?: ?[–-] ?| to | until | till | and )"
_TIME = re.compile(
    rf"{_H}[:.]([0-5]\d)(?::[0-5]\d)?{_HALF}"
    rf"|{_H}:([0-5]\d)(?::[0-5]\d)?(?![\d:])(?: ?(?:h|hrs|o'clock)(?![^\W_]))?",
    re.IGNORECASE,
)
_HOUR = re.compile(rf"{_H}{_HALF}", re.IGNORECASE)
_OCLOCK = re.compile(rf"{_H} ?o'clock", re.IGNORECASE)
_SPAN = re.compile(
    rf"{_H}(?:[:.]([0-5]\d))?{_HALF}?{_BETWEEN}{_H}(?:[:.]([0-5]\d))?{_HALF}",
    re.IGNORECASE,
)
_CLOCK_SPAN = re.compile(rf"{_H}:([0-5]\d){_BETWEEN}{_H}:([0-5]\d)(?![\d:])")
_OPENING = re.compile(rf"{_H}()(?: ?[–-] ?| to ){_H}()(?![\d:]|[.,]\d| ?[^\W\d_€%°])")
_WEEKDAY_TOKENS = frozenset(
    short for day in map(str.lower, WEEKDAYS) for short in (day, day[:3], f"{day[:3]}.")
)
_BEFORE_DATE = frozenset("on by until till from since before after between".split())


def _the(match: re.Match[str]) -> str:
    before = words_before(match)
    if len(before) > 1 and before[0] in {"and", "or", ","} and before[1][0].isdecimal():
        return ""  # "the 24th and 25th of November"
    return "" if before and before[0] in {"the", "of"} else "the "


def _said_year(written: str | None) -> str:
    if not written:
        return ""
    short = len(written) == len("26")
    return " " + year(int(written) + 2000 * short)


def _date(match: re.Match[str], day: int, month: int, written_year: str | None) -> str:
    return f"{_the(match)}{ordinal(day)} of {MONTHS[month]}{_said_year(written_year)}"


def _day_month(match: re.Match[str]) -> str:
    return _date(match, int(match[1]), _MONTH_NUMBERS[match[2]], match[3])


def _month_day(match: re.Match[str]) -> str:
    return f"{MONTHS[_MONTH_NUMBERS[match[1]]]} {ordinal(int(match[2]))}{_said_year(match[3])}"


def _month_span(match: re.Match[str]) -> str:
    month = MONTHS[_MONTH_NUMBERS[match[1]]]
    return f"{month} {ordinal(int(match[2]))} to {ordinal(int(match[3]))}{_said_year(match[4])}"


def _day_span(match: re.Match[str]) -> str:
    last = f"the {ordinal(int(match[2]))} of {MONTHS[_MONTH_NUMBERS[match[3]]]}"
    return f"{_the(match)}{ordinal(int(match[1]))} to {last}{_said_year(match[4])}"


def _iso(match: re.Match[str]) -> str | None:
    day, month = int(match[3]), int(match[2])
    if month not in MONTHS or day not in _DAYS:
        return None
    said = _date(match, day, month, match[1])
    if not match[4]:
        return said
    return f"{said}, {clock(int(match[4]), int(match[5]), None, certain=True)}"


def _numeric(match: re.Match[str]) -> str | None:
    """Day first; month first only where it can be nothing else."""
    day, month = int(match[1]), int(match[3])
    if day in MONTHS and month not in MONTHS:
        day, month = month, day
    if month not in MONTHS or day not in _DAYS:
        return None
    return _date(match, day, month, match[4])


def _short_numeric(match: re.Match[str]) -> str | None:
    before = words_before(match)
    day, month = int(match[1]), int(match[2])
    if not before or before[0] not in _BEFORE_DATE or month not in MONTHS or day not in _DAYS:
        return None
    return _date(match, day, month, None)


def _german_short(match: re.Match[str]) -> str | None:
    day, month = int(match[1]), int(match[2])
    return _date(match, day, month, None) if month in MONTHS and day in _DAYS else None


def clock(hour: int, minute: int, half: str | None, *, certain: bool = False) -> str:
    """A time of day.

    Args:
        hour: 0 to 24 as written.
        minute: 0 to 59.
        half: ``a`` or ``p`` where the text says so.
        certain: the time is known to be on the 24-hour clock.
    """
    if half is None:
        if hour in {0, _MIDNIGHT} and not minute:
            return "midnight"
        if hour == _NOON and not minute:
            return "noon" if certain else "twelve o'clock"
        if hour >= _NOON or certain or not hour:
            half = "p" if _NOON <= hour < _MIDNIGHT else "a"
    said = cardinal((hour - 1) % _NOON + 1)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{cardinal(minute)}"  # noqa: PLR2004 (2:05)
    elif half is None:
        return f"{said} o'clock"
    return f"{said} {half.upper()}.M" if half else said


def _time(match: re.Match[str]) -> str:
    if match[1]:
        return clock(int(match[1]), int(match[2]), match[3].lower())
    return clock(int(match[4]), int(match[5]), None, certain=match[4].startswith("0"))


def _span(match: re.Match[str]) -> str:
    joint = re.search(r" (to|until|till|and) ", match[0])
    half, last_half = (match[3] or "").lower() or None, match[6].lower()
    first = clock(int(match[1]), int(match[2] or 0), half or "")
    if half is None and not match[2]:
        first = cardinal(int(match[1]))
    last = clock(int(match[4]), int(match[5] or 0), last_half)
    return f"{first} {joint[1] if joint else 'to'} {last}"


def _clock_span(match: re.Match[str]) -> str:
    joint = re.search(r" (to|until|till|and) ", match[0])
    hours = int(match[1]), int(match[3])
    certain = max(hours) > _NOON or match[1].startswith("0")
    first, last = (
        clock(hour, int(minute), None, certain=certain)
        for hour, minute in zip(hours, (match[2] or 0, match[4] or 0), strict=True)
    )
    return f"{first} {joint[1] if joint else 'to'} {last}"


def _opening(match: re.Match[str]) -> str | None:
    """The hours of "Mon-Fri 8–18": a weekday goes before, nothing counted follows."""
    before = [word for word in words_before(match) if word not in ",:"]
    return _clock_span(match) if before and before[0] in _WEEKDAY_TOKENS else None


RULES = (
    Rule(_ISO, _iso),
    Rule(_CLOCK_SPAN, _clock_span),
    Rule(_SPAN, _span),
    Rule(_OPENING, _opening),
    Rule(_TIME, _time),
    Rule(_HOUR, lambda m: clock(int(m[1]), 0, m[2].lower())),
    Rule(_OCLOCK, lambda m: f"{cardinal(int(m[1]))} o'clock"),
    Rule(_DAY_SPAN, _day_span),
    Rule(_DAY_MONTH, _day_month),
    Rule(_NUMERIC, _numeric),
    Rule(_SHORT_NUMERIC, _short_numeric),
    Rule(_GERMAN_SHORT, _german_short),
)
"""Rules for tokens that begin with a digit, in order."""

MONTH_RULES = (Rule(_MONTH_SPAN, _month_span), Rule(_MONTH_DAY, _month_day))
"""Rules for tokens that begin with a letter."""
