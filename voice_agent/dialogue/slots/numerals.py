"""The number that begins at a token, in words or figures.

Recognisers write the same number as one word or as several ("zwei tausend vier hundert"), so words
are cut into their parts first and the grammar reads the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.slots.number_words import NUMBER_WORDS, NumberWords, Part
from voice_agent.dialogue.slots.tokens import Token, joined

MOST_PARTS: Final = 24
"""Of one number; bounds the time of one that never ends."""

_MOST_FIGURES: Final = 30
_ENGLISH_ENDINGS: Final = frozenset({"st", "nd", "rd", "th"})
_SCALES: Final = frozenset({"hundred", "thousand", "million"})


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it was said.

    Attributes:
        value: the number, not negative.
        figures: how it is written; zeros before it stay if they were written.
        end: index of the first token after it.
        ordinal: "the third" rather than "three".
        article: nothing but an article, which may not count at all ("ein Termin").
    """

    value: int = field(repr=False)
    figures: str = field(repr=False)
    end: int
    ordinal: bool = False
    article: bool = False


def numeral(given: Sequence[Token], at: int, language: str) -> Numeral | None:
    """The number that begins at a token, as long as it can be; ``None`` if none does."""
    token = given[at]
    if token.is_figures:
        end = at + 1
        ordinal = end < len(given) and joined(token, given[end])
        ordinal = ordinal and language == "en" and given[end].word in _ENGLISH_ENDINGS
        return Numeral(int(token.text[:_MOST_FIGURES]), token.text, end + ordinal, ordinal)
    return _spoken(given, at, NUMBER_WORDS[language]) if token.is_word else None


def _spoken(given: Sequence[Token], at: int, words: NumberWords) -> Numeral | None:
    parts: list[Part] = []
    ends: list[tuple[int, int, bool]] = []  # parts so far, the token after them, is it an ordinal
    for index in range(at, len(given)):
        token = given[index]
        if token.text == "-" and ends and words.tens_first:
            continue  # twenty-one
        cut = words.cut(token.word) if token.is_word else None
        if index == at and token.word in words.articles:
            if not _begins_number(given, at + 1, words):
                return None if words.tens_first else Numeral(1, "1", at + 1, article=True)
            cut = ([Part("unit", 1)], False)
        if cut is None or len(parts) + len(cut[0]) > MOST_PARTS:
            break
        parts += cut[0]
        ends.append((len(parts), index + 1, cut[1]))
        if cut[1]:
            break
    used = _whole(parts, words)[1]
    # The longest number that ends where a word ends.
    for count, after, ordinal in reversed(ends):
        if count <= used:
            value, end = _whole(parts[:count], words)
            if end == count and value is not None:
                return Numeral(value, str(value), after, ordinal)
    return None


def _begins_number(given: Sequence[Token], after: int, words: NumberWords) -> bool:
    """True if what follows an article makes it the one of "a hundred" or "ein und zwanzig"."""
    cuts = [words.cut(token.word) for token in given[after : after + 2] if token.is_word]
    parts = [part for cut in cuts if cut is not None for part in cut[0]]
    if not cuts or cuts[0] is None:
        return False
    if parts[0].role == "and":
        return not words.tens_first and len(parts) > 1 and parts[1].role == "ten"
    return parts[0].role in _SCALES


Found = tuple[int | None, int]
"""A value and the index of the first part after it; no value: there is none here."""


def _role(parts: Sequence[Part], at: int) -> str:
    return parts[at].role if at < len(parts) else ""


def _below_hundred(parts: Sequence[Part], at: int, words: NumberWords) -> Found:
    role = _role(parts, at)
    if role == "unit":
        if not words.tens_first and [_role(parts, at + i) for i in (1, 2)] == ["and", "ten"]:
            return parts[at].value + parts[at + 2].value, at + 3
        return parts[at].value, at + 1
    if role == "ten" and words.tens_first and _role(parts, at + 1) == "unit":
        return parts[at].value + parts[at + 1].value, at + 2
    return (parts[at].value, at + 1) if role in {"teen", "ten"} else (None, at)


def _below_thousand(parts: Sequence[Part], at: int, words: NumberWords) -> Found:
    return _scaled(parts, at, words, "hundred", _below_hundred)


def _below_million(parts: Sequence[Part], at: int, words: NumberWords) -> Found:
    return _scaled(parts, at, words, "thousand", _below_thousand)


def _scaled(
    parts: Sequence[Part],
    at: int,
    words: NumberWords,
    scale: str,
    smaller: Callable[[Sequence[Part], int, NumberWords], Found],
) -> Found:
    """So many hundreds (thousands), and what is left: "zwei tausend (und) vier hundert"."""
    value, here = smaller(parts, at, words)
    if _role(parts, here) != scale:
        return value, here
    total = (1 if value is None else value) * parts[here].value
    here += 1
    rest, end = smaller(parts, here + (_role(parts, here) == "and"), words)
    return (total, here) if rest is None else (total + rest, end)


def _whole(parts: Sequence[Part], words: NumberWords) -> Found:
    if _role(parts, 0) == "zero":
        return 0, 1
    value, here = _below_million(parts, 0, words)
    total, end = None if value is None else value, here
    above = 0
    while _role(parts, here) == "million":
        above += (1 if value is None else value) * parts[here].value
        here += 1
        total, end = above, here
        value, here = _below_million(parts, here + (_role(parts, here) == "and"), words)
        if value is not None:
            total, end = above + value, here
        else:
            break
    return total, end
