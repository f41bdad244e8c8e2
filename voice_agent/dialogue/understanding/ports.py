"""What the program asks of whatever understands a caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.conversation import Heard
from voice_agent.dialogue.flow_outcome import Asked


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller said, and where in the conversation.

    Attributes:
        text: what the recogniser heard; hostile like all input.
        language: ISO 639-1 code of the language it was heard in.
        asked: what the open question wants, or ``None`` if none is open.
        history: what either side said before and was heard, oldest first.
    """

    text: str = field(repr=False)
    language: str
    asked: Asked | None = None
    history: tuple[Heard, ...] = field(default=(), repr=False)


class Understander(Protocol):
    """Words to commands. One object per process, shared by all calls, safe to call from threads."""

    def understand(self, said: Said) -> tuple[Command, ...]:
        """Say what the caller's words propose, values of slots among it.

        Returns:
            Commands in the order they were said; none when the words were not understood.

        Raises:
            EngineError: the understander failed on this utterance.
        """
        ...
