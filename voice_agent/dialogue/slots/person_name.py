"""Names of callers: "mein Name ist ...", "this is ... from ...", spelt or corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from voice_agent.dialogue.slots.answer import Answer, read_answer
from voice_agent.dialogue.slots.correction import corrections
from voice_agent.dialogue.slots.introductions import Name, bare, introduced, said_apart
from voice_agent.dialogue.slots.name_words import SPELLS
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.spelling import Spelling, capitalised, changed, spellings
from voice_agent.dialogue.slots.tokens import Token, tokens
from voice_agent.dialogue.words import distance, fold

SLOT: Final = "name"

_SPELT: Final = 0.95
_CORRECTED: Final = 0.75

_PLAIN: Final = 0.95
"""Confidence of an answer that is a yes or no and nothing else, however it is written."""

_FEWEST: Final = 3
"""Letters of a spelling that is taken for a name or a part of one."""

_FAR: Final = 4
"""Letters in which a word and its spelling may differ."""


def read_names(text: str, setting: Setting, *, asked: bool = True) -> tuple[Reading, ...]:
    """The caller's name, if the words hold one; a spelt form wins over the recogniser's.

    Args:
        text: the words.
        setting: what else is known.
        asked: the name was asked for, so that one without any introduction counts.
    """
    given = tokens(text)
    language = setting.language
    answer = read_answer(text, setting) if asked else ()
    asked = asked and not any(r.value == Answer.UNCLEAR or r.confidence >= _PLAIN for r in answer)
    name = _said(given, language, asked=asked)
    begin = 0 if name is None else name.start + 1
    if name is not None:
        name = _changed(given, name, language)
    spelt = [
        said
        for said in spellings(given, language)
        if said.start >= begin and len(said.letters) >= _FEWEST and said.items >= _FEWEST
    ]
    if name is None:
        told = asked or any(token.word in SPELLS for token in given)
        spelt = [said for said in spelt if asked or said.is_sure]
        if not (told and spelt):
            return ()
        best = max(spelt, key=lambda said: len(said.letters))
        return (_reading(given, (capitalised(best.letters),), best.start, best.end, _SPELT),)
    words, end, confidence = name.words, name.end, name.confidence
    for said in spelt:
        words, end, confidence = _respelt(words, said), max(end, said.end), _SPELT
    return (_reading(given, words, name.start, end, confidence),)


def _reading(
    given: Sequence[Token], words: Sequence[str], start: int, end: int, confidence: float
) -> Reading:
    return Reading(SLOT, " ".join(words), given[start].start, given[end - 1].end, confidence)


def _said(given: Sequence[Token], language: str, *, asked: bool) -> Name | None:
    """The name as it was said last: who corrects himself need not introduce himself again."""
    breaks = corrections(given, language)
    first = introduced(given, language, asked=asked) or (bare(given, language) if asked else None)
    if first is None:
        return None
    for said in reversed(breaks):
        if said.start < first.end or said.end >= len(given):
            continue
        again = introduced(given, language, said.end) or bare(given, language, said.end)
        if again is not None:
            words = again.words
            if len(words) == 1 and len(first.words) > 1:
                words = _replaced(first.words, words[0])
            return Name(words, first.start, again.end, _CORRECTED)
    return said_apart(given, first, language)


def _changed(given: Sequence[Token], name: Name, language: str) -> Name:
    """The name after "mit d t" or "with a k"."""
    here = name.end
    while here < len(given) and given[here].text in ",.":
        here += 1
    change = changed(given, here, name.words[-1], language) if here < len(given) else None
    if change is None:
        return name
    return replace(name, words=(*name.words[:-1], change[0]), end=change[1], confidence=0.9)


def _respelt(words: tuple[str, ...], said: Spelling) -> tuple[str, ...]:
    """The name with the word that was spelt as it was spelt."""
    parts = [part for part in words if not part.endswith(".")]
    letters = said.letters
    if len(parts) > 1 and len(letters) >= len(parts[0]) + len(parts[-1]) - 1:
        cut = len(parts[0])  # first and last name in one go
        if _apart(parts[0], letters[:cut]) <= 1:
            first, last = capitalised(letters[:cut]), capitalised(letters[cut:])
            return tuple(
                first if word == parts[0] else last if word == parts[-1] else word for word in words
            )
    return _replaced(words, capitalised(letters))


def _replaced(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    """The words with the one it is most like replaced; the last, if it is like none."""
    likest = min(range(len(words)), key=lambda i: (_apart(words[i], word), -i))
    at = likest if _apart(words[likest], word) <= _FAR else len(words) - 1
    return (*words[:at], word, *words[at + 1 :])


def _apart(a: str, b: str) -> int:
    return distance(fold(a), fold(b), _FAR)
