"""Days of months, parts of months, weeks of the year."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date

from voice_agent.dialogue.slots.dates import (
    IMPOSSIBLE,
    SPLIT,
    WEEK,
    Days,
    coming,
    day,
    monday,
    months_later,
    shifted,
    weekdays,
    whole_month,
)


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
    """As in "am zwölften": the next such day, with a weekday the next one that fits."""
    found = [when for ahead in range(6) if (when := _in_month(today, number, ahead)) is not None]
    if not found:
        return IMPOSSIBLE
    if weekday is None:
        return replace(day(found[0]), month_open=True)
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
