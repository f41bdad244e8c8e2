"""What is answered when somebody whom we rang up answers: nothing that tells what about (C27)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voice_agent.twilio import twiml
from voice_agent.twilio.answers import Answers
from voice_agent.twilio.keyed import MOST_KEYS
from voice_agent.twilio.twiml import Document

KEY: Final = "/twilio/outbound/key"

WAIT_S: Final = 12
"""Seconds without a key after which the call is hung up: a voicemail records nothing but the
opener."""


class Stage(StrEnum):
    """How far somebody is who answered; it travels in the address the carrier comes back to."""

    OPENER = "opener"
    """They were asked whether they expect the call."""
    AGAIN = "again"
    """Once more, after a key that means nothing."""
    IDENTITY = "identity"
    """They were asked to prove who they are."""
    SECOND = "second"
    """Once more, and that was the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundAnswers:
    """Builds the documents before somebody has proved who they are: the same in every call.

    Attributes:
        answers: what they are built with.
    """

    answers: Answers

    def opener(self, claim: str, language: str, others: tuple[str, ...], stage: Stage) -> Document:
        """Who and what is ringing, and what can be done; 12 s of silence hang up.

        Args:
            claim: the claim's id.
            language: which one is spoken.
            others: languages that are offered, each in its own words.
            stage: ``OPENER`` or ``AGAIN``.
        """
        key = "outbound_opener" if stage is Stage.OPENER else "outbound_opener_again"
        spoken = [self._said(key, language)]
        spoken += [self._said("outbound_this_language", other) for other in others]
        where = self._next(claim, language, stage)
        return twiml.document(twiml.gather(where, WAIT_S, spoken), twiml.hang_up())

    def identity(self, claim: str, language: str, stage: Stage) -> Document:
        """A PIN or a birth date is asked for.

        Args:
            claim: the claim's id.
            language: which one is spoken.
            stage: ``IDENTITY``, or ``SECOND`` after what was keyed in proved nothing.
        """
        keys = ["outbound_identity"]
        if stage is Stage.SECOND:
            keys = ["outbound_not_proved", "outbound_identity_again"]
        where = self._next(claim, language, stage)
        spoken = [self._said(key, language) for key in keys]
        return twiml.document(
            twiml.gather(where, WAIT_S, spoken, most=MOST_KEYS, end="#"), twiml.hang_up()
        )

    def goodbye(self, language: str, *first: str) -> Document:
        """A word that says nothing, then the end.

        Args:
            language: which one is spoken.
            first: prompts said before it.
        """
        keys = (*first, "outbound_goodbye")
        return twiml.document(
            *(twiml.play(self._said(key, language)) for key in keys), twiml.hang_up()
        )

    def silence(self) -> Document:
        """The end, with nothing said."""
        return twiml.document(twiml.hang_up())

    def _said(self, key: str, language: str) -> str:
        return self.answers.audio((self.answers.script.line(key, language),))

    def _next(self, claim: str, language: str, stage: Stage) -> str:
        return self.answers.address(KEY, claim=claim, language=language, stage=stage)
