"""What a call needs from the texts it speaks."""

from __future__ import annotations

from typing import Protocol

from voice_agent.dialogue.line import Line, Personal


class Script(Protocol):
    """The call's own lines: the notice and what is said around the conversation."""

    def notice(self, language: str) -> tuple[Line, ...]:
        """Layer 1 of the notice; its last line may be in another language."""
        ...

    def repetition(self, language: str, number: int) -> tuple[Line, ...]:
        """A short repetition of the choice, ``number`` from 1."""
        ...

    def full_notice(self, language: str) -> tuple[Line, ...]:
        """Layer 2, as it is read aloud on key 3."""
        ...

    def line(self, key: str, language: str, /, **values: str | Personal) -> Line:
        """A line by its key, for example ``connecting_human``; the values fill its placeholders."""
        ...
