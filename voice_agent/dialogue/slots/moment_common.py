"""What German and English say alike, once the words are symbols."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from voice_agent.dialogue.slots import dates_named as named
from voice_agent.dialogue.slots import dates_near as near
from voice_agent.dialogue.slots import dates_spans as spans
from voice_agent.dialogue.slots import times_said as t
from voice_agent.dialogue.slots import times_spans as parts
from voice_agent.dialogue.slots.moment_grammar import Rules
from voice_agent.dialogue.slots.moment_words import Lexicon


@dataclass(frozen=True, slots=True)
class Stance:
    """How a speaker takes back or excludes what was said; patterns over symbols.

    Attributes:
        corrects: between two values: the second replaces the first.
        excludes_next: before a value: not this one.
        excludes_last: after a value, in its clause: not this one.
        ends: symbols that end a clause.
        moves: before "from ... to ...": the first is where something is now.
        fillers: words that may stand beside a number that is the whole answer.
    """

    corrects: re.Pattern[str]
    excludes_next: re.Pattern[str]
    excludes_last: re.Pattern[str]
    ends: frozenset[str]
    moves: re.Pattern[str]
    fillers: frozenset[str]


def phrase(pattern: str, after: str = r"(?= )") -> re.Pattern[str]:
    """A pattern of whole symbols."""
    return re.compile(rf"(?<![^ ])(?:{pattern}){after}")


@dataclass(frozen=True, slots=True)
class Grammar:
    """The grammar of a language.

    Attributes:
        lexicon: its words.
        passes: its rules, one table after the other.
        counted: words that a number before them counts.
        followers: words that may follow a number that is a time; empty: all that are not counted.
        stance: words that take back, exclude or choose.
    """

    lexicon: Lexicon
    passes: tuple[Rules, ...]
    counted: frozenset[str]
    followers: frozenset[str]
    stance: Stance


DATES: Final = (
    ("today", near.from_today(0)),
    ("tomorrow", near.from_today(1)),
    ("overmorrow", near.from_today(2)),
    ("yesterday", near.from_today(-1)),
    ("{w}", near.weekday),
    ("(?:on |in |der ){0,3}{r} {w}", near.related_weekday),
    ("(?:on |in |der ){0,3}{r} {w} (?:, )?(?:on |der ){0,3}{o}", named.day_only),
    ("(?:on |in |der ){0,3}{r} {u}", spans.period),
    ("(?:in )?(?:der )?(?:new|neue|neuen|neues) year", spans.new_year),
    (
        "(?:der )?{b} (?:of |in ){0,3}(?:der )?(?:new|neue|neuen|neues) year",
        spans.phase_of_new_year,
    ),
    ("(?:in )?{m} (?:of |der |in ){0,3}{r} year", named.month_of_year),
    ("(?:in )?{r} year (?:in )?{m}", named.month_of_year),
    ("(?:on |der ){0,3}{o} (?:of )?{m} (?:of |der |in ){0,3}{r} year", named.of_month_of_year),
    ("(?:on |der ){0,3}{o} (?:of |in |der ){0,3}{r} month", named.of_related_month),
    ("(?P<e>late) on {w}", near.late_weekday),
    ("(?:on |der ){0,3}(?P<e>early|late) {w} {p}", near.weekday_part),
    ("(?:on |over |at |in |der ){0,3}(?:{r} )?weekend", near.weekend),
    ("{w} (?:in |of |on )?(?:der )?{r} week", near.weekday_of_week),
    ("(?:in )?(?:der )?{r} week (?:, )?(?:on |der ){0,3}{w}", near.weekday_of_week),
    (
        "(?:der )?{b} (?:of |in )?(?:der |this )?(?:{r} )?(?P<u>week|month|year)",
        spans.phase_of_period,
    ),
    (
        "before (?:der )?(?P<b>end) (?:of )?(?:der |this )?(?:{r} )?(?P<u>week|month|year)",
        spans.until_end_of_period,
    ),
    ("before (?:der )?(?P<b>end) (?:of )?{m}", spans.until_end_of_month),
    ("(?:der )?{b} (?:of |in |part of )?(?:{r} )?{m}(?: {y})?", spans.phase_of_month),
    ("(?:today )?in (?:gegen |genau |exactly )?{c} {u}", near.counted),
    ("(?:on )?{w} (?:, )?in {c} (?P<u>week|day)", near.weekday_counted),
    ("tomorrow in {c} {u}", near.counted_from(1)),
    ("overmorrow in {c} {u}", near.counted_from(2)),
    ("in {c} {u} (?:, )?(?:on |der ){0,3}{w}", near.counted_weekday),
    (
        (
            "(?:(?:on |der ){0,3}(?:{r} )?{w} (?:, )?)?(?:on |der ){0,3}{o} (?:of )?{m}"
            "(?: (?:, )?{y}| #n20 #n(?P<z>[2-4]\\d))?"
        ),
        named.of_month,
    ),
    ("(?:(?:on |der ){0,3}{w} (?:, )?)?(?:on |der ){0,3}{n} (?:of )?{m}(?: {y})?", named.of_month),
    ("(?:(?:on |der ){0,3}{w} (?:, )?)?(?:on |der ){0,3}#D(?P<v>\\S+)", named.dotted),
    ("(?:(?:on |der ){0,3}{w} (?:, )?)?(?:on |der ){0,3}#S(?P<v>\\S+)", named.slashed),
    (
        (
            "(?:between |from )?(?:der )?{o} (?:und|until|to|-) (?:on |der |zu |zum ){0,3}"
            "{o2} (?:of )?{m}(?: {y})?"
        ),
        spans.days_of_month,
    ),
    (
        "(?:between |from )?{m} (?:der )?{o} (?:und|until|to|-) (?:der )?{o2}(?: {y})?",
        spans.days_of_month,
    ),
    (
        "(?:between|from) (?:der )?{o} (?:und|until|to) (?:zum |der ){0,2}{o2}",
        spans.days_alone,
    ),
    ("(?:on |der ){0,3}{o} (?:oder|und) (?:on |der ){0,3}{o2} (?:of )?{m}", named.two_days),
    ("(?:on |der ){0,3}{o} (?:of )?{m} (?:oder|und) (?:on |der ){0,3}{o2}", named.two_days),
    ("#I(?P<v>\\S+)", named.iso),
    ("(?:in |on )?#m(?P<m>\\d+)(?: {y})?", named.month),
    ("(?:in |on )?(?:der )?{r} #m(?P<m>\\d+)", named.month),
    (
        "(?:on |der ){0,3}{o} {w} (?:in |of |on )(?:der )?(?:{r} )?(?:month|{m}(?: {y})?)",
        named.nth_of_month,
    ),
    (
        "(?:on |der ){0,3}last {w} (?:in |of |on |der )+(?:{r} )?(?:month|{m}(?: {y})?)",
        named.nth_of_month,
    ),
    ("(?:in |on )?(?:der )?(?:{o}|last) week (?:in |of |on )+{m}", spans.nth_week),
    ("{f}", named.feast_named),
    ("(?:in )?(?:der )?week after {f}", named.week_by_feast(1)),
    ("(?:in )?(?:der )?week before {f}", named.week_by_feast(-1)),
    ("(?:in )?(?:der )?last week before {f}", named.week_by_feast(-1)),
    ("{c} (?P<u>day|week) after {f}", named.counted_by_feast(1)),
    ("{c} (?P<u>day|week) before {f}", named.counted_by_feast(-1)),
    ("{w} (?:oder|und) (?:on )?{w2} (?:in |of )?(?:der )?{r} week", near.two_of_week),
    ("{r} (?:week )?(?:oder|und) {r2} week", near.two_weeks),
    ("{r} week (?:, )?(?:sondern |but )?{r2}(?= (?:[,.?!]|$))", near.two_weeks),
    ("(?:on |in |der ){0,3}{o} {w} (?:in |of )?(?:der )?(?:new|neuen) year", named.nth_of_new_year),
    ("(?:zum|on|ab|until|by) (?:der )?next {o}", named.day_only),
    ("(?:der )?day after {f}", named.beside_feast(1)),
    ("(?:der )?day before {f}", named.beside_feast(-1)),
    ("(?:der )?{w} after {f}", named.weekday_by_feast(1)),
    ("(?:der )?{w} before {f}", named.weekday_by_feast(-1)),
)
"""Dates."""

DATE_SPANS: Final = (
    (
        "(?:between|from) (?:der |on )?{d} (?:und|until|to) (?:on |der |zu |zum ){0,3}{d2}",
        spans.both,
    ),
    ("{d} (?:until|-) (?:on |der |zu |zum ){0,3}{d2}", spans.both),
    (
        "(?:in )?(?:der )?week (?:from|of|starting|beginning|commencing) (?:on |der ){0,3}{d}",
        spans.week_of,
    ),
    ("after (?:der |on ){0,3}{d}", spans.after),
    ("before (?:der |on ){0,3}{d}", spans.before),
    ("nicht before (?:der |on ){0,3}{d}", spans.onwards),
    ("nicht after (?:der |on ){0,3}{d}", spans.until),
    ("until (?:to |zum |zu |der |on ){0,3}{d}", spans.until),
)
"""Spans of dates."""

TIME_SPANS: Final = (
    ("{d} (?:, )?#[ne](?P<x_h>0?\\d|1\\d|2[0-4])", t.day_and_hour),
    ("#[ne](?P<x_h>0?\\d|1\\d|2[0-4]) (?:oclock |uhr )?on (?:der )?{d}", t.hour_on_day),
    ("(?:from )?@T(?P<x>\\d+) (?:until|to|-) @T(?P<x2>\\d+)", parts.between),
)
"""Spans of times."""
