"""Answers as callers give them when a flow asks: dates, times, numbers, plates, names, yes and no.

Made by template, the same in every run. None is of a real person.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.bench.word_errors import words

EACH: Final = 10
"""Answers of each kind, in each language."""

KINDS: Final = ("date", "time", "phone", "plate", "name", "service", "yes_no")
"""What flows ask for."""

_FRAMES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "date": {"de": ("am {}.", "{}, bitte.", "geht es am {}?"), "en": ("on {}.", "{}, please.")},
    "time": {"de": ("um {}.", "am besten um {}."), "en": ("at {}.", "{}, please.")},
    "phone": {"de": ("{}.", "meine Nummer ist {}."), "en": ("{}.", "my number is {}.")},
    "plate": {"de": ("{}.", "mein Kennzeichen ist {}."), "en": ("{}.", "my registration is {}.")},
    "name": {"de": ("{}.", "mein Name ist {}."), "en": ("{}.", "my name is {}.")},
    "service": {"de": ("{}.", "ich habe eine Frage zu {}."), "en": ("{}.", "it is about {}.")},
}
_PREAMBLE: Final = re.compile(
    r"(?:meine nummer|mein kennzeichen) ist|(?:my number|my registration) is"
)
_DAYS: Final = {
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday".split(),
}
_MONTHS: Final = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November "
    "Dezember".split(),
    "en": "January February March April May June July August September October November "
    "December".split(),
}
_ORDINALS: Final[dict[str, dict[int, str]]] = {
    "de": {3: "dritten", 5: "fünften", 12: "zwölften", 17: "siebzehnten", 28: "achtundzwanzigsten"},
    "en": {3: "third", 5: "fifth", 12: "twelfth", 17: "seventeenth", 28: "twenty-eighth"},
}
_NUMBERS: Final = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split(),
    "en": "zero one two three four five six seven eight nine ten eleven twelve".split(),
}
_NAMES: Final = {
    "de": "Müller Weber Schmidt Wagner Fischer Hoffmann Becker Koch Schäfer Richter".split(),
    "en": "Smith Williams Johnson Brown Taylor Davies Walker Evans Hughes Roberts".split(),
}
_SERVICES: Final = {
    "de": ("Reifenwechsel", "Ölwechsel", "Inspektion", "Reifeneinlagerung", "Ersatzwagen"),
    "en": ("tyre change", "oil change", "inspection", "tyre storage", "courtesy car"),
}
_YES_NO: Final = {
    "de": "Ja. Nein. Ja,_bitte. Nein,_danke. Ja,_das_passt. Nein,_lieber_nicht. Ja,_genau. "
    "Nein,_das_stimmt_nicht. Ja,_gerne. Nein,_noch_nicht.",
    "en": "Yes. No. Yes,_please. No,_thank_you. Yes,_that_works. No,_I'd_rather_not. "
    "Yes,_exactly. No,_that_is_wrong. Yes,_of_course. No,_not_yet.",
}
_SAME: Final = {"Yes": ("Yes", "Yeah"), "No": ("No", "Nope")}
"""What is understood as the same answer."""

_Value = tuple[str, tuple[str, ...]]
"""A value as it is said, and the ways to write it that are right."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        kind: what was asked for, one of ``KINDS``.
        language: ``de`` or ``en``.
        text: the words.
        value: the ways to write the value in them.
    """

    kind: str
    language: str
    text: str
    value: tuple[str, ...]

    def is_in(self, heard: str) -> bool:
        """True if the value, and of a number or plate no other, is in a recognised text."""
        if self.kind in {"phone", "plate"}:
            return _characters(heard, self.language, self.kind == "phone") in self.value
        said = words(heard, self.language)
        wanted = [words(each, self.language) for each in self.value]
        return any(
            said[start : start + len(each)] == each for each in wanted for start in range(len(said))
        )


def answers(language: str) -> Iterator[Answer]:
    """``EACH`` of every kind."""
    rng = random.Random(f"answers-{language}")  # noqa: S311 (sentences, no secrets)
    makers: dict[str, Callable[[random.Random, str, int], _Value]] = {
        "date": _date,
        "time": _time,
        "phone": _phone,
        "plate": _plate,
    }
    for kind, make in makers.items():
        for number in range(EACH):
            yield _framed(kind, language, number, make(rng, language, number))
    for kind, several in (("name", _NAMES[language]), ("service", _SERVICES[language] * 2)):
        for number, one in enumerate(several):
            yield _framed(kind, language, number // 4, (one, (one,)))
    for text in _YES_NO[language].split():
        first = text.split("_")[0].strip(".,")
        yield Answer("yes_no", language, text.replace("_", " "), _SAME.get(first, (first,)))


def _framed(kind: str, language: str, number: int, value: _Value) -> Answer:
    frames = _FRAMES[kind][language]
    text = frames[number % len(frames)].format(value[0])
    return Answer(kind, language, text[0].upper() + text[1:], value[1])


def _date(rng: random.Random, language: str, number: int) -> _Value:
    if number % 2:
        weekday = rng.choice(_DAYS[language])
        return weekday, (weekday,)
    day, ordinal = rng.choice([*_ORDINALS[language].items()])
    month = rng.choice(_MONTHS[language])
    if language == "de":
        return f"{ordinal} {month}", (f"{ordinal} {month}", f"{day}. {month}")
    endings = ("", "st", "nd", "rd", "th")
    written = tuple(f"{month} {day}{ending}" for ending in endings)
    return f"{month} {ordinal}", (f"{month} {ordinal}", *written)


def _time(rng: random.Random, language: str, number: int) -> _Value:
    hour = rng.randrange(1, 13)
    name = _NUMBERS[language][hour]
    if language == "de":
        if number % 2:
            return f"halb {name}", (f"halb {name}", f"halb {hour}")
        said = f"{name.removesuffix('s') if hour == 1 else name} Uhr"
        return said, (said, f"{hour} Uhr", f"{hour}:00")
    if number % 2:
        return f"half past {name}", (f"half past {name}", f"half past {hour}")
    return f"{name} thirty", (f"{name} thirty", f"{hour}:30", f"{hour} 30", f"{hour}30")


def _phone(rng: random.Random, language: str, number: int) -> _Value:
    del number
    digits = rng.choice(("030", "089", "0151", "0172")) + f"{rng.randrange(10**6):06}"
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return ", ".join(_spelt(group, language) for group in groups), (digits,)


def _plate(rng: random.Random, language: str, number: int) -> _Value:
    letters = "".join(rng.choices("ABCDEFGHKLMNPRSTUWXZ", k=2 + number % 2))
    digits = f"{rng.randrange(100, 9999)}"
    return f"{' '.join(letters)}, {_spelt(digits, language)}", (letters + digits,)


def _spelt(digits: str, language: str) -> str:
    return " ".join(_NUMBERS[language][int(digit)] for digit in digits)


def _characters(heard: str, language: str, digits_only: bool) -> str:
    """The digits and letters of a number or plate, without the words around them."""
    text = _PREAMBLE.sub("", heard.casefold())
    for digit in range(10):
        text = re.sub(rf"\b{_NUMBERS[language][digit]}\b", str(digit), text)
    return re.sub(r"\D" if digits_only else r"[\W_]", "", text.replace("zwo", "2")).upper()
