"""English number words, the British way: ``one hundred and one``."""

from __future__ import annotations

from functools import lru_cache

from voice_agent.speech.spoken.figures import LARGEST

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "_ ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip

TELEPHONE_DIGITS = tuple(_SMALL[:10])
"""Zero, not "oh": on a narrow line "oh" is taken for a letter or a hesitation."""


@lru_cache(maxsize=4096)
def cardinal(number: int) -> str:
    """A whole number, not negative, in words."""
    if number > LARGEST:
        return " ".join(_SMALL[int(digit)] for digit in str(number))
    words = []
    for value, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        count, number = divmod(number, value)
        if count:
            words.append(f"{_hundreds(count)} {name}")
    if number or not words:
        joint = "and " if words and number < 100 else ""  # noqa: PLR2004 (one thousand and five)
        words.append(joint + _hundreds(number))
    return " ".join(words)


def _hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    head = f"{_SMALL[hundreds]} hundred" if hundreds else ""
    if head and not rest:
        return head
    return (f"{head} and " if head else "") + _tens(rest)


def _tens(number: int) -> str:
    if number < len(_SMALL):
        return _SMALL[number]
    tens, units = divmod(number, 10)
    return _TENS[tens] + (f"-{_SMALL[units]}" if units else "")


def ordinal(number: int) -> str:
    """``ordinal(22)`` is ``twenty-second``."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:]
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return words[:cut] + _ORDINALS.get(last, regular)


def year(number: int) -> str:
    """A year in pairs: ``nineteen ninety-eight``, but ``two thousand and five``."""
    century, rest = divmod(number, 100)
    if not 11 <= century <= 20 or (century == 20 and rest < 10):  # noqa: PLR2004 (years in pairs)
        return cardinal(number)
    if not rest:
        return f"{_tens(century)} hundred"
    return f"{_tens(century)} {'oh ' if rest < 10 else ''}{_tens(rest)}"  # noqa: PLR2004 (05)


def decimal(whole: int, fraction: str) -> str:
    """A number and its decimals, which are said one by one: ``three point one four``."""
    if not fraction:
        return cardinal(whole)
    return f"{cardinal(whole)} point {' '.join(_SMALL[int(digit)] for digit in fraction)}"
