"""When the caller's turn is over: what the witnesses of the present pause have said so far."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from voice_agent.call.events import Take
from voice_agent.dialogue.completeness import completeness, is_spelling
from voice_agent.speech.endpointing import EndRules, Evidence, Habit, silence_needed
from voice_agent.speech.ports import Transcript

MENDED_MS: Final = 400
"""Whoever speaks again so soon after their turn was taken for over had not finished: nobody
answers that quickly."""


class TurnEnd:
    """Gathers evidence on one pause after the other, and learns how this caller pauses.

    Args:
        rules: the thresholds.
    """

    def __init__(self, rules: EndRules) -> None:
        self._rules = rules
        self._habit = Habit()
        self._take: Take | None = None
        self._evidence = Evidence()
        self._ended_after_ms: int | None = None

    @property
    def evidence(self) -> Evidence:
        """What is known of the present pause, or was of the last."""
        return self._evidence

    def paused(self, take: Take, silence_ms: int) -> int:
        """A pause began: forget the one before, and say how long this one must be."""
        self._take = take
        self._evidence = Evidence(silence_ms=silence_ms, spelling=self._evidence.spelling)
        return self.needed_ms(silence_ms)

    def resumed(self, pause_ms: int) -> None:
        """The caller went on after a pause of so many milliseconds."""
        self._take = None
        self._habit = self._habit.paused(pause_ms)

    def ended(self, silence_ms: int) -> None:
        """The turn is over, after so many milliseconds of silence."""
        self._take = None
        self._ended_after_ms = silence_ms

    def started(self, since_ms: int) -> None:
        """A turn begins, so many milliseconds after the one before was over."""
        if self._ended_after_ms is not None and since_ms <= MENDED_MS:
            self._habit = self._habit.paused(self._ended_after_ms + since_ms)
        self._ended_after_ms = None
        self._evidence = Evidence()

    def judged(self, take: Take, probability: float | None) -> bool:
        """The sound was judged; true if that is about the present pause."""
        if take != self._take:
            return False
        self._evidence = replace(self._evidence, acoustic=probability)
        return True

    def heard(self, take: Take, transcript: Transcript | None, question: str | None) -> bool:
        """The words are there (``None``: they will not come); true if of the present pause.

        Args:
            take: what they were made of.
            transcript: the words.
            question: the dialogue's open question, which says what would complete them.
        """
        if take != self._take:
            return False
        if transcript is None:
            self._evidence = replace(self._evidence, words="open")
            return True
        text, language = transcript.text, transcript.language
        self._evidence = replace(
            self._evidence,
            words=completeness(text, language, question),
            spelling=is_spelling(text, language, question),
        )
        return True

    def needed_ms(self, silence_ms: int) -> int:
        """How long the present pause must be, after so many milliseconds of it."""
        self._evidence = replace(self._evidence, silence_ms=silence_ms)
        return silence_needed(self._evidence, self._habit, self._rules)

    def forget(self) -> None:
        """What was heard is no longer anybody's business; the caller's habit stays."""
        self._take, self._ended_after_ms = None, None
        self._evidence = Evidence()
