"""Words that callers spell: "M A R T A", "em a er te a", "B wie Berta", "Meier mit e i"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.slots.correction import correction
from voice_agent.dialogue.slots.digits import place
from voice_agent.dialogue.slots.letters import LIGATURES, Certainty, Spelt, spelt_at
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.respelling import respelt, without
from voice_agent.dialogue.slots.tokens import Token, joined, tokens
from voice_agent.dialogue.words import FILLERS

SLOT: Final = "spelling"

LONGEST: Final = 60
"""Letters of one spelling."""

_FEWEST: Final = 3
"""Letters in a row that are surely spelt, where nobody asked for it."""

_WITH: Final = {"de": frozenset({"mit"}), "en": frozenset({"with"})}
_WITHOUT: Final = {"de": frozenset({"ohne"}), "en": frozenset({"without"})}
_ONE: Final = {"de": frozenset({"einem", "nem"}), "en": frozenset({"a", "an", "one"})}
_NOT: Final = {"de": frozenset({"nicht"}), "en": frozenset({"not"})}
_BUT: Final = {"de": frozenset({"sondern"}), "en": frozenset({"but"})}
_BETWEEN: Final = {
    "de": frozenset("dann und also danach weiter noch".split()),
    "en": frozenset("then and next".split()),
}
_SEPARATORS: Final = frozenset("-,.;:/–")


@dataclass(frozen=True, slots=True)
class Spelling:
    """Letters that were spelt in one go.

    Attributes:
        letters: in lower case.
        start: index of the first token.
        end: index of the first token after it.
        count: how many letters were said, each surely one.
        items: how many were said at all.
        corrected: the caller corrected one.
    """

    letters: str = field(repr=False)
    start: int
    end: int
    count: int
    items: int
    corrected: bool = False

    @property
    def is_sure(self) -> bool:
        """True if this can hardly be anything but letters."""
        return self.count >= _FEWEST or (self.count > 1 and self.count == self.items)


def read_spelling(text: str, setting: Setting) -> tuple[Reading, ...]:
    """What was spelt, the longest first; a word with "mit ..." after it counts as spelt."""
    given = tokens(text)
    language = setting.language
    respelt_words = _respelt_words(given, language)
    if respelt_words:
        return tuple(respelt_words)
    found = [
        Reading(
            SLOT,
            capitalised(said.letters),
            *place(given, said.start, said.end),
            0.7 if said.corrected else 0.95 if said.is_sure else 0.8,
        )
        for said in spellings(given, language)
        if said.items > 1 or (said.count and _is_all(said, given))
    ]
    if not any(len(reading.value) > 1 for reading in found):
        found += _capitals(given)
    return tuple(sorted(found, key=lambda reading: -len(reading.value)))


def _is_all(said: Spelling, given: Sequence[Token]) -> bool:
    """True if nothing but fillers stands around it."""
    around = (*given[: said.start], *given[said.end :])
    return all(not token.is_word or token.word in FILLERS for token in around)


def capitalised(letters: str) -> str:
    """Spelt letters as a name is written; each part of a double name begins with a capital."""
    parts = [part for part in letters.strip(" -").split("-") if part]
    return "-".join(
        " ".join(word[:1].upper() + word[1:] for word in part.split(" ")) for part in parts
    )


def spellings(given: Sequence[Token], language: str) -> list[Spelling]:
    """Everything that may be spelt, in order."""
    found: list[Spelling] = []
    at = 0
    while at < len(given):
        said = spelling(given, at, language)
        if said is not None:
            found.append(said)
        at = at + 1 if said is None else said.end
    return found


def spelling(given: Sequence[Token], at: int, language: str) -> Spelling | None:
    """The spelling that begins at a token, as long as letters follow, or ``None``."""
    first = spelt_at(given, at, language)
    if first is None:
        return None
    letters, here, end = first.letters, first.end, first.end
    count, items = _count(first.letters, first.certainty), 1
    corrected = False
    while here < len(given) and len(letters) < LONGEST:
        change = _change(given, here, letters, language)
        if change is not None:
            letters, here = change
            end, corrected = here, True
            continue
        more = spelt_at(given, here, language)
        if more is not None:
            if len(more.letters) > 1 and letters.endswith(more.letters[:-1]):
                letters = letters.removesuffix(more.letters[:-1])  # S C H wie Schule
            letters += more.letters
            count += _count(more.letters, more.certainty)
            items += 1
            end = here = more.end
        elif _between(given[here], language):
            here += 1
        else:
            break
    return Spelling(letters, at, end, count, items, corrected)


def _count(letters: str, certainty: Certainty) -> int:
    return len(letters) if certainty is Certainty.LETTER else 0


def _between(token: Token, language: str) -> bool:
    return token.text in _SEPARATORS or token.word in FILLERS or token.word in _BETWEEN[language]


def _change(given: Sequence[Token], at: int, letters: str, language: str) -> tuple[str, int] | None:
    """What a correction at a token makes of the letters so far, and the index after it."""
    said = correction(given, at, language)
    if said is None:
        return _instead(given, at, letters, language) or changed(given, at, letters, language)
    here = said.end
    if here >= len(given):
        return None
    change = _instead(given, here, letters, language) or changed(given, here, letters, language)
    if change is not None:
        return change
    first = spelt_at(given, here, language)
    if first is None:
        return None
    again, end = _plain(given, here, language)
    if said.afresh or len(again) >= max(len(letters), _FEWEST):
        return again, end
    return letters[: -len(first.letters)] + first.letters, first.end


def _plain(given: Sequence[Token], at: int, language: str) -> tuple[str, int]:
    """The letters from a token up to whatever is none, and the index after them."""
    letters, here, end = "", at, at
    while here < len(given) and len(letters) < LONGEST:
        more = spelt_at(given, here, language)
        if more is not None:
            letters += more.letters
            end = here = more.end
        elif _between(given[here], language):
            here += 1
        else:
            break
    return letters, end


def _instead(
    given: Sequence[Token], at: int, letters: str, language: str
) -> tuple[str, int] | None:
    """After "nicht t, sondern d" the letters so far with the last t as a d."""
    if given[at].word not in _NOT[language]:
        return None
    wrong = spelt_at(given, at + 1, language) if at + 1 < len(given) else None
    here = _skip(given, wrong.end, _BUT[language]) if wrong is not None else at
    right = spelt_at(given, here, language) if wrong is not None and here < len(given) else None
    if wrong is None or right is None or wrong.letters not in letters:
        return None
    cut = letters.rfind(wrong.letters)
    return letters[:cut] + right.letters + letters[cut + len(wrong.letters) :], right.end


def _skip(given: Sequence[Token], at: int, words: frozenset[str]) -> int:
    while at < len(given) and (given[at].text in _SEPARATORS or given[at].word in words):
        at += 1
    return at


def changed(given: Sequence[Token], at: int, name: str, language: str) -> tuple[str, int] | None:
    """What "mit th" or "ohne h" at a token makes of a name, and the index after it."""
    word = given[at].word
    if word not in _WITH[language] and word not in _WITHOUT[language]:
        return None
    here = at + 1
    single = False
    if here + 1 < len(given) and given[here].word in _ONE[language]:
        # "With a k", "mit einem f".
        single = _letters_at(given, here + 1, language) is not None
        here += single
    first = _letters_at(given, here, language) if here < len(given) else None
    if first is None:
        return None
    letters, end = first.letters, first.end
    while end < len(given) and len(letters) <= _FEWEST:
        following = _letters_at(given, end + (given[end].text == "-"), language)
        if following is None:
            break
        letters, end = letters + following.letters, following.end
    if single and len(letters) == 1 and letters * 2 in name.lower():
        return without(name, letters) or name, end
    result = without(name, letters) if word in _WITHOUT[language] else respelt(name, letters)
    return None if result is None else (result, end)


def _letters_at(given: Sequence[Token], at: int, language: str) -> Spelt | None:
    """Letters after "with", where a group of them may be written as a word: "mit th"."""
    if at >= len(given):
        return None
    if given[at].word in LIGATURES:
        return Spelt(given[at].word, at + 1, Certainty.LETTER)
    return spelt_at(given, at, language)


def _respelt_words(given: Sequence[Token], language: str) -> list[Reading]:
    """The words before "mit d t", as they are spelt then."""
    found: list[Reading] = []
    for at in range(1, len(given)):
        before = given[at - 1] if given[at - 1].is_word else given[max(0, at - 2)]
        is_name = before.is_word and len(before.text) >= _FEWEST
        if not is_name or correction([before], 0, language) is not None:
            continue
        change = changed(given, at, before.text, language)
        if change is not None:
            start, end = before.start, given[change[1] - 1].end
            found.append(Reading(SLOT, capitalised(change[0]), start, end, 0.85))
    return found


def _capitals(given: Sequence[Token]) -> list[Reading]:
    """Words in capitals throughout: a recogniser writes what is spelt without pauses so."""
    found: list[Reading] = []
    for at, token in enumerate(given):
        alone = not (at and joined(given[at - 1], token))
        if token.is_word and token.text.isupper() and len(token.text) >= _FEWEST and alone:
            value = capitalised(token.text.lower())
            found.append(Reading(SLOT, value, token.start, token.end, 0.8))
    return found
