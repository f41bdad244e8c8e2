"""When not to believe the recogniser: guards on what it says it heard. Pure.

Whisper was trained on subtitles. On silence, noise or music it writes what subtitles end with; on a
short window it can say a sentence twice. None of that may reach the dialogue as a caller's words.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_SHORTEST_LOOP = 3
"""Tokens. Shorter repetitions are speech: "ja, ja", "null null"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What one decoding pass proposes.

    Attributes:
        tokens: the text tokens, without any special one.
        text: the tokens as words.
        log_probability: mean log probability of the tokens, the end of the text among them.
        no_speech: the model's probability that there is no speech, 0 to 1.
        seconds: length of the audio it was heard in.
        finished: the model ended the text itself, before the limit on tokens.
    """

    tokens: tuple[int, ...]
    text: str
    log_probability: float
    no_speech: float
    seconds: float
    finished: bool

    @property
    def compression(self) -> float:
        """Length of the text over its zlib-compressed length; above about 2.4 it loops."""
        raw = self.text.encode()
        return len(raw) / len(zlib.compress(raw))


def loop_length(tokens: Sequence[int]) -> int | None:
    """Length of the part that the whole sequence repeats to its end, or ``None``.

    ``ABCABCA`` repeats ``ABC``: its last copy may be cut off, by the limit on tokens.
    """
    for length in range(_SHORTEST_LOOP, len(tokens) // 2 + 1):
        if all(tokens[i] == tokens[i - length] for i in range(length, len(tokens))):
            return length
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where trust ends. The first three are Whisper's own (Radford et al. 2022, section 4.5).

    Attributes:
        no_speech: above this, and below ``log_probability``, nobody spoke.
        log_probability: below this a text is not trusted.
        compression: above this a text loops.
        speech_ms: an utterance with less speech than this says nothing.
        speech_ratio: an utterance with a smaller share of speech than this is noise, unless the
            model is sure of its words.
    """

    no_speech: float = 0.6
    log_probability: float = -1.0
    compression: float = 2.4
    speech_ms: int = 60
    speech_ratio: float = 0.1


LIMITS: Final = Limits()


def rejection(
    heard: Hypothesis, language: str, speech_ms: int, limits: Limits = LIMITS
) -> str | None:
    """Why this text must not be believed, or ``None``.

    Args:
        heard: the final hypothesis of an utterance.
        language: ``de`` or ``en``; each has its own phrases.
        speech_ms: milliseconds that voice activity detection called speech.
        limits: where trust ends.

    Returns:
        One of the reasons that ``Transcript.rejected`` names.
    """
    if speech_ms < limits.speech_ms:
        return "too_little_speech"
    unsure = heard.log_probability < limits.log_probability
    if heard.no_speech > limits.no_speech and unsure:
        return "no_speech"
    if heard.compression > limits.compression or loop_length(heard.tokens):
        return "repetition"
    if is_subtitle(heard.text, language):
        return "phrase"
    if unsure and speech_ms < limits.speech_ratio * heard.seconds * 1000:
        return "too_little_speech"
    return None


def is_subtitle(text: str, language: str) -> bool:
    """True if the whole text is one of the phrases that subtitles carry and callers don't say."""
    return _plain(text) in _phrases(language)


def _plain(text: str) -> str:
    """Letters and digits in lower case, one space between words."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(re.findall(r"\w+", folded))


@cache
def _phrases(language: str) -> frozenset[str]:
    lines = files(__package__).joinpath("phrases", f"{language}.txt").read_text("utf-8")
    return frozenset(_plain(line) for line in lines.splitlines() if line[:1] not in {"", "#"})
