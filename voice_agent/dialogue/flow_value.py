"""The values of slots: which are taken, and how they are written for the voice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time, timedelta
from typing import Final

from voice_agent.dialogue.flow import Kind, Slot
from voice_agent.dialogue.words import distance, fold, split

MOST_SPOKEN: Final = 60
"""Characters of a value that are said; nobody listens to more."""

MOST_READ_BACK: Final = 200
"""Characters of a message that are said to whoever left it."""

MOST_TEXT: Final = 1000
"""Characters of a message."""

MOST_NARROWED: Final = 62
"""Days taken off a span of days; whoever excludes more is asked for another day."""

_FORMS: Final[dict[Kind, re.Pattern[str]]] = {
    Kind.NUMBER: re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?"),
    Kind.DIGITS: re.compile(r"[0-9]{1,32}"),
    Kind.CODE: re.compile(r"[^\W_](?:[\w ./-]{0,38}[^\W_])?"),
    Kind.NAME: re.compile(r"[^\W\d_](?:[\w .,'’-]{0,58}[\w.])?"),
    Kind.PHONE: re.compile(r"\+?[0-9]{3,15}"),
    Kind.PLATE: re.compile(r"[^\W_](?:[^\W_]|[ -]){1,14}"),
    Kind.SECRET: re.compile(r"[0-9]{4,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    Kind.EMAIL: re.compile(r"[^\s@<>{}]{1,64}@[^\s@<>{}]{1,189}"),
}

_MARKUP: Final = re.compile(r"[<>{}\[\]*#|~`\\^]")

_DAYS: Final = {
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
_MONTHS: Final = {
    "de": (
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
    ).split(),
    "en": (
        "January February March April May June July August September October November December"
    ).split(),
}
_OR: Final = {"de": "oder", "en": "or"}
_ANY: Final = {
    "de": {Kind.DATE: "jeder Tag", Kind.TIME: "jederzeit"},
    "en": {Kind.DATE: "any day", Kind.TIME: "any time"},
}
_FROM: Final = {"de": "ab", "en": "from"}
_UNTIL: Final = {"de": "bis", "en": "until"}
_TO: Final = {"de": "bis", "en": "to"}


def clean(text: str, most: int = MOST_SPOKEN) -> str:
    """A text from outside as one short line without control characters and markup."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * most])
    return " ".join(_MARKUP.sub(" ", printable).split())[:most].rstrip()


def accept(slot: Slot, value: str) -> str | None:
    """The value as the slot keeps it, or ``None`` if it is none.

    A choice can be given by its value or by what it is called in any language. A choice among a
    tool's rows is none of this function's: only an offer can fill it.
    """
    if slot.kind is Kind.CHOICE:
        said = fold(value)
        for option, names in slot.options.items():
            if said in {fold(option), *map(fold, names.values())}:
                return option
        return None
    if slot.kind is Kind.TEXT:
        return clean(value, MOST_TEXT) or None
    if slot.kind in {Kind.DATE, Kind.TIME}:
        reversed_ = slot.kind is Kind.DATE and _is_reversed(value)  # a night is no such span
        return value if _is_moment(slot.kind, value) and not reversed_ else None
    if not _FORMS[slot.kind].fullmatch(value):
        return None
    if slot.kind is Kind.DIGITS and not _within(slot, len(value)):
        return None
    if slot.kind is Kind.NUMBER and not _within(slot, float(value)):
        return None
    return value


def in_sentence(text: str) -> str:
    """A caller's text as it is read back within a sentence, which has an end of its own."""
    return clean(text, MOST_READ_BACK).rstrip(".! ")


def named(slot: Slot, text: str) -> tuple[str, ...]:
    """The options of a choice that a caller's words name, in whatever language, in order.

    An option is named when its words follow one another, perhaps with endings. Where none is, it
    may have been misspelt, or heard as two words or as one: "reifen wechseln", "tire change".
    """
    words = split(text)
    for alike in (_begins, _sounds_like):
        found = tuple(
            option
            for option, names in slot.options.items()
            if any(_follows(split(name), words, alike) for name in names.values())
        )
        if found:
            return found
    return ()


def mentioned(names: Iterable[str], text: str) -> bool:
    """True if a caller's words hold one of these names, as ``named`` finds them."""
    words = split(text)
    ways = (_begins, _sounds_like)
    return any(_follows(split(name), words, alike) for name in names for alike in ways)


def _follows(name: Sequence[str], words: Sequence[str], alike: Callable[[str, str], bool]) -> bool:
    """True if the words of a name are somewhere in the words, one after the other."""
    ways = (name, ("".join(name),)) if name else ()
    return any(_stands_at(at, way, words, alike) for at in range(len(words)) for way in ways)


