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
        secret: the words may hold a secret, whether or not they answer the question for it.
    """

    text: str = field(repr=False)
    language: str
    asked: Asked | None = None
    history: tuple[Heard, ...] = field(default=(), repr=False)
    secret: bool = False


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


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a language model is told of one utterance.

    Attributes:
        instructions: what it is to do; the same for every caller.
        words: the utterance and the open question, as JSON.
    """

    instructions: str = field(repr=False)
    words: str = field(repr=False)


class Adviser(Protocol):
    """A language model. One object per process, shared by all calls, safe to call from threads."""

    def ask(self, briefing: Briefing) -> object | None:
        """Say what the model makes of these words, within a bounded time; never raises.

        Returns:
            Its answer as read from JSON, whatever it is; ``None`` if there is none: it is away,
            slow, resting after failures, or did not answer in JSON.
        """
        ...
