"""Numbers in what a caller says: "einundzwanzig", "anderthalb", "12,5", "a hundred and five"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from voice_agent.dialogue.slots.correction import corrections
from voice_agent.dialogue.slots.numerals import Numeral, numeral
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import Token, joined, tokens

SLOT: Final = "number"

_SURE: Final = 0.95
_LIKELY: Final = 0.9
_ARTICLE: Final = 0.5
_AMBIGUOUS: Final = 0.7

_THOUSANDS: Final = 3
"""Figures in a group of thousands."""

_LONGEST: Final = 15
"""Figures of a number that counts something; more are a reference."""

_MINUS: Final = frozenset({"minus", "-"})

_DECIMAL_SIGN: Final = {"de": ",", "en": "."}
_DECIMAL_WORD: Final = {"de": "komma", "en": "point"}

_FIXED: Final[dict[str, dict[str, str]]] = {
    "de": {
        **dict.fromkeys(("anderthalb", "anderthalbe", "eineinhalb", "einundeinhalb"), "1.5"),
        **dict.fromkeys(("halb", "halbe", "halben", "halbes", "halber"), "0.5"),
        **dict.fromkeys(("beide", "beiden", "beides"), "2"),
        **dict.fromkeys(("kein", "keine", "keinen", "keiner", "keins"), "0"),
        "dutzend": "12",
        "dreiviertel": "0.75",
    },
    "en": {"half": "0.5", "both": "2", "none": "0", "dozen": "12", "couple": "2", "pair": "2"},
}
"""Folded words that are a number by themselves."""

_PAIRS: Final[dict[str, dict[tuple[str, str], str]]] = {
    "de": {
        ("ein", "paar"): "2",
        **{("zu", word): str(n) for n, word in enumerate(["zweit", "dritt", "viert", "funft"], 2)},
        **{
            (article, word): value
            for article in ("ein", "eine", "einen", "einem")
            for word, value in _FIXED["de"].items()
            if value in {"0.5", "12"}
        },
    },
    "en": {("a", word): _FIXED["en"][word] for word in ("couple", "pair", "dozen", "half")},
}
"""Two words that are a number together."""

_SCALES: Final[dict[str, dict[str, int]]] = {
    "de": {"tausend": 10**3, "million": 10**6, "millionen": 10**6, "milliarden": 10**9,
           "dutzend": 12, "mio": 10**6},
    "en": {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "dozen": 12,
           "k": 10**3},
}  # fmt: skip
"""What a number in figures or with decimals may be multiplied by."""


@dataclass(frozen=True, slots=True)
class _Amount:
    value: Decimal = field(repr=False)
    end: int
    confidence: float = _SURE
    other: Decimal | None = field(default=None, repr=False)


def read_numbers(text: str, setting: Setting) -> tuple[Reading, ...]:
    """Every number in the words, the surest first; the value has a dot before its decimals.

    What was said before a correction counts only if no number follows it.
    """
    given = tokens(text)
    found = _numbers(given, setting)
    for said in corrections(given, setting.language):
        after = [r for r in found if r.start >= given[said.end - 1].end]
        found = after or found
    return tuple(sorted(found, key=lambda reading: -reading.confidence))


def _numbers(given: Sequence[Token], setting: Setting) -> list[Reading]:
    found: list[Reading] = []
    at = 0
    while at < len(given):
        negative = given[at].word in _MINUS and at + 1 < len(given)
        negative = negative and not (at and joined(given[at - 1], given[at]))
        amount = _amount(given, at + negative, setting.language)
        if amount is None:
            at += 1
            continue
        sign = -1 if negative else 1
        others = () if amount.other is None else (_written(sign * amount.other),)
        start, end = given[at].start, given[amount.end - 1].end
        value = _written(sign * amount.value)
        found.append(Reading(SLOT, value, start, end, amount.confidence, others))
        at = amount.end
    return found


def _written(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return str(int(value)) if whole else f"{value.normalize():f}"


def _amount(given: Sequence[Token], at: int, language: str) -> _Amount | None:
    amount = _plain(given, at, language)
    if amount is None:
        return None
    amount = _with_half(given, amount, language)
    if [token.word for token in given[amount.end : amount.end + 2]] == ["a", "dozen"]:
        return _Amount(amount.value * 12, amount.end + 2, _LIKELY)  # half a dozen
    scale = _SCALES[language].get(given[amount.end].word) if amount.end < len(given) else None
    if scale is None:
        return amount
    return _Amount(amount.value * scale, amount.end + 1, _SURE)


def _plain(given: Sequence[Token], at: int, language: str) -> _Amount | None:
    token = given[at]
    fixed = _fixed(given, at, language)
    if fixed is not None:
        return fixed
    if language == "de" and token.word.endswith("einhalb"):  # zweieinhalb
        count = numeral([_without(token, len("einhalb"))], 0, language)
        return None if count is None else _Amount(count.value + Decimal("0.5"), at + 1)
    count = numeral(given, at, language)
    if (
        count is not None
        and count.article
        and given[at + 1 : at + 2]
        and given[at + 1].text == "paar"
    ):
        return None
    if count is None or len(count.figures) > _LONGEST:
        return None
    if token.is_figures:
        return _figures(given, at, count, language)
    after = given[count.end] if count.end < len(given) else None
    if after is not None and after.is_figures and _completes(count.value, after.text):
        return _Amount(Decimal(count.value + int(after.text)), count.end + 1)
    return _decimals(given, count, language)


def _completes(value: int, figures: str) -> bool:
    """True if figures are the rest of a number begun in words: "zwei tausend 400"."""
    scale = 1000 if value % 1000 == 0 else 100
    return value > 0 and value % scale == 0 and len(figures) < len(str(scale))


def _without(token: Token, letters: int) -> Token:
    return Token(token.text[:-letters], token.word[:-letters], token.start, token.end, token.kind)


def _fixed(given: Sequence[Token], at: int, language: str) -> _Amount | None:
    token = given[at]
    after = given[at + 1] if at + 1 < len(given) else None
    if after is not None:
        value = _PAIRS[language].get((token.word, after.word), "")
        # "Ein Paar" is two, "ein paar" is a few; the recogniser's capital is all there is to tell.
        if value and after.text != "paar":
            return _Amount(Decimal(value), at + 2, _LIKELY)
    value = _FIXED[language].get(token.word, "")
    if not value:
        return None
    return _Amount(Decimal(value), at + 1, _AMBIGUOUS if value == "0" else _LIKELY)


def _figures(given: Sequence[Token], at: int, count: Numeral, language: str) -> _Amount:
    """Groups of thousands and decimals, as the language writes them or the other one does."""
    groups, signs = [given[at].text], [""]
    end = count.end
    while (
        not count.ordinal
        and end + 1 < len(given)
        and given[end].text in ".,"
        and given[end + 1].is_figures
        and joined(given[end - 1], given[end])
        and joined(given[end], given[end + 1])
    ):
        signs.append(given[end].text)
        groups.append(given[end + 1].text)
        end += 2
    comma = _DECIMAL_SIGN[language]
    after = given[end] if end < len(given) else None
    if language == "en" and after is not None and after.word == "and" and end + 1 < len(given):
        rest = given[end + 1]
        if len(groups) == 1 and rest.is_figures and _completes(count.value, rest.text):
            return _Amount(Decimal(count.value + int(rest.text)), end + 2)  # 100 and 5
    spaced = len(groups) == 1 and not count.ordinal and len(groups[0]) <= _THOUSANDS
    if spaced and after is not None and after.is_figures and len(after.text) == _THOUSANDS:
        whole = Decimal(groups[0] + after.text)  # 1 200
        return _Amount(whole, end + 1, _AMBIGUOUS, Decimal(count.value))
    if len(groups) == 1:
        return _Amount(Decimal(count.value), count.end)
    thousands = (
        all(len(group) == _THOUSANDS for group in groups[1:]) and len(groups[0]) <= _THOUSANDS
    )
    whole = Decimal("".join(groups)[:_LONGEST])
    if len(groups) == 2:  # noqa: PLR2004 (one sign)
        decimal = Decimal(f"{groups[0]}.{groups[1]}"[: 2 * _LONGEST])
        if not thousands:
            return _Amount(decimal, end)
        if signs[1] == comma:
            return _Amount(decimal, end, _AMBIGUOUS, whole)
        return _Amount(whole, end)
    *middle, last = groups
    if thousands and len(set(signs[1:])) == 1:
        return _Amount(whole, end)
    if signs[-1] == comma and comma not in signs[:-1]:  # 1.234,50
        return _Amount(Decimal(f"{''.join(middle)}.{last}"[: 2 * _LONGEST]), end)
    # A date, a version: no number at all, but the first of it is the likeliest to be meant.
    return _Amount(Decimal(count.value), end, _ARTICLE)


def _decimals(given: Sequence[Token], count: Numeral, language: str) -> _Amount:
    """The decimals said after a number in words: "zwei Komma fünf", "three point one four"."""
    sure = _ARTICLE if count.article else _SURE
    plain = _Amount(Decimal(count.value), count.end, sure)
    at = count.end
    if at + 1 >= len(given) or given[at].word != _DECIMAL_WORD[language]:
        return plain
    decimals, end = "", at + 1
    while end < len(given) and len(decimals) < _LONGEST:
        digit = numeral(given, end, language)
        if digit is None or digit.ordinal or len(digit.figures) > 2:  # noqa: PLR2004 (fünfundzwanzig)
            break
        decimals, end = decimals + digit.figures, digit.end
        if len(digit.figures) > 1:
            break
    return _Amount(Decimal(f"{count.value}.{decimals}"), end) if decimals else plain


def _with_half(given: Sequence[Token], amount: _Amount, language: str) -> _Amount:
    """Half more, said after it: "zwei und ein halb", "two and a half"."""
    words = [token.word for token in given[amount.end : amount.end + 3]]
    tail = {"de": ["und", "ein", "halb"], "en": ["and", "a", "half"]}[language]
    if words[: len(tail)] == tail or (
        words and words[-1].startswith("halb") and words[:2] == tail[:2]
    ):
        return _Amount(amount.value + Decimal("0.5"), amount.end + 3)
    return amount
