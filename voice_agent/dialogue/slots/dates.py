"""Days: what the words for dates mean on the company's calendar.

Weeks begin on Monday. A week that is said as a whole is its working days, Monday to Friday.

- A weekday is the next one; on that weekday itself it is the one in a week, because today would
  have been called so, and today is the other reading while the company is still open.
- "nächsten Freitag" is the first Friday to come, unless it is at most two days away, which people
  call "morgen"; "next Friday" is the Friday of next week. What the other half of the people would
  mean is the other reading.
- A day without a year, or without a month, is the next one that comes, today included.
- "in acht Tagen" is a week, and "in vierzehn Tagen" two.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

WEEK: Final = 7
FRIDAY: Final = 4
SATURDAY: Final = 5

_CLOSE: Final = 2
"""Days ahead that have a shorter name than "next"."""

UNSURE: Final = 0.6
SPLIT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Days:
    """A day or a span of days, both ends in it.

    Attributes:
        first: ``None``: no beginning.
        last: ``None``: no end.
        others: what the words may mean as well, likeliest first.
        confidence: 0 to 1.
        impossible: there is no such day.
        weekday: it was said as a weekday alone, without anything that tells which week.
        week: the week was said, too.
        month_open: it is a day of a month that was not said.
        vague: it says that any day will do, or the first; another date says more.
    """

    first: date | None
    last: date | None
    others: tuple[Days, ...] = ()
    confidence: float = 1.0
    impossible: bool = False
    weekday: bool = False
    week: bool = False
    vague: bool = False
    month_open: bool = False

    @property
    def value(self) -> str:
        """In the form of ``Reading.value``."""
        if self.impossible:
            return ""
        if self.first is not None and self.first == self.last:
            return self.first.isoformat()
        return "/".join("" if day is None else day.isoformat() for day in (self.first, self.last))

    def over(self, today: date) -> bool:
        """Whether all of it is past."""
        return self.last is not None and self.last < today


IMPOSSIBLE: Final = Days(None, None, impossible=True)
ANY: Final = Days(None, None, vague=True)


def day(when: date, *others: date, confidence: float = 1.0) -> Days:
    """One day; with others that may be meant as well."""
    doubt = tuple(Days(other, other) for other in others if other != when)
    return Days(when, when, doubt, UNSURE if doubt and confidence == 1.0 else confidence)


def shifted(when: date, days: int) -> date:
    """So many days later; the last day of the calendar where it ends."""
    try:
        return when + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def months_later(when: date, months: int) -> date:
    """The same day of a later month, or its last day."""
    count = when.year * 12 + when.month - 1 + months
    year = min(max(count // 12, 1), 9999)
    month = count % 12 + 1
    return date(year, month, min(when.day, calendar.monthrange(year, month)[1]))


def monday(when: date) -> date:
    """The Monday of a day's week."""
    return shifted(when, -when.weekday())


def coming(today: date, weekday: int) -> date:
    """The next such weekday after today."""
    return shifted(today, (weekday - today.weekday() - 1) % WEEK + 1)


def weekday_alone(today: date, weekday: int, *, still: bool) -> Days:
    """A weekday; ``still``: something of today is left."""
    found = coming(today, weekday)
    if weekday == today.weekday() and still:
        return replace(day(found, today), weekday=True)
    return replace(day(found), weekday=True)


def weekday_of(today: date, weekday: int, relation: str, language: str) -> Days:
    """A weekday with "next", "this", "coming", "last" or "the one after next"."""
    ahead = coming(today, weekday)
    later = shifted(ahead, WEEK)
    match relation:
        case "last":
            return day(shifted(ahead, -WEEK if weekday != today.weekday() else -2 * WEEK))
        case "this" if weekday == today.weekday():
            return day(today, ahead)
        case "this" | "coming":
            return day(ahead)
        case "afternext":
            return day(later, shifted(later, WEEK))
    if monday(ahead) != monday(today):
        return day(ahead)
    near = (ahead - today).days <= _CLOSE
    if language == "de" and not near:
        return day(ahead, later)
    return day(later, ahead)


_RELATION: Final = {"last": -1, "this": 0, "next": 1, "coming": 1, "afternext": 2}


def week(today: date, relation: str) -> Days:
    """The working days of a week; of this one what is left."""
    found = weekdays(shifted(monday(today), WEEK * _RELATION[relation]), today)
    return replace(found, week=True)


def weekdays(first: date, today: date) -> Days:
    """Monday to Friday from this Monday, what is left of them if today is among them."""
    last = shifted(first, FRIDAY)
    if first <= today <= shifted(first, WEEK - 1):
        return Days(today, max(last, today))
    return Days(first, last)


def weekday_in_week(today: date, weekday: int, relation: str) -> Days:
    """As in "Dienstag nächster Woche"."""
    found = day(shifted(monday(today), WEEK * _RELATION[relation] + weekday))
    return replace(found, week=True)


def weekend(today: date, relation: str, language: str) -> Days:
    """Saturday and Sunday."""
    saturday = shifted(monday(today), SATURDAY)
    this = Days(max(saturday, today), shifted(saturday, 1))
    later = Days(shifted(saturday, WEEK), shifted(saturday, WEEK + 1))
    match relation:
        case "last":
            return Days(shifted(saturday, -WEEK), shifted(saturday, 1 - WEEK))
        case "afternext":
            return later
        case "next" if today.weekday() >= SATURDAY:
            return later
        case "next" if language == "de":
            return replace(this, others=(later,), confidence=UNSURE)
        case "next":
            return replace(later, others=(this,), confidence=UNSURE)
    return this


def month(today: date, relation: str) -> Days:
    """A month; of this one what is left."""
    first = months_later(today.replace(day=1), _RELATION[relation])
    return whole_month(first, today)


def whole_month(first: date, today: date) -> Days:
    """The month that begins there, what is left of it if it has begun."""
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return Days(today if first <= today <= last else first, last)


def year(today: date, relation: str) -> Days:
    """A year; of this one what is left."""
    number = min(today.year + _RELATION[relation], 9999)
    first = date(max(number, 1), 1, 1)
    return Days(today if relation == "this" else first, first.replace(month=12, day=31))


def joined(first: Days, last: Days) -> Days:
    """From the one to the other."""
    if first.impossible or last.impossible:
        return IMPOSSIBLE
    start, end = first.first, last.last
    if start is not None and end is not None and end < start:
        # "von Freitag bis Dienstag", said on a Monday: the Tuesday after that Friday.
        ahead = (end - start).days % WEEK
        end = shifted(start, ahead) if last.weekday else end
        if end < start:
            return replace(Days(end, start), confidence=SPLIT)
    return Days(start, end, confidence=min(first.confidence, last.confidence))


def after(days: Days, *, itself: bool) -> Days:
    """From the day on, or from the day after it."""
    if days.impossible or (days.first if itself else days.last) is None:
        return days
    begins = days.first if itself else shifted(days.last or date.max, 1)
    return Days(begins, None, confidence=days.confidence)


def before(days: Days, *, itself: bool) -> Days:
    """Until the day, or until the day before it."""
    if days.impossible or (days.last if itself else days.first) is None:
        return days
    ends = days.last if itself else shifted(days.first or date.min, -1)
    return Days(None, ends, confidence=days.confidence)


def complement(days: Days) -> Days | None:
    """What is left when an open span is excluded; ``None`` if the span is not open."""
    if days.first is None and days.last is not None:
        return Days(shifted(days.last, 1), None, confidence=days.confidence)
    if days.last is None and days.first is not None:
        return Days(None, shifted(days.first, -1), confidence=days.confidence)
    return None
