"""How a language model fails."""

from __future__ import annotations

from enum import StrEnum

from voice_agent.errors import VoiceAgentError


class Failure(StrEnum):
    """Why there is no answer."""

    SLOW = "slow"
    """Not within the time there is."""
    AWAY = "away"
    """Nobody answers at the address."""
    REFUSED = "refused"
    """The server answers with an error."""
    UNREADABLE = "unreadable"
    """The answer is too long, or has no JSON in it."""


class ModelUnavailable(VoiceAgentError):
    """There is no answer.

    Attributes:
        failure: why.
        status: the HTTP status of a refusal.
    """

    code = "language_model"

    def __init__(self, failure: Failure, status: int | None = None) -> None:
        super().__init__(f"the language model is {failure.value}")
        self.failure = failure
        self.status = status
