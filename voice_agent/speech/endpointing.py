"""How long a silence must be before it is the end of a turn: three witnesses, weighed. Pure.

Silence alone cannot tell a breath from an end. So two more are heard: how the turn sounded (Smart
Turn) and what was said (``dialogue/completeness``). None of them is trusted alone. The words
decide most, because grammar is seldom wrong about what is missing; the sound decides between
words that may or may not be all; silence decides when the others cannot.

The rules' defaults were chosen with ``tests/bench/turns.py`` on one half of its turns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

Words = Literal["finished", "unfinished", "open"]
"""What the words say of their end; ``open``: they cannot tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRules:
    """Thresholds: silence that ends a turn, milliseconds since the last sound of speech.

    Attributes:
        finished_ms: the words are complete.
        likely_ms: the words may be complete, and it sounds finished.
        unlikely_ms: the words may be complete, and it sounds as if more came; or the words are not
            there yet.
        unfinished_ms: something is missing in the words.
        spelling_ms: digits or letters are expected or being given.
        end_ms: the words may be complete, and the sound is not known.
        ceiling_ms: no silence is ever waited out for longer.
    """

    finished_ms: int = 300
    likely_ms: int = 400
    unlikely_ms: int = 860
    unfinished_ms: int = 1400
    spelling_ms: int = 1200
    end_ms: int = 700
    ceiling_ms: int = 1600


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one pause.

    Attributes:
        silence_ms: silence so far.
        acoustic: how likely the turn is over by its sound, 0 to 1; ``None`` if not judged (yet).
        words: what the words say; ``None`` while there are none.
        spelling: the open question, or what was said, is digits or letters.
    """

    silence_ms: int = 0
    acoustic: float | None = None
    words: Words | None = None
    spelling: bool = False


REMEMBERED: Final = 8
"""Pauses of a caller that count; what came before was perhaps another mood."""

_FEWEST: Final = 2
_TYPICAL_MS: Final = 500.0
_LEAST: Final = 0.9
_MOST: Final = 1.5


@dataclass(frozen=True, slots=True)
class Habit:
    """How long one caller pauses within their turns, learnt in this call and forgotten with it.

    Attributes:
        pauses_ms: the latest pauses after which the caller went on, oldest first.
    """

    pauses_ms: tuple[int, ...] = ()

    def paused(self, ms: int) -> Habit:
        """Remember one more pause, milliseconds."""
        return Habit((*self.pauses_ms, ms)[-REMEMBERED:])

    @property
    def stretch(self) -> float:
        """Factor on the silence waited for: above 1 for who pauses longer than most."""
        if len(self.pauses_ms) < _FEWEST:
            return 1.0
        mean = sum(self.pauses_ms) / len(self.pauses_ms)
        return min(max(mean / _TYPICAL_MS, _LEAST), _MOST)


def silence_needed(evidence: Evidence, habit: Habit, rules: EndRules) -> int:
    """How long the silence must be before the turn ends, milliseconds since the last speech.

    It is at most ``ceiling_ms``, and ``ceiling_ms`` again once that much has passed: evidence that
    comes late cannot make a silence longer that has been long enough.

    Args:
        evidence: the three witnesses.
        habit: this caller's pauses so far.
        rules: the thresholds.
    """
    if evidence.silence_ms >= rules.ceiling_ms:
        return rules.ceiling_ms
    if evidence.words == "finished" and not evidence.spelling:
        return min(rules.finished_ms, rules.ceiling_ms)  # whoever pauses long has ended here too
    return min(round(_needed(evidence, rules) * habit.stretch), rules.ceiling_ms)


def _needed(evidence: Evidence, rules: EndRules) -> float:
    """For a caller like most others."""
    sound: float = rules.end_ms
    if evidence.acoustic is not None:
        # Half sentences are often called likely and seldom nearly certain: only that counts much.
        doubt = math.sqrt(1 - evidence.acoustic)
        sound = rules.likely_ms + (rules.unlikely_ms - rules.likely_ms) * doubt
    match evidence.words:
        case _ if evidence.spelling:
            return max(rules.spelling_ms, sound)
        case "unfinished":
            return max(rules.unfinished_ms, sound)
        case None:
            # No answer is possible without words, so waiting for what they say costs nothing.
            return max(rules.unlikely_ms, sound)
        case _:
            return sound
