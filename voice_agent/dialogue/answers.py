"""What each single command is answered with where no flow takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    AskKnowledge,
    Cancel,
    Command,
    Correct,
    Deny,
    FillSlot,
    Goodbye,
    Greet,
    HumanPlease,
    Repeat,
    SendPrivacyLink,
    Slower,
    StartFlow,
    SwitchLanguage,
    Thank,
    Topic,
    WithdrawConsent,
)
from voice_agent.dialogue.commands import Wait as WaitPlease
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import HandOver, HandoverReason, HangUp, Then, Wait

ABOUT: Final[dict[Topic, str]] = {
    Topic.ROBOT: "about_robot",
    Topic.IDENTITY: "about_identity",
    Topic.DATA: "about_data",
    Topic.ABILITIES: "about_abilities",
    Topic.OFFERS: "about_offers",
}


@dataclass(frozen=True, slots=True)
class Step:
    """What one command leads to.

    Attributes:
        lines: what is said.
        question: the question that is open afterwards.
        then: what follows, if not listening.
        closes: the matter is dealt with, so the caller may be asked for the next one.
        content: this is what a repetition should repeat.
    """

    lines: tuple[Line, ...] = ()
    question: str | None = None
    then: Then | None = None
    closes: bool = False
    content: bool = True


class Answers:
    """Answers commands one by one.

    Args:
        prompts: what can be said.
        knowledge: what can be answered.
        patience: seconds of silence left alone after the caller asked for a moment.
    """

    def __init__(self, prompts: Prompts, knowledge: Knowledge, patience: float) -> None:
        self._prompts = prompts
        self._knowledge = knowledge
        self._patience = patience

    def answer(  # noqa: PLR0911 (one return for each word of the vocabulary)
        self, now: Conversation, command: Command, *, alone: bool
    ) -> Step:
        """What a command leads to.

        Args:
            now: the conversation.
            command: the command.
            alone: nothing else was said.
        """
        match command:
            case AskKnowledge(entry):
                answer = self._knowledge.answer(entry, now.language) if entry else None
                if answer is None:
                    return self._offer_human(now, "unknown_answer")
                return Step((answer,), closes=True)
            case AskAgent(topic):
                return Step((self._line(now, ABOUT[topic]),), closes=True)
            case Affirm():
                if now.question == Question.CONNECT:
                    return Step(then=HandOver(HandoverReason.OFFER_ACCEPTED))
                return Step((self._line(now, "go_on"),) if alone else ())
            case Deny() | Cancel():
                return self._deny(now) if alone else Step()
            case Repeat():
                lines = now.last or (self._line(now, "greeting"),)
                return Step(lines, question=now.question, content=False)
            case Slower():
                lines = (self._line(now, "slower"), *now.last)
                return Step(lines, question=now.question, content=False)
            case WaitPlease():
                line = self._line(now, "waiting")
                return Step((line,), now.question, Wait(self._patience), content=False)
            case SendPrivacyLink():
                # What became of it is said when the carrier has answered.
                return Step((self._line(now, "sending_link"),), now.question, content=False)
            case Thank():
                return Step((self._line(now, "you_are_welcome"),) if alone else (), closes=alone)
            case Greet():
                return Step((self._line(now, "presence"),) if alone else ())
            case Goodbye():
                return Step((self._line(now, "goodbye"),), then=HangUp())
            case SwitchLanguage(language):
                if language in self._prompts.languages:
                    return Step((self._line(now, "language_switched"),) if alone else ())
                return self._offer_human(now, "language_not_offered")
            case StartFlow():
                return self._offer_human(now, "cannot_do")
            case HumanPlease() | WithdrawConsent() | FillSlot() | Correct():
                return Step()  # dealt with before anything else

    def _deny(self, now: Conversation) -> Step:
        if now.question == Question.ANYTHING_ELSE:
            return Step((self._line(now, "goodbye"),), then=HangUp())
        return Step((self._line(now, "what_else"),), Question.ANYTHING_ELSE)

    def _offer_human(self, now: Conversation, key: str) -> Step:
        return Step((self._line(now, key),), Question.CONNECT)

    def _line(self, conversation: Conversation, key: str) -> Line:
        return self._prompts.line(key, conversation.language, variant=conversation.turns)
