"""German dates and clock times."""

from __future__ import annotations

import re

from babel.dates import get_day_names, get_month_names

from voice_agent.speech.spoken.german.agreement import ending, past_series
from voice_agent.speech.spoken.german.numbers import cardinal, ordinal, year
from voice_agent.speech.spoken.scanner import Rule, alternatives, words_before

MONTHS: dict[int, str] = dict(get_month_names("wide", locale="de"))
_MONTH_NUMBERS = {name.lower(): number for number, name in MONTHS.items()} | {
    short: number
    for number, shorts in enumerate(
        "jan. feb. mrz.|mär. apr. - jun. jul. aug. sep.|sept. okt. nov. dez.".split(), 1
    )
    for short in shorts.split("|")
    if short != "-"
}
WEEKDAYS: list[str] = [name for _, name in sorted(get_day_names("wide", locale="de").items())]
SHORT_WEEKDAYS = {name[:2]: name for name in WEEKDAYS}
WEEKDAY_TOKENS = frozenset(
    [name.lower() for name in WEEKDAYS]
    + [name.lower() for name in SHORT_WEEKDAYS]
    + [f"{name.lower()}." for name in SHORT_WEEKDAYS]
)

# "ab 3. März" is said "ab dem dritten März": the article that writing leaves out.
_ARTICLES = {"ab": "dem ", "seit": "dem ", "nach": "dem ", "vor": "dem ", "für": "den "}
_AFTER_WEEKDAY = {
    **dict.fromkeys("am vom zum ab seit nach von dem".split(), "dem "),
    **dict.fromkeys("bis für den auf".split(), "den "),
}

_MONTH = f"(?i:{alternatives(list(_MONTH_NUMBERS))})(?![^\\W_])"
_DAY = r"(0?[1-9]|[12]\d|3[01])\."
_DAYS = range(1, 32)
_YEAR = r"(\d{4}|\d{2}(?![\d.:,]))?(?![\d:])"
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::\d{2})?(?:Z|\+\d{2}:\d{2})?)?(?!\d)"
)
_NUMERIC = re.compile(
    rf"{_DAY} ?(0?[1-9]|1[0-2])\."
    rf"(?: ?(?=\d{{4}}(?!\d))|(?=\d{{2}}(?!\d))|(?!\d)){_YEAR}"
)
_BARE = re.compile(r"(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])(?![\d.,:]|\.\d| ?Uhr)")
_NAMED = re.compile(rf"{_DAY} ?({_MONTH})(?: (\d{{4}})(?!\d| ?(?:€|Euro|km)))?")
_SPAN = re.compile(rf"{_DAY} ?(?:(0?[1-9]|1[0-2])\. ?)?[–-] ?(?=\d{{1,2}}\.)")
_CLOCK = r"([01]?\d|2[0-4])"
_TIME = re.compile(rf"{_CLOCK}:([0-5]\d)(?::([0-5]\d))?(?: ?(?:Uhr|h)(?![^\W_]))?(?![\d:])")
_DOTTED = re.compile(rf"{_CLOCK}\.([0-5]\d)()(?: ?Uhr(?![^\W_]))(?!\d)")
_BARE_DOTTED = re.compile(rf"{_CLOCK}\.([0-5]\d)()(?![\d.,:]|\.\d)")
_HOUR = re.compile(rf"{_CLOCK}()() ?Uhr(?![^\W_])")
_SPAN_OF_TIME = re.compile(
    rf"{_CLOCK}(?:[:.]([0-5]\d))?(?: ?Uhr)?(?: ?[–-] ?| bis ){_CLOCK}(?:[:.]([0-5]\d))?"
    r" ?(?:Uhr|h)(?![^\W_])"
)
_SPAN_OF_CLOCK = re.compile(rf"{_CLOCK}:([0-5]\d)(?: ?[–-] ?| bis ){_CLOCK}:([0-5]\d)(?![\d:])")
_OPENING = re.compile(rf"{_CLOCK}()(?: ?[–-] ?| bis ){_CLOCK}()(?![\d:.]|[.,]\d| ?[^\W\d_€%°])")
_BEFORE_TIME = frozenset("um ab gegen bis von vor nach seit zwischen und".split())
_BEFORE_DATE = frozenset("am vom zum bis ab der den dem seit und nach vor".split())


