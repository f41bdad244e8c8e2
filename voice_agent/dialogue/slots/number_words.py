"""The parts that German and English number words are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["zero", "unit", "teen", "ten", "hundred", "thousand", "million", "and"]

LONGEST_WORD: Final = 80
"""Letters of a number word; German puts nine hundred million into fewer."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a number word.

    Attributes:
        role: how it combines with others.
        value: what it counts; of ``million`` the thousand millions, too.
    """

    role: Role
    value: int


class NumberWords:
    """One language's.

    Args:
        cardinals: folded parts of cardinal numbers.
        ordinals: folded last parts of ordinal numbers, without their ending.
        ending: pattern of an ordinal's ending.
        articles: forms of one that may be an article.
        tens_first: twenty-one rather than one-and-twenty.
    """

    def __init__(
        self,
        cardinals: Mapping[str, Part],
        ordinals: Mapping[str, Part],
        ending: str,
        articles: frozenset[str],
        *,
        tens_first: bool,
    ) -> None:
        self._cardinals = cardinals
        self._ordinals = ordinals
        self.articles = articles
        self.tens_first = tens_first
        part = _longest_first(cardinals)
        self._part = re.compile(part)
        self._cardinal = re.compile(rf"(?:{part})+")
        self._ordinal = re.compile(rf"((?:{part})*?)({_longest_first(ordinals)}){ending}")

    def cut(self, word: str) -> tuple[list[Part], bool] | None:
        """The parts of a folded word and whether it is an ordinal; ``None``: it is no number."""
        if len(word) > LONGEST_WORD:
            return None
        if self._cardinal.fullmatch(word):
            return [self._cardinals[part] for part in self._part.findall(word)], False
        ordinal = self._ordinal.fullmatch(word)
        if ordinal is None:
            return None
        before = [self._cardinals[part] for part in self._part.findall(ordinal[1])]
        return [*before, self._ordinals[ordinal[2]]], True


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _counted(small: str, tens: str) -> dict[str, Part]:
    words = small.split()
    parts = {words[0]: Part("zero", 0)}
    parts |= {word: Part("unit", value) for value, word in enumerate(words[1:10], 1)}
    parts |= {word: Part("teen", value) for value, word in enumerate(words[10:], 10)}
    return parts | {word: Part("ten", value * 10) for value, word in enumerate(tens.split(), 2)}


_HUNDRED: Final = Part("hundred", 100)
_THOUSAND: Final = Part("thousand", 1000)
_MILLION: Final = Part("million", 10**6)
_BILLION: Final = Part("million", 10**9)
_AND: Final = Part("and", 0)

_DE: Final = _counted(
    "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn"
    " sechzehn siebzehn achtzehn neunzehn",
    "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
)
_DE_ALSO: Final = {
    "zwo": Part("unit", 2),
    "ein": Part("unit", 1),
    "eine": Part("unit", 1),
    "fuenf": Part("unit", 5),
    "fuenfzehn": Part("teen", 15),
    "zwoelf": Part("teen", 12),
    "dreizig": Part("ten", 30),
    "fuenfzig": Part("ten", 50),
    "hundert": _HUNDRED,
    "tausend": _THOUSAND,
    **dict.fromkeys(("million", "millionen"), _MILLION),
    **dict.fromkeys(("milliarde", "milliarden"), _BILLION),
    "und": _AND,
}
_DE_IRREGULAR: Final = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}
_DE_ORDINALS: Final = {
    **{
        _DE_IRREGULAR.get(part.value, f"{word}t"): part
        for word, part in _DE.items()
        if part.role in {"unit", "teen"}
    },
    **{f"{word}st": part for word, part in _DE.items() if part.role == "ten"},
    "siebent": Part("unit", 7),
    "zwot": Part("unit", 2),
    "hundertst": _HUNDRED,
    "tausendst": _THOUSAND,
}

_EN: Final = _counted(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen",
    "twenty thirty forty fifty sixty seventy eighty ninety",
)
_EN_ALSO: Final = {
    "fourty": Part("ten", 40),
    "hundred": _HUNDRED,
    "thousand": _THOUSAND,
    "million": _MILLION,
    "billion": _BILLION,
    "and": _AND,
}
_EN_IRREGULAR: Final = {1: "first", 2: "second", 3: "third", 5: "fifth", 8: "eighth", 9: "ninth"}
_EN_ORDINALS: Final = {
    **{
        _EN_IRREGULAR.get(part.value, f"{word}th"): part
        for word, part in _EN.items()
        if part.role in {"unit", "teen"}
    },
    **{f"{word[:-1]}ieth": part for word, part in _EN.items() if part.role == "ten"},
    "twelfth": Part("teen", 12),
    "hundredth": _HUNDRED,
    "thousandth": _THOUSAND,
}

NUMBER_WORDS: Final = {
    "de": NumberWords(
        _DE | _DE_ALSO,
        _DE_ORDINALS,
        "(?:e[nrsm]?|ens)",
        frozenset({"ein", "eine", "einen", "einem", "einer", "eines"}),
        tens_first=False,
    ),
    "en": NumberWords(_EN | _EN_ALSO, _EN_ORDINALS, "", frozenset({"a", "an"}), tens_first=True),
}
"""By language."""
