"""Whether a caller who speaks while the agent speaks means to interrupt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class BargeInRules:
    """Thresholds.

    Attributes:
        speech_ms: so much speech in one turn interrupts, whatever the words are, milliseconds.
    """

    speech_ms: int = 400


# Said by listeners to say "go on"; while the agent speaks they take no turn.
BACKCHANNELS: Final = frozenset(
    """
    hm mhm aha ah oh ach so achso ja okay ok gut genau alles klar verstehe
    yes yeah yep right sure uh huh i see
    """.split()
)

_MOST_WORDS: Final = 3
"""More words than these are a turn."""


def interrupts(speech_ms: int, rules: BargeInRules) -> bool:
    """True if so much speech over the agent's voice stops the agent."""
    return speech_ms >= rules.speech_ms


def is_backchannel(text: str) -> bool:
    """True if every word only says "I am listening"."""
    words = re.findall(r"\w+", text.lower())
    return bool(words) and len(words) <= _MOST_WORDS and BACKCHANNELS.issuperset(words)
