"""Words, figures and signs of a caller's words, each with its place in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.words import fold

MAX_CHARACTERS: Final = 2000
"""Of one utterance that are read; nobody says more in one breath."""

_TOKEN: Final = re.compile(
    r"(?P<word>(?:[^\W\d_][\u0300-\u036f]*)+(?:['’][^\W\d_]+)?)|(?P<figures>\d+)|[^\w\s]|_"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One of them.

    Attributes:
        text: as written, umlauts in one character; digits as 0 to 9.
        word: a word folded (``words.fold``), else as ``text``.
        start: where it begins in the text, characters.
        end: where it ends.
        kind: ``word``, ``figures`` or ``sign``.
    """

    text: str = field(repr=False)
    word: str = field(repr=False)
    start: int
    end: int
    kind: str

    @property
    def is_word(self) -> bool:
        """True for letters."""
        return self.kind == "word"

    @property
    def is_figures(self) -> bool:
        """True for digits."""
        return self.kind == "figures"


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text in order; of a longer text those of its beginning."""
    return tuple(_token(match) for match in _TOKEN.finditer(text[:MAX_CHARACTERS]))


def _token(match: re.Match[str]) -> Token:
    written = match.group()
    start, end = match.span()
    if match["figures"]:
        figures = "".join(str(unicodedata.decimal(digit)) for digit in written)
        return Token(figures, figures, start, end, "figures")
    if match["word"]:
        composed = unicodedata.normalize("NFC", written)
        return Token(composed, fold(composed), start, end, "word")
    return Token(written, written, start, end, "sign")


def joined(before: Token, after: Token) -> bool:
    """True if nothing, not even a blank, stands between two tokens."""
    return before.end == after.start


class PhraseTable:
    """Phrases of folded words that are looked for at a token.

    Args:
        phrases: their words with blanks between.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[list[str]]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            words = phrase.split()
            self._by_first.setdefault(words[0], []).append(words)

    def end(self, given: Sequence[Token], at: int) -> int | None:
        """The index after the longest phrase that stands at a token, or ``None``."""
        for words in self._by_first.get(given[at].word, ()):
            if [token.word for token in given[at : at + len(words)]] == words:
                return at + len(words)
        return None


def phrase_tables(**phrases: str) -> dict[str, PhraseTable]:
    """A table for each language of its phrases, which have commas between them."""
    return {language: PhraseTable(given.split(",")) for language, given in phrases.items()}
