"""Written text as it is said on the telephone.

The grammar of what is read aloud is the language's: "am 3. März" is "am dritten März", "1 Stunde"
is "eine Stunde", "0172 3456789" is said digit by digit with pauses. A sentence is read from left
to right once; every rule looks at a bounded number of characters, so the time is linear in the
length of the text, whoever wrote it.
"""

from __future__ import annotations

from voice_agent.speech.spoken import segments
from voice_agent.speech.spoken.english.grammar import GRAMMAR as _ENGLISH
from voice_agent.speech.spoken.german.grammar import GRAMMAR as _GERMAN
from voice_agent.speech.spoken.plain import plain, tidy, unbracket
from voice_agent.speech.spoken.scanner import Grammar, scan

__all__ = ["clauses", "sentences", "speakable"]

_PASSES = 6
"""The second pass proves that nothing written is left. More are needed only for such as "0.de0",
where a digit hides an address until it has been said."""

_GRAMMARS = {"de": _GERMAN, "en": _ENGLISH}


def speakable(text: str, language: str) -> str:
    """Say what is written: no digit, sign, abbreviation or markup is left in the result.

    Saying it again changes nothing. Nothing is cut off: bound the length where text comes in.

    Args:
        text: written text, from anywhere.
        language: ``de`` or ``en``.

    Raises:
        ValueError: another language.
    """
    grammar = _grammar(language)
    for _ in range(_PASSES):
        spoken = _read(text, grammar)
        if spoken == text:
            break
        text = spoken
    return text


def _read(text: str, grammar: Grammar) -> str:
    spoken = (scan(unbracket(sentence), grammar) for sentence in segments.sentences(plain(text)))
    return tidy(" ".join(spoken))


def sentences(text: str, language: str) -> list[str]:
    """Cut text into sentences. Joined by one space they are the text with its blanks made single.

    Works on written and on spoken text. A full stop after "Dr.", "z. B.", "Nr." or in "am 3. März"
    ends nothing.

    Raises:
        ValueError: an unknown language.
    """
    _grammar(language)
    return segments.sentences(text)


def clauses(text: str, language: str) -> list[str]:
    """Cut text into sentences, and long sentences at a comma, dash, colon or semicolon.

    The synthesiser can begin with the first while the rest is not yet made. No cut leaves a piece
    of under twelve characters. Joined by one space the pieces are the text with its blanks made
    single.

    Raises:
        ValueError: an unknown language.
    """
    _grammar(language)
    return segments.clauses(text)


def _grammar(language: str) -> Grammar:
    try:
        return _GRAMMARS[language]
    except KeyError:
        raise ValueError(f"speech is normalised for de and en, not for {language!r}") from None
