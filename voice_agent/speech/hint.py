"""Expected words, as the decoder is told of them: as what was said just before. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voice_agent.speech.hallucination import plain

MOST_TOKENS: Final = 64
"""Of expected words; each costs time in every step of a search."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Expected words.

    Attributes:
        words: each a word or a few, without case and punctuation.
        tokens: the same as a text for the decoder; none if nothing is expected.
    """

    words: tuple[str, ...] = ()
    tokens: tuple[int, ...] = ()

    @classmethod
    def of(cls, expected: tuple[str, ...], encode: Callable[[str], list[int]]) -> Hint:
        """As many of the words as there is room for, from the first.

        Args:
            expected: words, the likeliest first.
            encode: the tokens of a text.
        """
        words: list[str] = []
        tokens: list[int] = []
        for word in filter(plain, expected):
            more = encode(f", {word}" if words else f" {word}")
            if len(tokens) + len(more) >= MOST_TOKENS:
                break
            words.append(plain(word))
            tokens += more
        return cls(tuple(words), (*tokens, *encode("."))) if words else cls()

    def is_in(self, text: str) -> bool:
        """True if one of the words, whole, is in a text."""
        spaced = f" {plain(text)} "
        return any(f" {word} " in spaced for word in self.words)
