"""Times of day: what the words mean on the company's clock.

People say "halb drei" and "half past two" and mean the afternoon. Which half of the day it is
says, in this order: the part of the day that was said with it, the clock of 24 hours, and the
company's opening hours. Without opening hours the day goes from 07:00 to 19:00. Where both halves
fit, or none, the other one is the other reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from voice_agent.dialogue.slots.reading import OpeningHours

DAY: Final = 24 * 60
HALF: Final = DAY // 2
SPLIT: Final = 0.5

Hull = tuple[int, int]
"""First opening and last closing time, minutes of the day."""

ASSUMED: Final[Hull] = (7 * 60, 19 * 60)

_WEEK: Final = 7
_HOUR: Final = 60
_CLEARLY: Final = 45
"""Minutes that one half of the day must be nearer to opening hours to be meant."""
_NIGHT: Final = 5 * _HOUR
"""Until then nobody comes."""


def hull(hours: OpeningHours | None, day: date | None) -> Hull:
    """First opening and last closing time of a day; of the week where it is closed or unknown."""
    if hours is None:
        return ASSUMED
    chosen = hours.days[day.weekday()] if day is not None and len(hours.days) == _WEEK else ()
    spans = chosen or [span for each in hours.days for span in each]
    if not spans:
        return ASSUMED
    opens = min(first for first, _ in spans)
    closes = max(last for _, last in spans)
    until = closes.hour * 60 + closes.minute
    return opens.hour * 60 + opens.minute, until or DAY


@dataclass(frozen=True, slots=True)
class Clock:
    """A time.

    Attributes:
        minutes: of the day.
        halves: it may also be twelve hours later or earlier.
    """

    minutes: int
    halves: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """A time, or a span of times.

    Attributes:
        first: ``None``: no beginning.
        last: the end of the span, the same as ``first`` for one time; ``None``: no end.
        confidence: 0 to 1.
        impossible: there is no such time.
        widen: minutes before and after that "shortly before" and "shortly after" allow.
    """

    first: Clock | None
    last: Clock | None
    confidence: float = 1.0
    impossible: bool = False
    widen: tuple[int, int] = (0, 0)


IMPOSSIBLE: Final = Times(None, None, impossible=True)
ANY: Final = Times(None, None)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day.

    Attributes:
        first: minutes of the day.
        last: minutes of the day; before ``first`` if it goes over midnight.
        half: ``am``, ``pm``, ``morning``, ``noon``, ``evening``, ``night``: which of two times it
            means.
    """

    first: int
    last: int
    half: str


def _hours(first: float, last: float, half: str) -> Part:
    return Part(round(first * 60), round(last * 60), half)


PARTS: Final[dict[str, Part]] = {
    "dawn": _hours(6, 10, "morning"),
    "morning": _hours(8, 12, "morning"),
    "noon": _hours(12, 14, "noon"),
    "afternoon": _hours(12, 18, "pm"),
    "evening": _hours(18, 22, "evening"),
    "night": _hours(22, 6, "night"),
    "late": _hours(16, 18, "pm"),
}
"""Parts of the day by the name of their symbol."""


