"""How a name is spelt after "Meier mit e i", "Schmidt mit d t", "Hofmann mit zwei f", "ohne h".

What is said after "mit" sounds like something that stands in the name, so it replaces the last of
what it sounds like.
"""

from __future__ import annotations

from typing import Final

_ALIKE: Final[tuple[tuple[str, ...], ...]] = (
    ("ai", "ay", "ei", "ey"),
    ("tth", "dt", "tt", "th", "td", "t", "d"),
    ("ck", "kk", "cc", "k", "c", "q"),
    ("ph", "ff", "f", "v", "w"),
    ("sch", "sh"),
    ("chs", "cks", "ks", "x"),
    ("tz", "ts", "cz", "zz", "z", "c"),
    ("sz", "ss", "ß", "z", "s"),
    ("ie", "ih", "ee", "y", "i", "j"),
    ("ueh", "üh", "ue", "ü", "y", "u"),
    ("oeh", "öh", "oe", "ö", "o"),
    ("aeh", "äh", "ae", "ä", "e", "a"),
    ("eu", "äu", "oi", "oy"),
    ("aa", "ah", "a"),
    ("oo", "oh", "o"),
    ("uh", "u"),
    ("eh", "ee", "e"),
    *((letter * 2, letter) for letter in "bdfglmnprs"),
)
"""Spellings that sound alike or nearly, longer ones first."""

_VOWELS: Final = "aeiouäöüy"
_UMLAUTS: Final = "äöü"


def respelt(name: str, letters: str) -> str | None:
    """The name with these letters in it.

    Args:
        name: as the recogniser wrote it.
        letters: what follows "with", in lower case.

    Returns:
        The name, unchanged if the letters stand in it; ``None`` if they fit nowhere.
    """
    lower = name.lower()
    if len(lower) != len(name) or not letters:
        return None
    if letters == "e" and "ä" in lower:
        return _replace(name, "ä", "e")  # "Krämer mit e"
    if letters in lower:
        return name
    if letters == "e" and lower[-1] not in _VOWELS:
        return name + "e"  # "Clark with an e"
    for pair in ("ei", "ai"):
        if letters == "y" and pair in lower:
            return _replace(name, pair, pair[0] + "y")
    if letters == "h":
        return _with_h(name)
    if len(letters) == 2 and letters[0] == letters[1] and lower.count(letters[0]):  # noqa: PLR2004
        return _replace(name, letters[0], letters)
    for group in _ALIKE:
        if letters in group:
            for other in group:
                if other != letters and other in lower:
                    first = letters in _UMLAUTS  # they stand in the first syllable: Bäcker
                    return _replace(name, other, letters, first=first)
    return None


def without(name: str, letters: str) -> str | None:
    """The name without these letters, or ``None`` if they do not stand in it."""
    return _replace(name, letters, "") if letters and letters in name.lower() else None


def _replace(name: str, old: str, new: str, *, first: bool = False) -> str:
    at = name.lower().find(old) if first else name.lower().rfind(old)
    if at == 0:
        new = new[:1].upper() + new[1:] if name[:1].isupper() else new
    return name[:at] + new + name[at + len(old) :]


def _with_h(name: str) -> str:
    """Where a silent h stands: "Marta" is "Martha", "Jon" is "John", "Hanna" is "Hannah"."""
    lower = name.lower()
    for at in range(len(lower) - 1, -1, -1):
        if lower[at] == "t" and lower[at + 1 : at + 2] and lower[at + 1] in _VOWELS:
            return name[: at + 1] + "h" + name[at + 1 :]
    if lower[-1:] and lower[-1] in _VOWELS:
        return name + "h"
    at = max(lower.rfind(vowel) for vowel in _VOWELS)
    return name[: at + 1] + "h" + name[at + 1 :]
