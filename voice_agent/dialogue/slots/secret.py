"""Birth dates out of what callers say: the proof of whoever has no PIN.

A PIN is typed and never read out of words (rule C23): others may be listening. So figures that are
no date are nothing here. A year of two figures is the last such one that is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from voice_agent.dialogue.slots.numerals import numeral
from voice_agent.dialogue.slots.reading import Fault, Reading, Setting
from voice_agent.dialogue.slots.tokens import Token, tokens
from voice_agent.dialogue.words import fold

SLOT: Final = "secret"

OLDEST: Final = 120
"""Years; nobody is older."""

_MONTHS: Final = (
    "januar january janner jan jaenner",
    "februar february feber feb",
    "marz march maerz mar mrz",
    "april apr",
    "mai may",
    "juni june juno jun",
    "juli july julei jul",
    "august aug",
    "september sept sep",
    "oktober october okt oct",
    "november nov",
    "dezember december dez dec",
)
_MONTH: Final = {fold(name): at for at, names in enumerate(_MONTHS, 1) for name in names.split()}
_BETWEEN: Final = frozenset({"of", "the", "der", "den", "im", "jahr", "jahre", "year", "in", "and"})
_OH: Final = frozenset({"o", "oh"})
_YEAR: Final = 4
"""Figures of a whole year."""
_MOST_DAYS: Final = 31
_CENTURIES: Final = frozenset({18, 19, 20})


@dataclass(frozen=True, slots=True)
class _Part:
    """A number, or the name of a month, which has no figures."""

    value: int
    figures: str
    start: int
    end: int
    is_ordinal: bool = False

    @property
    def is_month(self) -> bool:
        return not self.figures


def read_secrets(text: str, setting: Setting) -> tuple[Reading, ...]:
    """The birth date in the words, if there is one; a day that cannot be is a fault.

    Args:
        text: the words.
        setting: what else is known.
    """
    given = tokens(text)
    for run in _runs(given, setting.language):
        for at in range(len(run)):
            for found in _dates(run[at:], setting):
                return (found,)
    return ()


def _runs(given: Sequence[Token], language: str) -> Iterator[list[_Part]]:
    """Numbers and months that follow one another, with nothing but small words between."""
    run: list[_Part] = []
    at = 0
    while at < len(given):
        token = given[at]
        month = _MONTH.get(token.word) if token.is_word else None
        number = None if month is not None else numeral(given, at, language)
        if month is not None:
            run.append(_Part(month, "", token.start, token.end))
        elif number is not None and not number.article:
            end = given[number.end - 1].end
            run.append(_Part(number.value, number.figures, token.start, end, number.ordinal))
            at = number.end - 1
        elif token.word in _OH and run:
            run.append(_Part(0, "0", token.start, token.end))
        elif token.is_word and token.word not in _BETWEEN and run:
            yield run
            run = []
        at += 1
    if run:
        yield run


def _dates(parts: Sequence[_Part], setting: Setting) -> Iterator[Reading]:
    """The date that begins with the first part, in each order it may be said in."""
    if len(parts) < 3:  # noqa: PLR2004 (day, month and year)
        return
    one, two, *rest = parts
    today = setting.now.date()
    if len(one.figures) == _YEAR and not two.is_month:
        years, day, month, end = [one.value], rest[0], two, rest[0].end
    else:
        day, month = (two, one) if one.is_month else (one, two)
        if setting.language == "en" and not month.is_month and month.value > len(_MONTHS):
            day, month = month, day
        # Digit by digit a year is said only where nobody takes it for a PIN.
        years, end = _years(rest, today.year, digits=month.is_month or day.is_ordinal)
    if day.is_month or not 0 < day.value <= _MOST_DAYS or not 0 < month.value <= len(_MONTHS):
        return
    for year in years:
        try:
            born = date(year, month.value, day.value)
        except ValueError:
            continue
        if born <= today and today.year - year <= OLDEST:
            yield Reading(SLOT, born.isoformat(), one.start, end)
            return
    if years:
        yield Reading(SLOT, "", one.start, end, fault=Fault.IMPOSSIBLE)


def _years(parts: Sequence[_Part], this: int, *, digits: bool) -> tuple[list[int], int]:
    """The years that may be said, the likeliest first, and where they end.

    1980, nineteen eighty; eighty, 05, and digit by digit "null fünf": of this century or the last.
    """
    first, rest = parts[0], parts[1:]
    hundred = 100
    pair = _pair(rest)
    if first.value in _CENTURIES and pair is not None:
        return [first.value * hundred + pair.value], pair.end
    if first.value >= 10 * hundred:
        return [first.value], first.end
    pair = first if len(first.figures) == 2 else _pair(parts) if digits else None  # noqa: PLR2004
    if pair is None:
        return [], first.end
    present = this - this % hundred + pair.value
    return [present, present - hundred], pair.end


def _pair(parts: Sequence[_Part]) -> _Part | None:
    """Two figures of a year: eighty, or "oh five"."""
    if not parts or parts[0].is_month:
        return None
    if len(parts[0].figures) == 2:  # noqa: PLR2004
        return parts[0]
    if parts[0].figures == "0" and len(parts) > 1 and len(parts[1].figures) == 1:
        return parts[1]
    return None
