"""Word error rate, with figures read as words: "10 Uhr" and "zehn Uhr" are the same words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from num2words import num2words

_SPELLINGS = {"zwo": "zwei", "tire": "tyre"}
_LONGEST_NUMBER = 2
"""Digits. Longer figures in these recordings are telephone numbers, said digit by digit."""


def words(text: str, language: str) -> list[str]:
    """The words of a text: lower case, no punctuation, figures as they are said."""
    spaced = re.sub(r"[-–:/.,](?=\d)|-", " ", text.casefold()).replace("'", "")
    said = re.sub(r"\d+", lambda match: f" {_say(match.group(), language)} ", spaced)
    return [_SPELLINGS.get(word, word) for word in re.findall(r"\w+", said)]


def _say(digits: str, language: str) -> str:
    if len(digits) <= _LONGEST_NUMBER and not (len(digits) > 1 and digits.startswith("0")):
        return str(num2words(int(digits), lang=language)).replace("-", " ")
    return " ".join(str(num2words(int(digit), lang=language)) for digit in digits)


def edits(expected: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest words to put in, take out or change (Levenshtein distance)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(expected, 1):
        above, row = row, [i]
        for j, other in enumerate(heard, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (word != other)))
    return row[-1]


@dataclass(slots=True)
class WordErrors:
    """Counts over many utterances.

    Attributes:
        edits: words put in, taken out or changed.
        words: words that were said.
    """

    edits: int = 0
    words: int = 0

    def add(self, expected: str, heard: str, language: str) -> int:
        """Count one utterance and return its edits."""
        said = words(expected, language)
        wrong = edits(said, words(heard, language))
        self.edits += wrong
        self.words += len(said)
        return wrong

    @property
    def rate(self) -> float:
        """Edits for each word that was said."""
        return self.edits / max(self.words, 1)
