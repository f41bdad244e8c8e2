"""How callers introduce themselves, and the name that begins at a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from voice_agent.dialogue.slots.correction import correction
from voice_agent.dialogue.slots.name_words import (
    ADVERBS,
    AFTER,
    COMPANY,
    FIRST_NAME,
    FOLLOWING,
    HONORIFICS,
    PARTICLES,
    POLITE,
    STOP,
    STRONG,
    SURNAME,
    TITLES,
    WEAK,
    WEAKER,
)
from voice_agent.dialogue.slots.spelling import capitalised, spelling
from voice_agent.dialogue.slots.tokens import Token, joined
from voice_agent.dialogue.words import FILLERS

MAX_WORDS: Final = 6
"""Of a name, titles and particles included."""

_SPELT_AFTER: Final = 3
_SPELT_AT_ONCE: Final = 4
"""So many letters or words for letters are no name: after one; where one may begin."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it was said.

    Attributes:
        words: its words as they are written; a double name is one.
        start: index of the first token.
        end: index of the first token after it.
        confidence: how surely it is one, 0 to 1.
    """

    words: tuple[str, ...] = field(repr=False)
    start: int
    end: int
    confidence: float


def introduced(
    given: Sequence[Token], language: str, begin: int = 0, *, asked: bool = True
) -> Name | None:
    """The name somebody introduces himself with, or ``None``.

    Args:
        given: the tokens.
        language: ``de`` or ``en``.
        begin: index of the first that counts.
        asked: a name was asked for.
    """
    for phrases, confidence in ((STRONG, 0.9), (WEAK, 0.75), (WEAKER, 0.75)):
        for at in range(begin, len(given)):
            end = phrases[language].end(given, at)
            if end is None:
                continue
            name = name_at(given, end, language, strict=phrases is not STRONG)
            if name is not None and (asked or phrases is not WEAKER or len(name.words) > 1):
                return Name(name.words, name.start, name.end, confidence)
    for at in range(begin + 1, len(given)):
        if AFTER[language].end(given, at) is not None:
            start = _clause(given, at, begin)
            name = name_at(given, start, language)
            if name is not None and all(not t.is_word for t in given[name.end : at]):
                return Name(name.words, name.start, name.end, 0.85)
    return None


def _clause(given: Sequence[Token], at: int, begin: int) -> int:
    here = at
    while here > begin and at - here < MAX_WORDS and given[here - 1].text not in ",!?;:":
        here -= 1
    return here


def said_apart(given: Sequence[Token], name: Name, language: str) -> Name:
    """The name with the first or last one that is said by itself after it."""
    for phrases, is_last in ((SURNAME, True), (FIRST_NAME, False)):
        for at in range(name.end, len(given)):
            end = phrases[language].end(given, at)
            other = None if end is None else name_at(given, end, language)
            if other is not None and other.words[-1] not in name.words:
                words = (*name.words, *other.words) if is_last else (*other.words, *name.words)
                return replace(name, words=words, end=other.end)
    return name


def bare(given: Sequence[Token], language: str, begin: int = 0) -> Name | None:
    """The name that is said without any introduction, where one was asked for.

    Nothing but politeness may stand before it, and nothing after it that makes it a sentence.
    """
    for here in range(begin, len(given)):
        name = name_at(given, here, language)
        if name is not None and _ends(given, name.end, language):
            return replace(_in_full(given, name, language), confidence=0.8)
        if name is not None:
            return None
        if given[here].is_word and given[here].word not in POLITE | FILLERS | HONORIFICS:
            return None
    return None


def _in_full(given: Sequence[Token], name: Name, language: str) -> Name:
    """The name, or the longer one that follows and has it in it: "Winter, Karl Winter"."""
    after = name_at(given, name.end, language) if name.end < len(given) else None
    longer = after is not None and len(after.words) > len(name.words)
    return after if after is not None and longer and name.words[-1] in after.words else name


def name_at(given: Sequence[Token], at: int, language: str, *, strict: bool = False) -> Name | None:
    """The name that begins at a token, or ``None``.

    Args:
        given: the tokens.
        at: index of the first.
        language: ``de`` or ``en``.
        strict: it must be written as a name and nothing may follow that makes it a sentence.
    """
    here = _skip(given, at)
    words: list[str] = []
    start = named = here  # named: after the last word that is a name
    titles = 0
    while here < len(given) and len(words) < MAX_WORDS:
        token = given[here]
        title = TITLES.get(token.word)
        if title is not None:
            words.append(title)
            titles += 1
            here += 1 + (here + 1 < len(given) and given[here + 1].text == ".")
        elif _is_particle(given, here) and _leads_on(given, here, language, strict=strict):
            words.append(token.text.lower() if words else token.text)
            here += 1
        elif _is_name(given, here, language, strict=strict) and not _spells(
            given, here, language, first=not words
        ):
            word, here = _compound(given, here)
            words.append(word)
            named = here
        elif words and _hesitates(given, here, language, strict=strict):
            here += 1
        else:
            break
    if named == start or len(words) == titles:
        return None
    if strict and not _ends(given, named, language):
        return None
    return Name(tuple(words), start, named, 0.8)


def _hesitates(given: Sequence[Token], at: int, language: str, *, strict: bool) -> bool:
    """True at the pauses of "Yvonne, äh, Krämer", which a name goes on after."""
    here = at
    while here < len(given) and (given[here].word in FILLERS or given[here].text == ","):
        here += 1
    filler = any(token.word in FILLERS for token in given[max(at - 1, 0) : here])
    capital = here < len(given) and given[here].text[0].isupper()
    return filler and here > at and capital and _is_name(given, here, language, strict=strict)


def _skip(given: Sequence[Token], at: int) -> int:
    while at < len(given) and (
        given[at].word in HONORIFICS
        or given[at].word in ADVERBS
        or given[at].word in FILLERS
        or given[at].text in ".,:-"
    ):
        at += 1
    return at


def _is_particle(given: Sequence[Token], at: int) -> bool:
    return given[at].word in PARTICLES


def _leads_on(given: Sequence[Token], at: int, language: str, *, strict: bool) -> bool:
    """True if a name follows a particle: "von der Heide", but not "von der Firma"."""
    here = at
    while (
        here < len(given)
        and here - at < _SPELT_AFTER
        and (given[here].word in PARTICLES or given[here].word == "und")
    ):
        here += 1
    if here >= len(given) or given[here].word in COMPANY:
        return False
    return given[here].text[0].isupper() and _is_name(given, here, language, strict=strict)


def _is_name(given: Sequence[Token], at: int, language: str, *, strict: bool) -> bool:
    token = given[at]
    if not token.is_word or token.word in FILLERS:
        return False
    if correction([token], 0, language) is not None:
        return False
    capital = token.text[0].isupper()
    initial = len(token.text) == 1
    if initial:
        dotted = at + 1 < len(given) and given[at + 1].text == "."
        return capital and dotted and not strict and _is_whole_word(given, at + 2)
    if token.word in STOP[language]:
        return False
    return capital or not strict


def _is_whole_word(given: Sequence[Token], at: int) -> bool:
    return at < len(given) and given[at].is_word and len(given[at].text) > 1


def _spells(given: Sequence[Token], at: int, language: str, *, first: bool) -> bool:
    """True if letters begin at a token, not a name: "Martha Emil Ida Emil Richard"."""
    said = spelling(given, at, language)
    needed = _SPELT_AT_ONCE if first else _SPELT_AFTER
    return said is not None and (said.items >= needed or said.is_sure)


def _compound(given: Sequence[Token], at: int) -> tuple[str, int]:
    """A word with what is joined to it: "Meier-Schulze", "J."."""
    word, here = _written(given[at]), at + 1
    if len(word) == 1:
        return f"{word}.", here + 1
    while here + 1 < len(given) and given[here + 1].is_word and len(given[here + 1].text) > 1:
        stroke = given[here].text == "-" and joined(given[here], given[here + 1])
        if not stroke and given[here].word not in {"bindestrich", "hyphen"}:
            break
        word, here = f"{word}-{_written(given[here + 1])}", here + 2
    return word, here


def _written(token: Token) -> str:
    if token.text.isupper() or token.text.islower():
        return capitalised(token.text.lower())
    return token.text


def _ends(given: Sequence[Token], at: int, language: str) -> bool:
    """True if nothing follows a name that makes a sentence of it."""
    if at >= len(given) or not given[at].is_word:
        return True
    return given[at].word in FOLLOWING[language]
