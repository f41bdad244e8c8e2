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
    """

    first: date | None
    last: date | None
    others: tuple[Days, ...] = ()
    confidence: float = 1.0
    impossible: bool = False
    weekday: bool = False
    week: bool = False

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
ANY: Final = Days(None, None)


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
    return weekdays(shifted(monday(today), WEEK * _RELATION[relation]), today)


def weekdays(first: date, today: date) -> Days:
    """Monday to Friday from this Monday, what is left of them if today is among them."""
    last = shifted(first, FRIDAY)
    if first <= today <= shifted(first, WEEK - 1):
        return Days(today, max(last, today))
    return Days(first, last)


def weekday_in_week(today: date, weekday: int, relation: str) -> Days:
    """ "Dienstag nächster Woche"."""
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


def month_named(today: date, number: int, written_year: int | None = None) -> Days:
    """A month by its name: the one that is now or comes next."""
    if not 1 <= number <= 12:  # noqa: PLR2004 (months)
        return IMPOSSIBLE
    chosen = written_year or today.year + (number < today.month)
    return whole_month(date(min(chosen, 9999), number, 1), today)


def in_week(days: Days, phase: str) -> Days:
    """The beginning, the middle or the end of a week's working days."""
    if days.first is None:
        return days
    first = monday(days.first)
    start, end = {"begin": (0, 1), "early": (0, 1), "middle": (1, 3)}.get(phase, (3, 4))
    last = shifted(first, end)
    return Days(min(max(shifted(first, start), days.first), last), last)


def in_month(days: Days, phase: str) -> Days:
    """Its first ten days, the next ten, or the rest."""
    if days.last is None:
        return days
    first, last = days.last.replace(day=1), days.last
    start, end = {"begin": (1, 10), "early": (1, 10), "middle": (11, 20)}.get(phase, (21, last.day))
    return Days(first.replace(day=start), first.replace(day=end))


def in_year(days: Days, phase: str) -> Days:
    """Its first two months, the four in the middle, or the last two."""
    if days.last is None:
        return days
    number = days.last.year
    start, end = {"begin": (1, 2), "early": (1, 2), "middle": (5, 8)}.get(phase, (11, 12))
    last = calendar.monthrange(number, end)[1]
    return Days(date(number, start, 1), date(number, end, last))


def on(today: date, number: int, month_number: int, written_year: int | None = None) -> Days:
    """A day of a month; without a year the next one that comes."""
    years = [written_year] if written_year is not None else [today.year, today.year + 1]
    for chosen in years:
        try:
            found = date(chosen, month_number, number)
        except ValueError:
            # Where today's year has no such day, next year's is not what was meant: ask.
            if written_year is None and chosen == today.year and _ahead(today, month_number):
                return IMPOSSIBLE
            continue
        if found >= today or written_year is not None:
            return day(found)
    return IMPOSSIBLE


def _ahead(today: date, month_number: int) -> bool:
    return month_number >= today.month


def day_of_month(today: date, number: int, weekday: int | None = None) -> Days:
    """ "am zwölften": the next such day; with a weekday the one of the next months that fits it."""
    found = [when for ahead in range(6) if (when := _in_month(today, number, ahead)) is not None]
    if not found:
        return IMPOSSIBLE
    if weekday is None:
        return day(found[0])
    fitting = [when for when in found if when.weekday() == weekday]
    if not fitting:
        return day(found[0], coming(today, weekday), confidence=SPLIT)
    if fitting[0] == found[0]:
        return day(found[0])
    return day(fitting[0], found[0])


def _in_month(today: date, number: int, ahead: int) -> date | None:
    first = months_later(today.replace(day=1), ahead)
    if not 1 <= number <= calendar.monthrange(first.year, first.month)[1]:
        return None
    found = first.replace(day=number)
    return found if found >= today else None


def with_weekday(today: date, days: Days, weekday: int) -> Days:
    """A date that was said with its weekday: if they do not fit, one of them is wrong."""
    if days.first is None or days.first != days.last or days.first.weekday() == weekday:
        return days
    for other in days.others:
        if other.first is not None and other.first.weekday() == weekday:
            return Days(other.first, other.first, confidence=0.9)
    return day(days.first, coming(today, weekday), confidence=SPLIT)


def nth_weekday(first: date, weekday: int, number: int) -> Days:
    """The first, second, ... weekday of the month that begins there; -1: the last."""
    length = calendar.monthrange(first.year, first.month)[1]
    found = [
        first.replace(day=each)
        for each in range(1, length + 1)
        if first.replace(day=each).weekday() == weekday
    ]
    index = number if number < 0 else number - 1
    return day(found[index]) if -1 <= index < len(found) else IMPOSSIBLE


def calendar_week(today: date, number: int) -> Days:
    """The working days of an ISO week, of this year or the next."""
    for chosen in (today.year, today.year + 1):
        try:
            first = date.fromisocalendar(chosen, number, 1)
        except ValueError:
            continue
        if shifted(first, WEEK - 1) >= today:
            return weekdays(first, today)
    return IMPOSSIBLE


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
