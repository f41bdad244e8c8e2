"""When not to believe the recogniser: guards on what it says it heard. Pure.

Whisper was trained on subtitles. On silence, noise or music it writes what subtitles end with; on a
short window it can say a sentence twice. None of that may reach the dialogue as a caller's words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

from voice_agent.speech.decoding import LOOPING, Hypothesis

LEAST_SPEECH_MS: Final = 60
"""An utterance with less speech than this says nothing, whatever the model reads into it."""

LEAST_SPEECH: Final = 0.1
"""Share of an utterance that must be speech, unless the model is sure of its words."""

HOPELESS: Final = -1.5
"""Mean log probability below which no pass has found words; between this and a doubtful score they
are often half right, and half right is worth a question back."""


def rejection(heard: Hypothesis, language: str, *, seconds: float, speech_ms: float) -> str | None:
    """Why this text must not be believed, or ``None``.

    Args:
        heard: the final hypothesis about an utterance.
        language: ``de`` or ``en``; each has its own phrases.
        seconds: length of the utterance.
        speech_ms: milliseconds of it that voice activity detection called speech.

    Returns:
        One of the reasons that ``Transcript.rejected`` names.
    """
    if speech_ms < LEAST_SPEECH_MS:
        return "too_little_speech"
    if heard.is_silence:
        return "no_speech"
    if heard.compression > LOOPING or not heard.finished:
        return "repetition"
    if heard.log_probability < HOPELESS:
        return "low_probability"
    if is_subtitle(heard.text, language):
        return "phrase"
    if heard.is_unlikely and speech_ms < LEAST_SPEECH * seconds * 1000:
        return "too_little_speech"
    if not plain(heard.text):
        return "no_speech"
    return None


def is_subtitle(text: str, language: str) -> bool:
    """True if the whole text is one of the phrases that subtitles carry and callers don't say."""
    return plain(text) in _phrases(language)


def plain(text: str) -> str:
    """Letters and digits in lower case, one space between words."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(re.findall(r"\w+", folded))


@cache
def _phrases(language: str) -> frozenset[str]:
    lines = files(__package__).joinpath("phrases", f"{language}.txt").read_text("utf-8")
    return frozenset(plain(line) for line in lines.splitlines() if line[:1] not in {"", "#"})
