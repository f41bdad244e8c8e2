"""A caller's words as symbols that a grammar can be written in.

What the recogniser writes comes in many spellings: "14:30 Uhr", "halb drei", "halb3", "Dinstag",
"am 3.12.". Here every word becomes one symbol, or several where it is a compound. Symbols that
stand for a value begin with ``#`` and a letter for the kind of value:

    ===========  ========================================================
    ``#n14``     a number; ``#n08`` keeps the zero it was written with
    ``#o12``     an ordinal
    ``#e12``     "12.", which German writes for the ordinal, or a number at the end of a sentence
    ``#w0``      a weekday, Monday is 0
    ``#m12``     a month; ``#k5`` one whose name is also another word (May, March)
    ``#pnoon``   a part of the day
    ``#fxmas``   a feast
    ``#c14:30``  a clock time; ``#q14.30`` the same or a date
    ``#D3.12``   a dotted date, with or without a year; ``#S12/3`` one with slashes
    ``#I...``    a date in ISO form
    ``#x``       something with digits that is none of these
    ===========  ========================================================

Every other word is itself, folded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.words import fold

MAX_WORDS: Final = 600
MAX_CHARACTERS: Final = 8000
"""Of one utterance that are looked at."""

_LEAST_FUZZY: Final = 7
"""Letters from which on a word may be one letter off."""

_TOKEN: Final = re.compile(
    r"""(?P<iso>(?<!\d)\d{4}-\d{2}-\d{2}(?!\d))
      | (?P<dotted>(?<![\d.,])\d{1,2}\.[ ]?\d{1,2}\.
          (?:[ ]?\d{4}(?!\d)|\d{2}(?![\d:.,]))?(?!\d))
      | (?P<slashed>(?<![\d/])\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d{2}))?(?![\d/]))
      | (?P<clock>(?<![\d.,:])\d{1,2}[:.]\d{2}(?![\d]|[.,:]\d))
      | (?P<other>\d+(?:[.,:/]\d+)+|\d{5,})
      | (?P<nth>\d{1,2}(?:st|nd|rd|th|te[nrsm]?|ste[nrsm]?)(?!\w))
      | (?P<full>\d{1,2}\.(?!\w))
      | (?P<number>\d{1,4}(?=(?:uhr\d{0,2}|h|am|pm|a\.m|p\.m)?(?!\w)))
      | (?P<junk>\d\w*)
      | (?P<half>[ap]\.\s?m\.?(?!\w)|(?<=\d\s)[ap]\sm(?!\w))
      | (?P<part>[½¼¾])
      | (?P<word>[^\W\d_]\w*(?:['’][^\W\d_]+)?)
      | (?P<mark>[,;:.!?…–-])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FRACTIONAL: Final = frozenset({"halb", "viertel", "dreiviertel"})
_FRACTIONS: Final = {"½": "#S1/2", "¼": "#S1/4", "¾": "#S3/4"}


@dataclass(frozen=True, slots=True)
class Token:
    """A symbol, and where in the text it comes from.

    Attributes:
        symbol: see above.
        start: first character.
        end: after the last character.
        noun: it was written with a capital and is in no list of words.
    """

    symbol: str
    start: int
    end: int
    noun: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a language that the grammar knows.

    Attributes:
        words: folded word to its symbols, separated by blanks.
        joined: beginnings that the recogniser writes together with the number after them.
        ordinal_stop: "12." is an ordinal.
        tens: symbols of number words that take a unit after them ("twenty" "one").
        fuzzy: long words of ``words`` by their first letter; one letter may be wrong in them.
    """

    words: Mapping[str, str]
    joined: tuple[str, ...] = ()
    ordinal_stop: bool = False
    tens: frozenset[str] = frozenset()
    fuzzy: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def lexicon(
    words: Mapping[str, str],
    *,
    alike: frozenset[str],
    joined: tuple[str, ...] = (),
    ordinal_stop: bool = False,
    tens: frozenset[str] = frozenset(),
) -> Lexicon:
    """Make a lexicon; ``alike`` are the symbols whose long words may be misspelt by a letter."""
    fuzzy: dict[str, tuple[str, ...]] = {}
    for word, symbols in words.items():
        if len(word) >= _LEAST_FUZZY and (symbols in alike or symbols[:2] in alike):
            fuzzy[word[0]] = (*fuzzy.get(word[0], ()), word)
    return Lexicon(dict(words), joined, ordinal_stop, tens, fuzzy)


def tokens(text: str, lexicon: Lexicon) -> list[Token]:
    """The symbols of a text, of its first ``MAX_WORDS`` words and marks at most."""
    found: list[Token] = []
    dash = False
    for match in _TOKEN.finditer(text, 0, MAX_CHARACTERS):
        if len(found) >= MAX_WORDS:
            break
        start, end = match.span()
        if match.lastgroup == "mark" and match[0] in "-–" and not _is_range(text, start):
            dash = True
            continue
        for symbol, noun in _symbols(match, lexicon):
            if found and (joint := _joint(found[-1].symbol, symbol, lexicon)):
                found[-1] = Token(joint, found[-1].start, end)
            else:
                if dash and found and found[-1].symbol[:2] == symbol[:2] == "#w":
                    found.append(Token("-", start, start))  # "Montag-Freitag"
                found.append(Token(symbol, start, end, noun))
            dash = False
    return found


def _is_range(text: str, at: int) -> bool:
    """Whether a dash stands for "to" and does not join a compound."""
    before, after = text[max(at - 3, 0) : at], text[at + 1 : at + 3]
    if before.rstrip(" .")[-1:].isdecimal() and after.lstrip()[:1].isdecimal():
        return True
    return before.endswith(" ") and after.startswith(" ")


def _symbols(match: re.Match[str], lexicon: Lexicon) -> list[tuple[str, bool]]:
    written = match[0]
    match match.lastgroup:
        case "word":
            return _word(written, lexicon)
        case "number":
            symbol = f"#n{_digits(written)}"
        case "full":
            number = _digits(written[:-1])
            if not lexicon.ordinal_stop:
                return [(f"#n{number}", False), (".", False)]
            symbol = f"#e{number}"
        case "nth":
            symbol = f"#o{_digits(written.rstrip(_LETTERS))}"
        case "clock":
            hour, minute = re.split("[:.]", written)
            kind = "#c" if ":" in written else "#q"
            symbol = f"{kind}{_digits(hour)}{':' if kind == '#c' else '.'}{_digits(minute)}"
        case "iso":
            symbol = f"#I{_digits(written)}"
        case "dotted":
            symbol = _dotted(_digits(written.replace(" ", "").rstrip(".")))
        case "slashed":
            symbol = f"#S{_digits(written)}"
        case "part":
            symbol = _FRACTIONS[written]
        case "half":
            symbol = f"{written[0].lower()}m"
        case "mark":
            symbol = {"…": ".", "–": "-", ";": ","}.get(written, written)
        case _:
            symbol = "#x"
    return [(symbol, False)]


def _dotted(written: str) -> str:
    """A dotted date; "4.20." is how the recogniser writes "vierundzwanzigster"."""
    units, tens, *_ = (int(part) for part in written.split("."))
    if written.count(".") == 1 and 0 < units < 10 and tens in {20, 30}:  # noqa: PLR2004 (digits)
        return f"#e{units + tens}"
    return f"#D{written}"


def _digits(written: str) -> str:
    """Digits of any script as ASCII ones."""
    return "".join(str(int(c)) if c.isdecimal() else c for c in written)


def _word(written: str, lexicon: Lexicon) -> list[tuple[str, bool]]:
    word = fold(written)
    known = lexicon.words.get(word)
    if known is None and "'" in word:
        known = lexicon.words.get(word.partition("'")[0]) if word.endswith("'s") else None
    if known is None:
        known = _split(word, lexicon) or _nearly(word, lexicon)
    if known is not None:
        return [(symbol, False) for symbol in known.split()]
    plain = "".join(c for c in word if c.isalnum() or c == "'") or "x"
    return [(plain, written[0].isupper())]


def _split(word: str, lexicon: Lexicon) -> str | None:
    """``halbdrei`` and ``halb3`` are two words."""
    for beginning in lexicon.joined:
        rest = word.removeprefix(beginning)
        if rest == word or not rest:
            continue
        if rest.isascii() and rest.isdecimal() and len(rest) <= 2:  # noqa: PLR2004 (an hour)
            return f"{lexicon.words.get(beginning, beginning)} #n{rest}"
        if rest in lexicon.words and (beginning in _FRACTIONAL or lexicon.words[rest][0] == "#"):
            return f"{lexicon.words.get(beginning, beginning)} {lexicon.words[rest]}"
    return None


def _nearly(word: str, lexicon: Lexicon) -> str | None:
    """The symbols of the only known word that is a letter away."""
    if len(word) < _LEAST_FUZZY - 1:
        return None
    near = {
        lexicon.words[known] for known in lexicon.fuzzy.get(word[0], ()) if _one_off(word, known)
    }
    return near.pop() if len(near) == 1 else None


def _one_off(word: str, other: str) -> bool:
    """Whether one letter is wrong, missing or too many, or two neighbours are swapped."""
    if abs(len(word) - len(other)) > 1:
        return False
    shorter = min(len(word), len(other))
    begin = 0
    while begin < shorter and word[begin] == other[begin]:
        begin += 1
    end = 0
    while end < shorter - begin and word[-1 - end] == other[-1 - end]:
        end += 1
    rest, wanted = word[begin : len(word) - end], other[begin : len(other) - end]
    return max(len(rest), len(wanted)) <= 1 or (len(rest) == 2 and rest == wanted[::-1])  # noqa: PLR2004


def _joint(before: str, symbol: str, lexicon: Lexicon) -> str | None:
    """``twenty`` and ``one`` are one number."""
    if before in lexicon.tens and symbol[:2] in {"#n", "#o"}:
        unit = symbol[2:]
        if len(unit) == 1 and unit != "0":
            return f"{symbol[:2]}{before[2:3]}{unit}"
    return None
