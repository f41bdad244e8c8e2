"""The letters that are spelt at a token: "M", "em", "M wie Martha", "doppel-t", "Ypsilon"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from voice_agent.dialogue.slots.alphabets import LETTER_NAMES, LETTER_WORDS, SIGN_NAMES, UMLAUTS
from voice_agent.dialogue.slots.tokens import Token

_AS_IN: Final = {"de": frozenset({"wie"}), "en": frozenset({"for", "as", "like", "in"})}
_BEFORE_MODEL: Final = frozenset({'"', "„", "“", ",", "an"})
"""What may stand between "as in" and the model word; "in" is easily heard as "an"."""

_CASE: Final = {
    "de": frozenset("gross grosses klein kleines grossgeschrieben".split()),
    "en": frozenset("capital small uppercase lowercase upper lower".split()),
}
_DOUBLE: Final = {
    "de": {"doppel": 2, "doppeltes": 2, "zweimal": 2, "dreimal": 3},
    "en": {"double": 2, "triple": 3, "twice": 2},
}
_TWO: Final = frozenset({"zwei", "zwo", "two"})
_PLAIN: Final = frozenset({"ypsilon", "ypsillon", "aitch", "haitch", "jott", "zett", "zed"})
"""Names of letters that are nothing else."""

LIGATURES: Final = frozenset({"sch", "ch", "ck", "th", "ph", "sz", "ss", "tz", "st", "dt", "ei"})
"""Letters that are written together and spelt in one: "S C H wie Schule" comes as "SCH"."""


class Certainty(IntEnum):
    """How surely a word is a letter and not the word it looks like."""

    NAME = 1
    """Such as "es", "er", "de": only among other letters."""
    WORD = 2
    """Such as "Martha", "Berlin": only among other letters, too."""
    LETTER = 3
    """Such as "M", "doppel-t", "M wie Martha"."""


@dataclass(frozen=True, slots=True)
class Spelt:
    """Letters.

    Attributes:
        letters: in lower case; with an umlaut where one was said.
        end: index of the first token after them.
        certainty: how surely they are.
    """

    letters: str = field(repr=False)
    end: int
    certainty: Certainty


def spelt_at(given: Sequence[Token], at: int, language: str) -> Spelt | None:
    """The letters that are spelt at a token, or ``None``."""
    token = given[at]
    if token.is_word and token.word in _CASE[language]:
        after = spelt_at(given, at + 1, language) if at + 1 < len(given) else None
        return None if after is None else Spelt(after.letters, after.end, after.certainty)
    return (
        _special(given, at, language)
        or _doubled(given, at, language)
        or _as_in(given, at, language)
        or _single(token, at, language)
    )


def _word(given: Sequence[Token], at: int) -> str:
    return given[at].word if at < len(given) else ""


def _special(given: Sequence[Token], at: int, language: str) -> Spelt | None:
    word, after = _word(given, at), _word(given, at + 1)
    if word in {"scharfes", "scharfe"} and after in {"s", "es", "ess"}:
        return Spelt("ß", at + 2, Certainty.LETTER)
    if word == "es" and after in {"zett", "zet", "tset"}:
        return Spelt("ß", at + 2, Certainty.LETTER)
    stroke = after == "-"
    if word == "x" and _word(given, at + 1 + stroke) == "ray":
        return Spelt("x", at + 2 + stroke, Certainty.LETTER)
    if word == "double" and after in {"u", "you"}:
        return Spelt("w", at + 2, Certainty.LETTER)
    if word == "umlaut" or (after == "umlaut" and language == "en"):
        base = _single(given[at + (word == "umlaut")], at, language) if after else None
        if base is not None and base.letters in UMLAUTS:
            return Spelt(UMLAUTS[base.letters], at + 2, Certainty.LETTER)
        return None
    sign = SIGN_NAMES[language].get(word)
    return None if sign is None else Spelt(sign, at + 1, Certainty.LETTER)


def _doubled(given: Sequence[Token], at: int, language: str) -> Spelt | None:
    word = _word(given, at)
    times, here = _DOUBLE[language].get(word, 1), at + 1
    if word in _TWO and at + 1 < len(given):  # "zwei f", "zwei mal s"
        times, here = 2, at + 1 + (_word(given, at + 1) in {"mal", "times"})
    while times > 1 and here < len(given) and given[here].text == "-":
        here += 1
    if times > 1 and here < len(given):
        once = _as_in(given, here, language) or _single(given[here], here, language)
        if once is not None and len(once.letters) == 1 and given[here].is_word:
            return Spelt(once.letters * times, once.end, Certainty.LETTER)
        return None
    rest = word.removeprefix("doppel") if language == "de" else ""
    if rest and rest != word:  # doppelt is "twice"; doppel-te is what a recogniser makes of it
        letter = rest if len(rest) == 1 else LETTER_NAMES["de"].get(rest)
        return None if letter is None else Spelt(letter * 2, at + 1, Certainty.LETTER)
    return None


def _as_in(given: Sequence[Token], at: int, language: str) -> Spelt | None:
    """Letters with a model word, which is heard better than they are: "M as in Mike"."""
    token = given[at]
    if not token.is_word:
        return None
    here = at + 1
    if here < len(given) and given[here].text in {",", "-"}:
        here += 1
    bare = token.word == "wie" and language == "de"
    if bare:
        here = at
    if here >= len(given) or given[here].word not in _AS_IN[language]:
        return None
    while here < len(given) and (
        given[here].word in _AS_IN[language] or given[here].text in _BEFORE_MODEL
    ):
        here += 1
    if here >= len(given) or not given[here].is_word:
        return None
    model = given[here]
    known = LETTER_WORDS[language].get(model.text.lower())
    own = None if bare else _single(token, at, language)
    if known is None and own is None:
        return None  # "wie immer"
    if known is None and own is not None and own.letters[0] != model.text[0].lower():
        return None if language == "en" else Spelt(own.letters, here + 1, Certainty.LETTER)
    letters = known or model.text[0].lower()
    if own is not None and own.certainty is Certainty.LETTER and own.letters[-1] != letters[0]:
        # "N wie Martha" was an M; "H wie Charlotte" was no Ch, and "ä wie Anton" an a umlaut.
        letters = own.letters if own.letters in UMLAUTS.values() else letters
    elif own is not None and len(own.letters) == 1 and len(letters) > 1:
        letters = own.letters
    return Spelt(letters, here + 1, Certainty.LETTER)


def _single(token: Token, at: int, language: str) -> Spelt | None:
    if not token.is_word:
        return None
    text = token.text.lower()
    if len(text) == 1:
        return Spelt(text, at + 1, Certainty.LETTER)
    if text in LIGATURES and token.text.isupper():
        return Spelt(text, at + 1, Certainty.LETTER)
    if text in LETTER_WORDS[language]:
        return Spelt(LETTER_WORDS[language][text], at + 1, Certainty.WORD)
    if token.word in LETTER_NAMES[language]:
        certainty = Certainty.LETTER if token.word in _PLAIN else Certainty.NAME
        return Spelt(LETTER_NAMES[language][token.word], at + 1, certainty)
    return None
