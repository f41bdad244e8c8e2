"""The port by which somebody is rung up, and what a carrier can mean by refusing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Protocol

from voice_agent.errors import VoiceAgentError


class Meaning(StrEnum):
    """What a failed request to ring somebody up means for the call, and for all others."""

    INVALID_NUMBER = "invalid_number"
    """There is no such number, or no way to it: nobody is rung up at it again."""
    NOT_ALLOWED = "not_allowed"
    """The carrier does not ring up this number for us."""
    TOO_FAST = "too_fast"
    """Too many requests, or too many calls at once. It was not processed: try again, later."""
    AWAY = "away"
    """The carrier was not reached: certainly nothing happened. Try again, later."""
    UNKNOWN = "unknown"
    """The telephone may ring. It is not dialled again: the carrier's callback tells."""
    STOP = "stop"
    """It would be the same with every number: the account, our number or the request is refused."""


NOT_PROCESSED: Final = frozenset({Meaning.TOO_FAST, Meaning.AWAY})
"""Nothing was wrong with the number, and nothing happened: asking again is safe."""


class DiallingError(VoiceAgentError):
    """Nobody was rung up, or nobody knows.

    Attributes:
        meaning: what follows from it.
        carrier_code: the carrier's own number for the fault, where it gave one.
    """

    code = "dialling"

    def __init__(self, meaning: Meaning, carrier_code: int | None = None) -> None:
        super().__init__(f"the carrier did not ring up the number: {meaning}, code {carrier_code}")
        self.meaning = meaning
        self.carrier_code = carrier_code


class Dialling(Protocol):
    """Rings people up: with our own number shown, and without listening for a machine (C27)."""

    async def call(self, to: str, claim: str, language: str) -> str:
        """Have the carrier ring somebody up; one request, which is not repeated here.

        Args:
            to: the number, E.164.
            claim: the claim's id, which stands in every address the carrier comes back to.
            language: which one the person is spoken to in.

        Returns:
            The carrier's identifier of the call.

        Raises:
            DiallingError: it did not come about, or nobody knows; see ``Meaning``.
        """
        ...
