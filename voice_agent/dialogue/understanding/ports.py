"""What the program asks of whatever understands a caller."""

from __future__ import annotations

from typing import Protocol

from voice_agent.dialogue.commands import Command


class Understander(Protocol):
    """Words to commands. One object per process, shared by all calls, safe to call from threads."""

    def understand(
        self, text: str, language: str, question: str | None = None
    ) -> tuple[Command, ...]:
        """Say what the caller's words propose.

        Args:
            text: what the recogniser heard; hostile like all input.
            language: ISO 639-1 code of the language it was heard in.
            question: the open question or slot, or ``None``.

        Returns:
            Commands in the order they were said; none when the words were not understood.

        Raises:
            EngineError: the understander failed on this utterance.
        """
        ...
