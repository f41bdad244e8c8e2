"""German number words."""

from __future__ import annotations

from functools import lru_cache

from voice_agent.speech.spoken.figures import LARGEST

_SMALL = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn"
    " fünfzehn sechzehn siebzehn achtzehn neunzehn"
).split()
_TENS = "_ zehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_ORDINAL_STEMS = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}

# On the telephone "zwei" is easily heard as "drei"; in digit strings Germans say "zwo" (DIN 5009).
TELEPHONE_DIGITS = (*_SMALL[:2], "zwo", *_SMALL[3:10])


@lru_cache(maxsize=4096)
def cardinal(number: int, one: str = "eins") -> str:
    """A whole number in words.

    Args:
        number: not negative.
        one: the form of 1 standing alone: ``eins`` when counting, ``ein``, ``eine``, ``einem`` ...
            before a noun. In compounds such as 101 it stays ``eins``.
    """
    if number > LARGEST:
        return " ".join(_SMALL[int(digit)] for digit in str(number))
    if number == 1:
        return one
    words = []
    for value, singular, plural in (
        (10**9, "eine Milliarde", "Milliarden"),
        (10**6, "eine Million", "Millionen"),
    ):
        count, number = divmod(number, value)
        if count:
            words.append(singular if count == 1 else f"{_thousands(count)} {plural}")
    if number or not words:
        words.append(_thousands(number))
    return " ".join(words)


def _thousands(number: int) -> str:
    thousands, rest = divmod(number, 1000)
    head = f"{_hundreds(thousands, 'ein')}tausend" if thousands else ""
    return head + (_hundreds(rest, "eins") if rest or not head else "")


def _hundreds(number: int, one: str) -> str:
    hundreds, rest = divmod(number, 100)
    head = f"{_hundreds(hundreds, 'ein')}hundert" if hundreds else ""
    if head and not rest:
        return head
    if rest == 1:
        return head + one
    if rest < len(_SMALL):
        return head + _SMALL[rest]
    tens, units = divmod(rest, 10)
    unit = ("ein" if units == 1 else _SMALL[units]) + "und" if units else ""
    return f"{head}{unit}{_TENS[tens]}"


def ordinal(number: int, ending: str) -> str:
    """``ordinal(3, "en")`` is ``dritten``: the stem, and the adjective's ending as given."""
    rest = number % 100
    if 0 < rest < len(_SMALL):
        head = cardinal(number - rest) if number > rest else ""
        return head + _ORDINAL_STEMS.get(rest, f"{_SMALL[rest]}t") + ending
    return f"{cardinal(number)}st{ending}".replace(" ", "")


def year(number: int) -> str:
    """A year: 1100 to 1999 count in hundreds, all others like any number."""
    century, rest = divmod(number, 100)
    if 11 <= century <= 19:  # noqa: PLR2004 (centuries)
        return f"{_hundreds(century, 'ein')}hundert{_hundreds(rest, 'eins') if rest else ''}"
    return cardinal(number)


def decimal(whole: int, fraction: str, one: str = "eins") -> str:
    """A number and its decimals, which are said one by one: ``drei Komma eins vier``."""
    if not fraction:
        return cardinal(whole, one)
    return f"{cardinal(whole)} Komma {' '.join(_SMALL[int(digit)] for digit in fraction)}"
