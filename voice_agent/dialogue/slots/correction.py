"""Where callers correct themselves: "null eins, nein, null zwei"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voice_agent.dialogue.slots.tokens import Token, phrase_tables
from voice_agent.dialogue.words import FILLERS

_WORDS: Final = {
    "de": frozenset(
        "nein nee ne quatsch halt moment falsch entschuldigung sorry pardon verzeihung korrektur"
        " vielmehr sondern blodsinn stopp ups".split()
    ),
    "en": frozenset("no nope sorry wait correction actually rather oops pardon".split()),
}
_PAUSES: Final = frozenset("moment halt wait stopp".split())
_PHRASES: Final = phrase_tables(
    de="ich meine, ich meinte, meine ich, besser gesagt, doch nicht, stimmt nicht",
    en="i mean, i meant, scratch that, make that, excuse me, my mistake",
)
_AGAIN: Final = phrase_tables(
    de="von vorn, von vorne, ich wiederhole, noch mal, nochmal, noch einmal",
    en="start over, start again, from the beginning, i repeat, once more, again",
)
_AROUND: Final = {
    "de": frozenset("das ist war ich also ja doch stimmt es mich".split()),
    "en": frozenset("that's that is was it's let me well i".split()),
}
"""Words that may stand among those of a correction: "nein, das war falsch"."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One of them.

    Attributes:
        start: index of its first token.
        end: index of the first token after it.
        afresh: everything is said again, not the last part alone.
        pause: nothing but "one moment", after which the caller may as well go on.
    """

    start: int
    end: int
    afresh: bool = False
    pause: bool = False


def correction(given: Sequence[Token], at: int, language: str) -> Correction | None:
    """The correction that begins at a token, with everything that belongs to it, or ``None``."""
    length, afresh = _marker(given, at, language)
    if not length:
        return None
    end = at + length
    here = end
    pause = given[at].word in _PAUSES
    while here < len(given):
        more, again = _marker(given, here, language)
        token = given[here]
        if more:
            here += more
            end, afresh = here, afresh or again
            pause = pause and token.word in _PAUSES
        elif (
            (not token.is_word and not token.is_figures)
            or token.word in _AROUND[language]
            or token.word in FILLERS
        ):
            here += 1
        else:
            break
    while end < len(given) and given[end].kind == "sign":
        end += 1
    return Correction(at, end, afresh, pause)


def corrections(given: Sequence[Token], language: str) -> list[Correction]:
    """All of them, in order."""
    found: list[Correction] = []
    at = 0
    while at < len(given):
        here = correction(given, at, language)
        if here is not None:
            found.append(here)
        at = at + 1 if here is None else here.end
    return found


def _marker(given: Sequence[Token], at: int, language: str) -> tuple[int, bool]:
    """How many tokens the words of a correction take here, and whether all is said again."""
    for tables, afresh in ((_AGAIN, True), (_PHRASES, False)):
        end = tables[language].end(given, at)
        if end is not None:
            return end - at, afresh
    return (1, False) if given[at].word in _WORDS[language] else (0, False)
