"""Licence plates as callers say them, in the German form ("M-AB 1234", "HH-XY 99E").

The form is what is checked: one to three letters of the district, one or two more, up to four
digits, E for electric or H for historic. Where the letters can be divided in two ways and nothing
in the words says how, the reading names both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from voice_agent.dialogue.slots.codes import Symbols, symbols_at
from voice_agent.dialogue.slots.digits import dictation, place
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import Token, tokens

SLOT: Final = "plate"

_SURE: Final = 0.95
_DIVIDED: Final = 0.75
_FOREIGN: Final = 0.7

_MOST_LETTERS: Final = 5
_MOST_DIGITS: Final = 4
_MOST_SIGNS: Final = 8
"""Letters and digits of a plate."""

_DISTRICT: Final = 3
_SERIES: Final = 2

_ONE_LETTER: Final = frozenset("abcdefghjklmnprsvwyz")
"""Districts of one letter."""

_TOWNS: Final = {
    "berlin": "b", "hamburg": "hh", "munchen": "m", "koln": "k", "frankfurt": "f",
    "stuttgart": "s", "dusseldorf": "d", "leipzig": "l", "dortmund": "do", "essen": "e",
    "bremen": "hb", "dresden": "dd", "hannover": "h", "nurnberg": "n", "potsdam": "p",
    "bonn": "bn", "augsburg": "a", "wuppertal": "w", "rostock": "hro", "kiel": "ki",
}  # fmt: skip
"""Towns that callers name instead of their letters; folded."""

_ENDINGS: Final = {
    "elektro": "E", "electric": "E", "historisch": "H", "historic": "H", "oldtimer": "H",
}  # fmt: skip

_ANNOUNCED: Final = frozenset(
    "kennzeichen nummernschild autokennzeichen kfz plate registration plates".split()
)
_WORDS: Final = frozenset("es er ah oh eh so a".split())
"""What is a word rather than a letter before others, unless it is a capital."""

_STROKES: Final = frozenset({"-", ",", "/", "bindestrich", "strich", "minus", "hyphen", "dash"})


def read_plates(text: str, setting: Setting, *, asked: bool = True) -> tuple[Reading, ...]:
    """The plates in the words, the last first: who corrects himself says the right one then.

    In English anything of letters and digits counts, if nothing has the German form.

    Args:
        text: the words.
        setting: what else is known.
        asked: a plate was asked for; else the words must name it, for "BMW 320" looks like one.
    """
    given = tokens(text)
    if not asked and not any(token.word in _ANNOUNCED for token in given):
        return ()
    found: list[Reading] = []
    at = 0
    while at < len(given):
        letters, after = _letters(given, at, setting.language)
        if len(letters) > 1 and given[at].text.lower() in _WORDS and given[at].text != "A":
            after = letters[0].end
            letters = []  # "es, M AB 12"
        reading = _plate(given, letters, after, setting.language)
        if reading is not None:
            found.append(reading)
        at = max(at + 1, after)
        while reading is not None and at < len(given) and given[at].start < reading.end:
            at += 1
    if not found and setting.language == "en":
        found = list(_foreign(given))
    return tuple(reversed(found))


def _plate(
    given: Sequence[Token], letters: Sequence[Symbols], digits_at: int, language: str
) -> Reading | None:
    """The plate of these letters and the digits after them, or ``None``."""
    if not 1 <= sum(len(each.text) for each in letters) <= _MOST_LETTERS or digits_at >= len(given):
        return None
    said = dictation(given, digits_at, language)
    if said is None or len(said.figures) > _MOST_DIGITS or said.figures.startswith("0"):
        return None
    ending, end = _ending(given, said.end, language)
    more = symbols_at(given, end, language) if end < len(given) else None
    if more is not None and more.sure and not more.digits:
        return None  # letters after the digits: a plate of another country
    plates: list[str] = []
    divided = True
    for district, series, sure in _divisions(given, letters):
        value = f"{district}-{series} {said.figures}{ending}".upper()
        if len(district + series + said.figures + ending) <= _MOST_SIGNS:
            plates.append(value)
            divided = divided and not sure
    if not plates:
        return None
    start, after = place(given, letters[0].start, end)
    confidence = _DIVIDED if divided and len(plates) > 1 else _SURE
    confidence = min(confidence, _DIVIDED) if said.corrected else confidence
    return Reading(SLOT, plates[0], start, after, confidence, tuple(plates[1:]))


def _letters(given: Sequence[Token], at: int, language: str) -> tuple[list[Symbols], int]:
    """The letters from a token on, and the index of what follows them."""
    found: list[Symbols] = []
    here = at
    while here < len(given) and sum(len(each.text) for each in found) <= _MOST_LETTERS:
        letters = symbols_at(given, here, language)
        if letters is not None and not letters.digits:
            town = _TOWNS.get(given[here].word) if here == at and letters.end == at + 1 else None
            found.append(letters if town is None else Symbols(town, at, at + 1, digits=False))
            here = letters.end
        elif here == at and given[at].word in _TOWNS:
            found.append(Symbols(_TOWNS[given[at].word], at, at + 1, digits=False))
            here += 1
        elif found and letters is None and _is_stroke(given[here]):
            here += 1
        else:
            break
    return found, here


def _is_stroke(token: Token) -> bool:
    return token.word in _STROKES


def _divisions(
    given: Sequence[Token], letters: Sequence[Symbols]
) -> Iterator[tuple[str, str, bool]]:
    """District and series, the likeliest first, and whether the words themselves divide so."""
    text = "".join(each.text for each in letters)
    hard: list[int] = []
    length = 0
    for before, after in pairwise(letters):
        length += len(before.text)
        stroke = any(_is_stroke(token) for token in given[before.end : after.start])
        if stroke or len(before.text) > 1 or len(after.text) > 1:
            hard.append(length)
    possible = [
        cut
        for cut in range(1, _DISTRICT + 1)
        if 1 <= len(text) - cut <= _SERIES and text[cut:].isascii()
    ]
    said = [cut for cut in possible if cut in hard]
    if len(hard) == 1:
        for cut in said:
            yield text[:cut], text[cut:], True
        return
    usual = {2: [1], 3: [1, 2] if text[0] in _ONE_LETTER else [2, 1], 4: [2, 3], 5: [3]}
    for cut in usual.get(len(text), []):
        if cut in possible:
            yield text[:cut], text[cut:], len(possible) == 1


def _ending(given: Sequence[Token], at: int, language: str) -> tuple[str, int]:
    """E or H after the digits, and the index after it."""
    here = at
    while here < len(given) and _is_stroke(given[here]):
        here += 1
    if here >= len(given):
        return "", at
    word = _ENDINGS.get(given[here].word)
    if word is not None:
        return word, here + 1
    letter = symbols_at(given, here, language)
    if letter is None or letter.text not in {"e", "h"}:
        return "", at
    return letter.text, letter.end


def _foreign(given: Sequence[Token]) -> Iterator[Reading]:
    """Letters and digits in any order."""
    at = 0
    while at < len(given):
        said: list[Symbols] = []
        here = at
        while here < len(given):
            more = symbols_at(given, here, "en")
            if more is not None:
                said.append(more)
                here = more.end
            elif said and _is_stroke(given[here]):
                here += 1
            else:
                break
        value = "".join(each.text for each in said).upper()
        kinds = {each.digits for each in said if each.sure}
        if len(kinds) > 1 and len(value) <= _MOST_SIGNS and value.isascii():
            yield Reading(SLOT, value, *place(given, at, said[-1].end), _FOREIGN)
        at = max(here, at + 1)
