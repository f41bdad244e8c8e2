"""Text that an engine reads word for word and never obeys. Pure.

Both engines phonemise with eSpeak, which takes ``[[...]]`` as phonemes and control characters as
commands. A customer's name out of a database must not be able to do either, even if nobody
normalised it before.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from voice_agent.errors import EngineError

LONGEST: Final = 2000
"""Characters that are spoken at once; a sentence is far shorter."""


def verbatim(text: str) -> str:
    """The text without anything but words and punctuation, one space between words.

    Raises:
        EngineError: it is longer than ``LONGEST``; the caller splits into sentences.
    """
    if len(text) > LONGEST:
        raise EngineError(f"a text of {len(text)} characters to speak; at most {LONGEST}")
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return " ".join(kept.replace("[", " ").replace("]", " ").split())
