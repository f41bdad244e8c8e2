"""One of several options: by name, by number, by place ("den zweiten", "the last")."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from voice_agent.dialogue.slots.correction import corrections
from voice_agent.dialogue.slots.numerals import numeral
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import Token, tokens
from voice_agent.dialogue.words import distance, split

SLOT: Final = "choice"

MOST_OPTIONS: Final = 20
"""More cannot be offered by voice, and bound the time."""

_ORDINAL: Final = 0.9
_NUMBER: Final = 0.8
_ANY: Final = 0.6
_ENOUGH: Final = 0.5
"""Share of an option's words that must be heard."""

_MISSPELT: Final = 0.8

_SHORT: Final = 4
"""Words shorter than this must be heard as they are."""

_LAST: Final = {
    "de": frozenset("letzte letzten letzter letztes letztere letzteren letzteres".split()),
    "en": frozenset({"last", "latter"}),
}
_FORMER: Final = {
    "de": frozenset("erstere ersteren ersteres vordere vorderen".split()),
    "en": frozenset({"former"}),
}
_MIDDLE: Final = {
    "de": frozenset("mittlere mittleren mittlerer mittleres".split()),
    "en": frozenset({"middle"}),
}
_WHICHEVER: Final = {
    "de": frozenset(
        "egal irgendeinen irgendeine irgendein irgendeiner gleich wurscht wurst".split()
    ),
    "en": frozenset("whichever whatever any either anything anyone".split()),
}
_NUMBERED: Final = {
    "de": frozenset("nummer option moglichkeit variante punkt".split()),
    "en": frozenset("number option choice no".split()),
}
_NOT: Final = {"de": frozenset({"nicht"}), "en": frozenset({"not"})}


def read_choice(text: str, setting: Setting, options: Sequence[str]) -> tuple[Reading, ...]:
    """The options the words choose, the likeliest first; the value is the option as it was given.

    Args:
        text: the words.
        setting: what else is known.
        options: what was offered, in the order of the offer; the first ``MOST_OPTIONS`` count.
    """
    options = options[:MOST_OPTIONS]
    given = tokens(text)
    if not given or not options:
        return ()
    for said in reversed(corrections(given, setting.language)):
        if found := _chosen(given[said.end :], options, setting.language):
            return found
    return _chosen(given, options, setting.language)


def _chosen(given: Sequence[Token], options: Sequence[str], language: str) -> tuple[Reading, ...]:
    if not given:
        return ()
    given = _wanted(given, language) or given
    scores = dict.fromkeys(range(len(options)), 0.0)
    for place, sure in _by_name(given, options, language):
        scores[place] = max(scores[place], sure)
    named = max(scores.values()) > 0
    for place, sure in _by_place(given, len(options), language, named=named):
        scores[place] = max(scores[place], sure)
    whichever = any(token.word in _WHICHEVER[language] for token in given)
    if not any(scores.values()) and whichever:
        scores[0] = _ANY
    start, end = given[0].start, given[-1].end
    best = sorted((place for place in scores if scores[place]), key=lambda p: (-scores[p], p))
    if not best:
        return ()
    # As likely as the best one: which of them has to be asked.
    others = tuple(options[p] for p in best[1:] if scores[p] == scores[best[0]])
    sure = scores[best[0]] * (_ENOUGH if others else 1)
    return (Reading(SLOT, options[best[0]], start, end, round(sure, 2), others),)


def _wanted(given: Sequence[Token], language: str) -> Sequence[Token]:
    """The tokens without what is not wanted: "not red, blue please"."""
    kept: list[Token] = []
    denied = False
    for token in given:
        denied = denied or token.word in _NOT[language]
        denied = denied and token.kind != "sign"
        kept += [] if denied else [token]
    return kept if any(token.kind != "sign" for token in kept) else ()


def _by_place(
    given: Sequence[Token], count: int, language: str, *, named: bool
) -> list[tuple[int, float]]:
    """Options chosen by where they stood in the offer."""
    found: list[tuple[int, float]] = []
    at = 0
    while at < len(given):
        token = given[at]
        place: int | None = None
        sure = _ORDINAL
        end = at + 1
        if token.word in _LAST[language]:
            place = count - 1
        elif token.word in _FORMER[language]:
            place = 0
        elif token.word in _MIDDLE[language] and count % 2:
            place = count // 2
        else:
            number = numeral(given, at, language)
            if number is not None:
                announced = at > 0 and given[at - 1].word in _NUMBERED[language]
                alone = len(given) <= 2 and not named  # noqa: PLR2004 ("zwei", "zwei bitte")
                if number.ordinal or announced or (alone and not number.article):
                    place = number.value - 1
                    sure = _ORDINAL if number.ordinal or announced else _NUMBER
                end = number.end
        denied = any(before.word in _NOT[language] for before in given[max(0, at - 2) : at])
        if place is not None and 0 <= place < count and not denied:
            found.append((place, sure))
        at = end
    return found


def _by_name(
    given: Sequence[Token], options: Sequence[str], language: str
) -> list[tuple[int, float]]:
    """Options of which enough was said; what is in all of them tells nothing."""
    heard = _words(given, language)
    parts = [_words(tokens(option), language) for option in options]
    shared = set.intersection(*map(set, parts)) if len(parts) > 1 else set[str]()
    found: list[tuple[int, float]] = []
    for place, words in enumerate(parts):
        telling = [word for word in words if word not in shared]
        if not telling:
            continue
        share = sum(_heard(word, heard) for word in telling) / len(telling)
        if share >= _ENOUGH or (share and _only(place, parts, heard)):
            found.append((place, round(0.6 + 0.35 * share, 2)))
    return found


def _only(place: int, parts: Sequence[Sequence[str]], heard: Sequence[str]) -> bool:
    """True if no other option has any of what was heard."""
    return not any(
        _heard(word, heard) for other, words in enumerate(parts) for word in words if other != place
    )


_UNTELLING: Final = frozenset(
    """
    der die das den dem des ein eine einen einem um am im in mit und oder uhr bitte gerne gern ich
    nehme mochte lieber dann fur von zu the a an at on for of and or o'clock please i i'd like take
    to it one that with ja yes also so nur
    """.split()
)


def _words(given: Sequence[Token], language: str) -> list[str]:
    """Folded words that tell something, numbers in figures."""
    found: list[str] = []
    at = 0
    while at < len(given):
        number = numeral(given, at, language)
        if number is not None and not number.article and not number.ordinal:
            found.append(str(number.value))
            at = number.end
            continue
        found += [word for word in split(given[at].text) if word not in _UNTELLING]
        at += 1
    return [word for word in found if word != "0"]


def _heard(word: str, heard: Sequence[str]) -> float:
    """How surely a word was heard, 0 to 1: as it is, in two words, or misspelt."""
    if word in heard or any(before + after == word for before, after in pairwise(heard)):
        return 1.0
    if len(word) < _SHORT or word.isdigit():
        return 0.0
    limit = 1 if len(word) < 2 * _SHORT else 2
    alike = any(
        len(other) >= _SHORT and (word.startswith(other) or distance(word, other, limit) <= limit)
        for other in heard
    )
    joined = any(distance(word, a + b, limit) <= limit for a, b in pairwise(heard))
    return _MISSPELT if alike or joined else 0.0
