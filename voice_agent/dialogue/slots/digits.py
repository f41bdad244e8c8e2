"""Digits said one by one, in pairs or written: telephone and reference numbers as callers say them.

"Null eins sieben zwo", "doppel-sieben", "dreimal die null", "einundzwanzig dreizehn", "double
seven", "oh one". What is said is joined as it would be written; nobody adds it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.slots.correction import correction
from voice_agent.dialogue.slots.numerals import numeral
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import Token, tokens
from voice_agent.dialogue.words import FILLERS

SLOT: Final = "digits"

LONGEST: Final = 40
"""Digits of one dictation; an IBAN has fewer."""

_BETWEEN: Final = {
    "de": frozenset(
        "also dann und die der das den noch ja so danach vorwahl nummer strich pause oh".split()
    ),
    "en": frozenset("and then the well so okay dash pause area code number".split()),
}
"""Words among digits that are none."""

_OH: Final = frozenset({"o", "oh", "nought", "naught", "nil"})
_TIMES: Final = {
    "de": {"doppel": 2, "doppelte": 2, "dreifach": 3, "dreifache": 3, "zweimal": 2, "dreimal": 3,
           "viermal": 4, "funfmal": 5, "sechsmal": 6},
    "en": {"double": 2, "triple": 3, "treble": 3, "quadruple": 4, "twice": 2},
}  # fmt: skip
_ENGLISH_TENS: Final = frozenset("twenty thirty forty fifty sixty seventy eighty ninety".split())
_MOST_TIMES: Final = 9


@dataclass(frozen=True, slots=True)
class Dictation:
    """Digits that were dictated in one go.

    Attributes:
        groups: as they were said together.
        start: index of the first token.
        end: index of the first token after it.
        plus: a plus sign stood before it.
        corrected: the caller corrected something, and it may have been another part.
    """

    groups: tuple[str, ...] = field(repr=False)
    start: int
    end: int
    plus: bool = False
    corrected: bool = False

    @property
    def figures(self) -> str:
        """All digits."""
        return "".join(self.groups)


def read_digits(text: str, setting: Setting) -> tuple[Reading, ...]:
    """The dictations in the words, the longest first."""
    given = tokens(text)
    found = [
        Reading(SLOT, said.figures, *place(given, said.start, said.end), _confidence(said))
        for said in dictations(given, setting.language)
    ]
    return tuple(sorted(found, key=lambda reading: -len(reading.value)))


def place(given: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """Where tokens begin and end in the text, characters."""
    return given[start].start, given[end - 1].end


def _confidence(said: Dictation) -> float:
    if said.corrected:
        return 0.7
    return 0.95 if len(said.figures) > 1 else 0.85


def dictations(given: Sequence[Token], language: str) -> list[Dictation]:
    """Every dictation of digits, in order."""
    found: list[Dictation] = []
    at = 0
    while at < len(given):
        said = dictation(given, at, language)
        if said is not None:
            found.append(said)
        at = at + 1 if said is None else said.end
    return found


def dictation(given: Sequence[Token], at: int, language: str) -> Dictation | None:
    """The dictation that begins at a token, as long as digits follow."""
    plus = given[at].word in {"+", "plus"}
    start, at = at, at + plus
    first = digits_at(given, at, language) if at < len(given) else None
    if first is None or (given[at].word in _uncertain(language) and not _oh_one(given, at)):
        return None
    groups, here = [first[0]], first[1]
    end, corrected = here, False
    before: list[str] | None = None
    afresh = False
    while here < len(given) and sum(map(len, groups)) < LONGEST:
        more = digits_at(given, here, language)
        if more is not None:
            groups.append(more[0])
            end = here = more[1]
            continue
        said = correction(given, here, language)
        if said is not None and said.pause:
            here = said.end
        elif said is not None:
            groups = groups if before is None else amended(before, groups, afresh=afresh)
            before, groups, afresh = groups, [], said.afresh
            here = said.end
        elif between(given[here], language):
            here += 1
        else:
            break
    if before is not None:
        corrected = bool(groups)
        groups = amended(before, groups, afresh=afresh)
    return Dictation(tuple(groups), start, end, plus, corrected)


def _oh_one(given: Sequence[Token], at: int) -> bool:
    """True if an "oh" is said where a number begins and not a sigh."""
    if given[at].word not in _OH or at + 1 >= len(given):
        return False
    return digits_at(given, at + 1, "en") is not None


def between(token: Token, language: str) -> bool:
    """True for what may stand among digits and means nothing: a hyphen, a comma, "äh"."""
    if token.kind == "sign":
        return token.text not in "+@?!"
    return token.is_word and (token.word in FILLERS or token.word in _BETWEEN[language])


def amended(before: list[str], after: list[str], *, afresh: bool = False) -> list[str]:
    """What was said, with what was said to correct it.

    As much as was said before, or more, is all of it once more; less stands for the last part.
    """
    old, new = "".join(before), "".join(after)
    if not new:
        return before
    if afresh or len(new) >= len(old) or (len(new) > len(old) // 2 and new[:2] == old[:2]):
        return after
    if len(new) > 1 and new[0] == old[-len(new)]:  # "5 5, nein, 5 6"
        return [old[: -len(new)], *after]
    if len(before[-1]) == len(after[0]):
        return before[:-1] + after
    return [old[: -len(after[0])], *after]


def _uncertain(language: str) -> frozenset[str]:
    """Words that are a digit among digits only."""
    return _OH if language == "en" else frozenset({"ein", "eine", "einen", "einem", "einer"})


def digits_at(given: Sequence[Token], at: int, language: str) -> tuple[str, int] | None:
    """The digits said together at a token, and the index after them; ``None`` if there are none."""
    times, here = _times(given, at, language)
    if here >= len(given):
        return None
    token = given[here]
    if times == 1 and language == "de" and token.word.startswith("doppel"):  # doppelsieben
        letters = len("doppel")
        rest = Token(token.text[letters:], token.word[letters:], token.start, token.end, token.kind)
        count = numeral([rest], 0, language) if rest.word else None
        return None if count is None else (count.figures * 2, here + 1)
    if language == "en" and token.word in _OH:
        return "0" * times, here + 1
    count = numeral(given, here, language)
    if count is None or count.ordinal or len(count.figures) > LONGEST:
        return None
    if times > 1 and len(count.figures) * times > LONGEST:
        return None
    return count.figures * times, count.end


def _times(given: Sequence[Token], at: int, language: str) -> tuple[int, int]:
    """How often the digit is said that follows, and where it begins."""
    word = given[at].word
    after = given[at + 1].word if at + 1 < len(given) else ""
    times, here = _TIMES[language].get(word, 1), at + 1
    if times == 1:
        many = numeral(given[at : at + 1], 0, language) if after in {"mal", "times"} else None
        if many is None or not 1 < many.value <= _MOST_TIMES:
            return 1, at
        times, here = many.value, at + 2
    while here < len(given) and (given[here].word in {"die", "the", "-"}):
        here += 1
    return times, here


def tens_apart(given: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens with a pause after each English ten, so that "twenty seven" becomes 20 and 7."""
    apart: list[Token] = []
    for token in given:
        apart.append(token)
        if token.word in _ENGLISH_TENS:
            apart.append(Token(",", ",", token.end, token.end, "sign"))
    return tuple(apart)
