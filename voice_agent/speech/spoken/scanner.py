"""One pass over a sentence: at every token the first rule that fits says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_CONTEXT = 48  # characters a rule may look back; bounds the work per token
_WORD = re.compile(r"[^\W\d_²³½¼¾]+")
_TOKEN = re.compile(r"[^\W_]+\.?|[,;:]")


@dataclass(frozen=True, slots=True)
class Rule:
    """A written form and how it is said.

    Attributes:
        pattern: tried at the beginning of a token. It must have a finite width and no nested
            open repeats, so that the whole scan is linear in the text.
        say: the spoken words, or ``None`` when on a second look the rule does not apply.
    """

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]


@dataclass(frozen=True, slots=True)
class Grammar:
    """How one language says what is written.

    Attributes:
        words: rules tried where a token begins with a letter, in order.
        figures: rules tried where a token begins with a digit or a sign, in order.
        signs: words for single characters that no rule took; any other sign is silent.
    """

    words: Sequence[Rule]
    figures: Sequence[Rule]
    signs: Mapping[str, str]


def scan(sentence: str, grammar: Grammar) -> str:
    """Say one cleaned sentence; the result may still hold doubled spaces and punctuation."""
    pieces: list[str] = []
    position, joint = 0, False  # joint: the last piece was made by a rule and ends in a letter
    while position < len(sentence):
        character = sentence[position]
        if character in " .,;:!?'":
            spoken, end, made = character, position + 1, False
        else:
            spoken, end, made = _say(sentence, position, grammar)
        if (joint or made) and pieces and pieces[-1][-1:].isalnum() and spoken[:1].isalnum():
            pieces.append(" ")
        pieces.append(spoken)
        joint = made and spoken[-1:].isalnum()
        position = end
    return "".join(pieces)


def _say(sentence: str, position: int, grammar: Grammar) -> tuple[str, int, bool]:
    letter = sentence[position].isalpha()
    for rule in grammar.words if letter else grammar.figures:
        match = rule.pattern.match(sentence, position)
        if match is None or match.end() == position:
            continue
        spoken = rule.say(match)
        if spoken is not None:
            # The point of "usw." or "24.12." is also the sentence's own where nothing follows.
            stop = "." if match.group().endswith(".") and ends_sentence(match) else ""
            return spoken + stop, match.end(), True
    if letter and (word := _WORD.match(sentence, position)):
        return word.group(), word.end(), False
    return grammar.signs.get(sentence[position], " "), position + 1, False


def ends_sentence(match: re.Match[str]) -> bool:
    """True if nothing that is said follows the match."""
    return not match.string[match.end() : match.end() + _CONTEXT].strip(" ,.!?")


def words_before(match: re.Match[str]) -> list[str]:
    """The tokens before the match in lower case, nearest first; commas count as tokens."""
    start = match.start()
    return _TOKEN.findall(match.string[max(0, start - _CONTEXT) : start].lower())[::-1]


def word_after(match: re.Match[str]) -> str:
    """The word that follows the match after one space or none, or the empty string."""
    word = _WORD.match(match.string, match.end() + match.string.startswith(" ", match.end()))
    return word.group() if word else ""


def alternatives(words: Sequence[str]) -> str:
    """A regular expression for any of these literal words, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