def _stands_at(
    at: int, name: Sequence[str], words: Sequence[str], alike: Callable[[str, str], bool]
) -> bool:
    for part in name:
        one, two = "".join(words[at : at + 1]), "".join(words[at : at + 2])
        if one and alike(part, one):
            at += 1
        elif len(one) < len(two) and alike(part, two):
            at += 2
        else:
            return False
    return True


def _begins(word: str, heard: str) -> bool:
    return heard.startswith(word)


_LEAST_ALIKE: Final = 4
"""Letters; shorter words must be heard as they are."""


def _sounds_like(word: str, heard: str) -> bool:
    if heard == word:
        return True
    limit = 1 if len(word) < 2 * _LEAST_ALIKE else 2
    # One letter for another changes the letters there are by two at most; most words end here.
    if len(word) < _LEAST_ALIKE or len(set(word) ^ set(heard)) > 2 * limit:
        return False
    return distance(word, heard, limit) <= limit


def _within(slot: Slot, number: float) -> bool:
    return (slot.least is None or number >= slot.least) and (
        slot.most is None or number <= slot.most
    )


def _is_moment(kind: Kind, value: str) -> bool:
    """A date or time, or a span of either, open at one end or at both."""
    if len(value) > len("YYYY-MM-DD/YYYY-MM-DD"):
        return False
    form = r"\d{4}-\d\d-\d\d" if kind is Kind.DATE else r"\d\d:\d\d"
    parts = value.split("/")
    if len(parts) == 1 and not parts[0]:
        return False
    try:
        for part in parts:
            if part and not re.fullmatch(form, part, re.ASCII):
                return False
            if part and kind is Kind.DATE:
                date.fromisoformat(part)
            elif part:
                time.fromisoformat(part)
    except ValueError:
        return False
    two = 2
    return len(parts) <= two


def _is_reversed(span: str) -> bool:
    """True for a span whose end is before its beginning."""
    first, _, last = span.partition("/")
    return bool(first and last) and last < first  # both forms sort as what they mean


def admits(wish: str, value: str) -> bool:
    """True if a date or time is what was wished for: the same, or within the span."""
    first, slash, last = wish.partition("/")
    if not slash:
        return wish == value
    # Both forms sort as what they mean.
    return (not first or first <= value) and (not last or value <= last)


def narrowed(wish: str, excluded: Sequence[str]) -> str:
    """A span of days without those at its ends that are not wanted.

    One in its middle stays, and so does a wish of which nothing would be left.

    Args:
        wish: a date or a span of dates.
        excluded: dates and spans of dates.
    """
    first, slash, last = wish.partition("/")
    if not slash or not first:
        return wish
    begin = date.fromisoformat(first)
    end = date.fromisoformat(last) if last else date.max
    for _ in range(MOST_NARROWED):
        if begin >= end:
            break
        if any(admits(each, begin.isoformat()) for each in excluded):
            begin += timedelta(1)
        elif last and any(admits(each, end.isoformat()) for each in excluded):
            end -= timedelta(1)
        else:
            return f"{begin}/{end if last else ''}"
    alone = begin == end and not any(admits(each, begin.isoformat()) for each in excluded)
    return begin.isoformat() if alone else wish


def spoken(kind: Kind, value: str, language: str) -> str:
    """A value as it is written for the voice: at most ``MOST_SPOKEN`` characters, one line."""
    if kind not in {Kind.DATE, Kind.TIME} or not _is_moment(kind, value):
        return clean(value)
    say = _day if kind is Kind.DATE else _clock
    first, slash, last = value.partition("/")
    if value == "/":
        return _ANY[language][kind]
    if not slash:
        return say(first, language)
    if not (first and last):
        side = _FROM if first else _UNTIL
        return f"{side[language]} {say(first or last, language)}"
    return f"{say(first, language)} {_TO[language]} {say(last, language)}"


def _day(value: str, language: str) -> str:
    day = date.fromisoformat(value)
    month = _MONTHS[language][day.month - 1]
    stop = "." if language == "de" else ""
    return f"{_DAYS[language][day.weekday()]}, {day.day}{stop} {month}"


def _clock(value: str, language: str) -> str:
    hour, _, minute = value.partition(":")
    return f"{int(hour)}:{minute} Uhr" if language == "de" else f"{int(hour)}:{minute}"


def either(choices: Sequence[str], language: str) -> str:
    """Choices as they are said: "A, B oder C"."""
    *first, last = choices
    return f"{', '.join(first)} {_OR[language]} {last}" if first else last