def part_of_day(name: str, phase: str | None = None) -> Part:
    """A part of the day, or its ``early`` or ``late`` half."""
    whole = PARTS[name]
    middle = (whole.first + (whole.last - whole.first) % DAY // 2) % DAY
    if phase == "early":
        return Part(whole.first, middle, whole.half)
    if phase == "late":
        return Part(middle, whole.last, whole.half)
    return whole


def first_thing(hours: OpeningHours | None) -> Part:
    """The first hour that the company is open."""
    opens = hull(hours, None)[0]
    return Part(opens, opens + _HOUR, "morning")


def clock(hour: int, minute: int = 0, written: str = "") -> Clock | None:
    """A time by its numbers, ``None`` if there is none such.

    Args:
        hour: 0 to 24.
        minute: 0 to 59.
        written: the hour as it was written; a leading zero tells the clock of 24 hours.
    """
    if not (0 <= hour <= 24 and 0 <= minute < 60) or (hour == 24 and minute):  # noqa: PLR2004
        return None
    open_ = 1 <= hour <= 12 and not (len(written) > 1 and written[0] == "0")  # noqa: PLR2004
    return Clock((hour * 60 + minute) % DAY, open_)


def point(at: Clock | None, confidence: float = 1.0) -> Times:
    """One time."""
    return IMPOSSIBLE if at is None else Times(at, at, confidence)


def earlier(at: Clock, minutes: int) -> Clock:
    """So many minutes before."""
    return Clock((at.minutes - minutes) % DAY, at.halves)


@dataclass(frozen=True, slots=True)
class Settled:
    """A time as it is answered: value, other readings, confidence, and the first minute of it."""

    value: str
    others: tuple[str, ...]
    confidence: float
    minute: int | None


def settle(times: Times, said: Part | None, hull: Hull, now: int | None) -> Settled:
    """Decide which half of the day is meant.

    Args:
        times: what was said.
        said: the part of the day that was said with it.
        hull: opening hours of the day.
        now: minute of the day if the time is today, else ``None``.
    """
    if times.first is None and times.last is None:
        return Settled("/", (), times.confidence, None)
    if times.first is None or times.last is None:
        only = times.first or times.last
        assert only is not None  # noqa: S101 (the case of both is above)
        ending = times.first is None
        best, *rest = _ranked(only, said, hull, None if ending else now, ending=ending)
        sides = ("/{}" if ending else "{}/").format
        others = tuple(sides(text(minute)) for minute in rest)
        sure = SPLIT if others else times.confidence
        return Settled(sides(text(best)), others, sure, None if ending else best)
    firsts = _ranked(times.first, said, hull, now, ending=False)
    spans = [(first, _end(times, first)) for first in firsts]
    # Nobody comes from 19:30 to 05:00.
    spans = [(first, last) for first, last in spans if first <= last] or spans
    values = [_value(first - times.widen[0], last + times.widen[1]) for first, last in spans]
    sure = SPLIT if len(values) > 1 else times.confidence
    return Settled(values[0], tuple(values[1:]), sure, spans[0][0])


def _value(first: int, last: int) -> str:
    if first == last:
        return text(first)
    return f"{text(first % DAY)}/{text(last % DAY)}"


def _end(times: Times, first: int) -> int:
    """The end of a span is the first time after its beginning that it may mean."""
    last = times.last
    if last is None or last == times.first:
        return first
    return min(_both(last), key=lambda minute: (minute - first - 1) % DAY)


def _both(at: Clock) -> tuple[int, ...]:
    return (at.minutes, (at.minutes + HALF) % DAY) if at.halves else (at.minutes,)


def _ranked(
    at: Clock, said: Part | None, hull: Hull, now: int | None, *, ending: bool
) -> tuple[int, ...]:
    """What a time may mean: one minute of the day if it is certain, else both, likelier first."""
    both = tuple(sorted(_both(at)))
    if len(both) == 1:
        return both
    morning, afternoon = both
    if said is not None:
        return (_by_part(morning, afternoon, said.half),)
    opens, closes = hull
    inside = [
        minute
        for minute in both
        if (opens < minute <= closes if ending else opens <= minute < closes)
    ]
    if len(inside) == 1:
        best = inside[0]
    elif morning < _NIGHT:
        best = afternoon  # nobody means the middle of the night
    else:
        best = min(both, key=lambda minute: 0 if inside else _away(minute, hull))
        if not inside and abs(_away(morning, hull) - _away(afternoon, hull)) >= _CLEARLY:
            return (best,)
    other = afternoon if best == morning else morning
    if now is not None and best <= now < other:
        return (other, best)
    return (best,) if len(inside) == 1 or (not inside and morning < _NIGHT) else (best, other)


def _away(minute: int, hull: Hull) -> int:
    """Minutes outside opening hours."""
    return max(hull[0] - minute, minute - hull[1], 0)


def _by_part(morning: int, afternoon: int, half: str) -> int:
    match half:
        case "morning":
            return morning if morning >= _HOUR else afternoon  # no midnight in the morning
        case "am":
            return morning
        case "pm":
            return afternoon
        case "evening":
            return afternoon if morning >= _HOUR else morning  # "abends um zwölf"
        case "noon":
            return morning if morning >= 10 * _HOUR else afternoon  # eleven, or one, at noon
        case _:
            return morning if morning < 6 * _HOUR else afternoon  # four, or eleven, at night


def marked(at: Clock, half: str) -> Clock:
    """A time with "am" or "pm", or another half of the day; now certain."""
    morning, *rest = sorted(_both(at))
    return Clock(_by_part(morning, rest[0], half)) if rest else at


def text(minute: int) -> str:
    """``HH:MM``."""
    return f"{minute // 60:02}:{minute % 60:02}"


def within_hours(part: Part, hull: Hull) -> Part:
    """What is left of a part of the day in opening hours; all of it if they do not meet."""
    first, last = max(part.first, hull[0]), min(part.last, hull[1])
    if part.last < part.first or last - first < _HOUR:
        return part
    return Part(first, last, part.half)


def over(part: Part) -> str:
    """A part of the day as the value of a reading."""
    return f"{text(part.first)}/{text(part.last)}"
