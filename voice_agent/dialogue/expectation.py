"""Which words a caller is likely to say next, for the recogniser. Pure.

It is told the open question, as the understander is. What stands here was measured with Whisper
base (``python -m tests.bench context``); a question that is not here expects nothing, because
nothing was found that helps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from voice_agent.dialogue.conversation import Question

YES_NO: Final[Mapping[str, tuple[str, ...]]] = {
    "de": ("Ja", "Nein", "Ja bitte", "Nein danke"),
    "en": ("Yes", "No", "Yes please", "No thank you"),
}
"""How a yes-or-no question is answered, by language."""


def expected_words(question: str | None, language: str) -> tuple[str, ...]:
    """Words likely in the next answer, the likeliest first; none if nothing helps.

    Args:
        question: the open question, or ``None``.
        language: ISO 639-1 code of what is spoken.
    """
    if question in {Question.CONNECT, Question.ANYTHING_ELSE}:
        return YES_NO.get(language, ())
    return ()
