"""How a language says what the built-in understander listens for; each language fills one in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.words import distance, grams, likeness


def phrase(*alternatives: str) -> re.Pattern[str]:
    """A pattern over folded words separated by single spaces; alternatives begin at a word."""
    return re.compile("|".join(rf"(?:(?<![a-z0-9])(?:{text}))" for text in alternatives))


def whole(core: str, *around: str) -> re.Pattern[str]:
    """A pattern for a clause that says ``core`` at least once and nothing but it and ``around``."""
    anything = "|".join((core, *around))
    return re.compile(rf"(?=(?:.* )?(?:{core})(?: |$))(?:(?:{anything})(?: |$))+")


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language.

    Attributes:
        rules: patterns found anywhere in a clause, first match counts, and what they mean.
        affirm: a clause that is nothing but yes.
        deny: a clause that is nothing but no.
        thank: a clause that is nothing but thanks.
        greet: a clause that is nothing but a greeting.
        begins_yes: a clause that begins with yes.
        begins_no: a clause that begins with no.
        asks: a clause that begins as a question.
        tells: a clause in which the caller tells something of theirs, which is no question.
        new_clause: where a second question begins without a full stop.
        spelling: words worth recognising when misspelt by a letter or two.
    """

    rules: tuple[tuple[re.Pattern[str], Command], ...]
    affirm: re.Pattern[str]
    deny: re.Pattern[str]
    thank: re.Pattern[str]
    greet: re.Pattern[str]
    begins_yes: re.Pattern[str]
    begins_no: re.Pattern[str]
    asks: re.Pattern[str]
    tells: re.Pattern[str]
    new_clause: re.Pattern[str]
    spelling: Spelling


ROUGHLY = 0.4
"""Trigram likeness below which two words are not worth measuring exactly."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """Mends words that a recogniser spelt by ear.

    Attributes:
        words: the words it knows, folded, at least six letters each.
        leave: words that are right as they are, however alike.
    """

    words: frozenset[str]
    leave: frozenset[str] = frozenset()
    _grams: tuple[tuple[str, frozenset[str]], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = tuple((word, grams(word)) for word in sorted(self.words))
        object.__setattr__(self, "_grams", known)

    def mend(self, word: str) -> str:
        """The known word it most likely is, or itself."""
        shortest, long = 5, 9
        if len(word) < shortest or word in self.words or word in self.leave:
            return word
        ours = grams(word)
        best, nearest = word, 3
        for known, theirs in self._grams:
            limit = 2 if len(known) >= long else 1
            # The first sound of a word is the one recognisers seldom get wrong.
            if known[0] == word[0] and likeness(ours, theirs) >= ROUGHLY:
                apart = distance(word, known, limit)
                if apart <= limit and apart < nearest:
                    best, nearest = known, apart
        return best