def _day(match: re.Match[str], number: int) -> str:
    before = past_series(words_before(match))
    weekday = 1 if before and before[0] == "," else 0
    if len(before) > weekday and before[weekday] in WEEKDAY_TOKENS:
        governor = before[weekday + 1] if len(before) > weekday + 1 else ""
        article = _AFTER_WEEKDAY.get(governor, "der ")
        return article + ordinal(number, "e" if article == "der " else "en")
    if before and before[0] == "bis":
        return ordinal(number, "en")
    if before and (article := _ARTICLES.get(before[0], "")):
        return article + ordinal(number, "en")
    return ordinal(number, ending(before, "m"))


def _date(match: re.Match[str]) -> str:
    month = match[2].lower()
    name = MONTHS[int(month) if month.isdecimal() else _MONTH_NUMBERS[month]]
    return f"{_day(match, int(match[1]))} {name}" + _year(match[3])


def _year(written: str | None) -> str:
    if not written:
        return ""
    short = len(written) == len("26")
    return " " + year(int(written) + 2000 * short)


def _iso(match: re.Match[str]) -> str | None:
    month, day = int(match[2]), int(match[3])
    if month not in MONTHS or day not in _DAYS:
        return None
    said = f"{_day(match, day)} {MONTHS[month]} {year(int(match[1]))}"
    return f"{said}, {clock(int(match[4]), int(match[5]))}" if match[4] else said


def _bare(match: re.Match[str]) -> str | None:
    before = words_before(match)
    if not before or before[0] not in _BEFORE_DATE:
        return None
    return f"{_day(match, int(match[1]))} {MONTHS[int(match[2])]}"


def _span(match: re.Match[str]) -> str:
    """The first half of "3.–5. März": the second half is read by itself, after "bis"."""
    month = f" {MONTHS[int(match[2])]}" if match[2] else ""
    return f"{_day(match, int(match[1]))}{month} bis "


def clock(hour: int, minute: int, second: int = 0) -> str:
    """A time of day: ``vierzehn Uhr dreißig``."""
    said = f"{cardinal(hour, 'ein')} Uhr"
    if minute or second:
        said += f" {cardinal(minute)}"
    return said + (f" und {cardinal(second, 'eine')} Sekunde{'n' * (second > 1)}" if second else "")


def _time(match: re.Match[str]) -> str | None:
    if int(match[1]) == 24 and int(match[2] or 0):  # noqa: PLR2004 (24:00 is the last time)
        return None
    return clock(int(match[1]), int(match[2] or 0), int(match[3] or 0))


def _bare_time(match: re.Match[str]) -> str | None:
    before = words_before(match)
    return _time(match) if before and before[0] in _BEFORE_TIME else None


def _span_of_time(match: re.Match[str]) -> str:
    start, minutes, end, end_minutes = (int(group or 0) for group in match.groups())
    # "acht bis achtzehn Uhr", but "ein Uhr bis drei Uhr": a bare "ein" would hang in the air.
    first = clock(start, minutes) if minutes or start == 1 else cardinal(start)
    return f"{first} bis {clock(end, end_minutes)}"


def _opening(match: re.Match[str]) -> str | None:
    """The hours of "Sa. 9–13": a weekday goes before, nothing counted follows."""
    before = [word for word in words_before(match) if word not in ",:"]
    return _span_of_time(match) if before and before[0] in WEEKDAY_TOKENS else None


RULES = (
    Rule(_ISO, _iso),
    Rule(_SPAN_OF_TIME, _span_of_time),
    Rule(_SPAN_OF_CLOCK, _span_of_time),
    Rule(_OPENING, _opening),
    Rule(_TIME, _time),
    Rule(_DOTTED, _time),
    Rule(_HOUR, _time),
    Rule(_SPAN, _span),
    Rule(_NUMERIC, _date),
    Rule(_NAMED, _date),
    Rule(_BARE, _bare),
    Rule(_BARE_DOTTED, _bare_time),
)
"""Rules for tokens that begin with a digit, in order."""
