"""Text messages that people send to our number: read for a refusal, and for nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.refusals import Refusals
from voice_agent.twilio import twiml
from voice_agent.twilio.opt_out import is_refusal
from voice_agent.twilio.twiml import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """A message whose signature is right.

    Attributes:
        number: the sender's number, or ``None`` if it is withheld or strange.
        text: what it says.
        is_opt_out: the carrier itself has taken it for a refusal.
    """

    number: str | None = field(repr=False)
    text: str = field(repr=False)
    is_opt_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessages:
    """What comes in.

    Attributes:
        refusals: takes those who do not want to be rung up.
        metrics: counters.
    """

    refusals: Refusals
    metrics: Metrics

    async def take(self, message: TextMessage) -> Document:
        """A refusal goes on the do-not-call list at once (C28); any other message is dropped.

        Returns:
            Nothing to do for the carrier: no message is answered by one.
        """
        if message.number is None or not (message.is_opt_out or is_refusal(message.text)):
            self.metrics.count("message_dropped")
        else:
            self.metrics.count("message_refused")
            await self.refusals.note(message.number, ToldBy.MESSAGE)
        return twiml.document()
