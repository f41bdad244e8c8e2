"""References of letters and digits: customer and order numbers ("A wie Anton 4711" is "A4711")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.slots.correction import correction
from voice_agent.dialogue.slots.digits import amended, between, digits_at, place
from voice_agent.dialogue.slots.letters import Certainty, spelt_at
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import Token, tokens

SLOT: Final = "code"

LONGEST: Final = 40
"""Letters and digits of one reference."""

_LONGEST_PREFIX: Final = 5
"""Letters of a word in capitals that are read one by one: "KD", "RE"."""

_UNCERTAIN: Final = frozenset({"a", "i", "o", "u"})
"""English and German words of one letter; written small they are words."""


@dataclass(frozen=True, slots=True)
class Symbols:
    """Letters or digits that were said together.

    Attributes:
        text: in lower case.
        start: index of the first token.
        end: index of the first token after them.
        digits: they are digits.
        sure: they can hardly be anything else.
    """

    text: str = field(repr=False)
    start: int
    end: int
    digits: bool
    sure: bool = True


def symbols_at(given: Sequence[Token], at: int, language: str) -> Symbols | None:
    """The letters or digits at a token, or ``None``."""
    token = given[at]
    figures = digits_at(given, at, language)
    if figures is not None and token.word not in {"ein", "eine", "einen", "o"}:
        return Symbols(figures[0], at, figures[1], digits=True)
    if token.is_word and token.text.isupper() and 1 < len(token.text) <= _LONGEST_PREFIX:
        return Symbols(token.text.lower(), at, at + 1, digits=False)
    spelt = spelt_at(given, at, language)
    if spelt is None or not spelt.letters.isalpha():
        return None
    sure = spelt.certainty is not Certainty.NAME and token.text not in _UNCERTAIN
    return Symbols(spelt.letters, at, spelt.end, digits=False, sure=sure)


def read_codes(text: str, setting: Setting) -> tuple[Reading, ...]:
    """The references in the words, in capitals and without signs, the longest first."""
    given = tokens(text)
    found: list[Reading] = []
    at = 0
    while at < len(given):
        reading, at = _code(given, at, setting.language)
        if reading is not None:
            found.append(reading)
    return tuple(sorted(found, key=lambda reading: -len(reading.value)))


def _code(given: Sequence[Token], at: int, language: str) -> tuple[Reading | None, int]:
    """The reference that begins at a token, and where to look on."""
    first = symbols_at(given, at, language)
    if first is None:
        return None, at + 1
    said = [first]
    before: list[str] | None = None
    here, afresh = first.end, False
    while here < len(given) and sum(len(each.text) for each in said) < LONGEST:
        more = symbols_at(given, here, language)
        change = correction(given, here, language)
        if more is not None:
            said.append(more)
            here = more.end
        elif change is not None:
            groups = [each.text for each in said if before is None or each.start >= at]
            before = groups if before is None else amended(before, groups, afresh=afresh)
            afresh, at = change.afresh, change.end
            said = [each for each in said if each.start < at]
            here = change.end
        elif between(given[here], language):
            here += 1
        else:
            break
    digits = sum(each.digits for each in said)
    sure = [each for each in said if each.sure]
    if not digits and len(sure) < 2:  # noqa: PLR2004 (one letter is no reference)
        return None, max(here, first.end)
    while not said[0].sure and not said[0].digits:
        said = said[1:]
    latest = [each.text for each in said if before is None or each.start >= at]
    groups = latest if before is None else amended(before, latest, afresh=afresh)
    value = "".join(groups).upper().replace("ß", "SS")
    start, end = place(given, said[0].start, said[-1].end)
    return Reading(SLOT, value, start, end, 0.9 if before is None else 0.7), said[-1].end
