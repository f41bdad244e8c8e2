"""What is said when a caller is not understood, or has had enough, and when a person takes over."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import HandOver, HandoverReason, Listen, Reply

MISUNDERSTANDINGS: Final = 2
"""In a row, and a person takes over."""

PATIENT: Final = 1
"""Signs of frustration after which the agent still goes on; with one more a person takes over."""

ANNOUNCEMENTS: Final[dict[HandoverReason, str]] = {
    HandoverReason.ASKED: "connecting_human",
    HandoverReason.OFFER_ACCEPTED: "connecting_human",
    HandoverReason.NOT_UNDERSTOOD: "not_understood_connecting",
    HandoverReason.TECHNICAL: "technical_connecting",
    HandoverReason.FRUSTRATED: "connecting_human",
    HandoverReason.FLOW: "connecting_human",
}

KEYS: Final[frozenset[str]] = frozenset(
    {
        "not_understood",
        "technical_problem",
        "sorry_for_trouble",
        "offer_human",
        *ANNOUNCEMENTS.values(),
    }
)
"""The prompts it is said with."""


class Repair:
    """Makes the replies.

    Args:
        prompts: what can be said.
    """

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    def handover(self, now: Conversation, reason: HandoverReason) -> Reply:
        """Say that a person takes over, then hand over."""
        line = self._line(now, ANNOUNCEMENTS[reason])
        after = replace(now.settled(), last=(line,))
        return Reply(after, (line,), HandOver(reason), begun=now.flows)

    def offer(self, now: Conversation) -> Reply:
        """Offer a person."""
        line = self._line(now, "offer_human")
        after = replace(now, question=Question.CONNECT, last=(line,))
        return Reply(after, (line,), Listen(), asks=line)

    def apology(self, now: Conversation) -> Line:
        """That this is hard work; said once in a call."""
        return self._line(now, "sorry_for_trouble")

    def not_understood(self, now: Conversation) -> Reply:
        """Ask for it again; whoever has had enough is offered a person at once."""
        stumbled = _stumbled(now)
        if stumbled.frustration and stumbled.misunderstandings < MISUNDERSTANDINGS:
            return self.offer(stumbled)
        return self._again(stumbled, "not_understood", HandoverReason.NOT_UNDERSTOOD)

    def failed(self, now: Conversation) -> Reply:
        """Ask for it again, because something of the agent's own failed."""
        return self._again(_stumbled(now), "technical_problem", HandoverReason.TECHNICAL)

    def _again(self, stumbled: Conversation, key: str, reason: HandoverReason) -> Reply:
        if stumbled.misunderstandings >= MISUNDERSTANDINGS:
            return self.handover(stumbled, reason)
        # The open question stays open: "yes" after "pardon?" still answers it.
        return Reply(stumbled, (self._line(stumbled, key),), Listen())

    def _line(self, now: Conversation, key: str) -> Line:
        return self._prompts.line(key, now.language, variant=now.turns)


def _stumbled(now: Conversation) -> Conversation:
    return replace(now, misunderstandings=now.misunderstandings + 1)
