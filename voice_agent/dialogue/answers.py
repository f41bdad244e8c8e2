"""What commands are answered with where no flow takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    Frustrated,
    Goodbye,
    Greet,
    Hesitate,
    HumanPlease,
    Impossible,
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
from voice_agent.dialogue.reply import HandOver, HandoverReason, HangUp, Listen, Reply, Then, Wait

ANSWERS: Final = 3
"""Most answers given in one turn; nobody remembers more."""

SLOWER: Final = 0.8
"""Factor on the rate each time the caller asks for slower speech."""

SLOWEST: Final = 0.6
"""Below this, speech falls apart into words."""

ABOUT: Final[dict[Topic, str]] = {
    Topic.ROBOT: "about_robot",
    Topic.IDENTITY: "about_identity",
    Topic.DATA: "about_data",
    Topic.ABILITIES: "about_abilities",
    Topic.OFFERS: "about_offers",
}

KEYS: Final[frozenset[str]] = frozenset(
    {
        "goodbye",
        "goodbye_outbound",
        "presence",
        "anything_else",
        "go_on",
        "what_else",
        "you_are_welcome",
        "waiting",
        "slower",
        "sending_link",
        "unknown_answer",
        "urgent_offer",
        "cannot_do",
        "language_switched",
        "language_not_offered",
        *ABOUT.values(),
    }
)
"""The prompts they are answered with."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one command leads to.

    Attributes:
        lines: what is said.
        question: the question that is open afterwards.
        then: what follows, if not listening.
        closes: the matter is dealt with, so the caller may be asked for the next one.
        content: this is what a repetition should repeat.
        asks: the last line puts the question.
    """

    lines: tuple[Line, ...] = ()
    question: str | None = None
    then: Then | None = None
    closes: bool = False
    content: bool = True
    asks: bool = False


def farewell(conversation: Conversation, key: str = "goodbye") -> str:
    """The prompt to part with; nobody whom we rang up is thanked for ringing."""
    return "goodbye_outbound" if conversation.outbound else key


class Answers:
    """Answers commands.

    Args:
        prompts: what can be said.
        knowledge: what can be answered.
        patience: seconds of silence left alone after the caller asked for a moment.
    """

    def __init__(self, prompts: Prompts, knowledge: Knowledge, patience: float) -> None:
        self._prompts = prompts
        self._knowledge = knowledge
        self._patience = patience

    def reply(
        self, now: Conversation, commands: tuple[Command, ...], *, beside: bool = False
    ) -> Reply:
        """Answer commands in one reply; it may have no lines.

        Args:
            now: the conversation.
            commands: what was said.
            beside: something else follows, so nothing is asked and no politeness answered.
        """
        for command in commands:
            # First, so that everything else in the same breath is answered in the new language.
            if isinstance(command, SwitchLanguage) and command.language in self._prompts.languages:
                now = replace(now, language=command.language)
        alone = len(commands) == 1 and not beside
        steps: list[Step] = []
        for command in commands:
            steps.append(self._answer(now, command, alone=alone))
            if isinstance(command, Slower):
                now = replace(now, rate=max(SLOWEST, round(now.rate * SLOWER, 2)))
        reply = self._join(now, steps, beside=beside)
        return replace(reply, sends_link=SendPrivacyLink() in commands)

    def first(
        self, now: Conversation, commands: tuple[Command, ...], text: str
    ) -> tuple[Command, ...]:
        """What a caller's words propose: nothing but what is urgent, if they hold such a thing.

        A person and a withdrawal are never put off. "No, it is no emergency" is not answered with
        the same sentence once more.
        """
        entry = self._knowledge.urgent(text)
        if entry is None or WithdrawConsent() in commands:
            return commands
        if Deny() in commands and f"knowledge.{entry}" in {line.key for line in now.last}:
            return tuple(c for c in commands if c != AskKnowledge(entry))
        return (AskKnowledge(entry), *(c for c in commands if isinstance(c, HumanPlease)))

    def urgent(self, now: Conversation, commands: tuple[Command, ...]) -> tuple[Line, ...]:
        """What has to be said before anything else is done."""
        entries = (c.entry for c in commands if isinstance(c, AskKnowledge) and c.entry)
        urgent = (entry for entry in entries if self._knowledge.is_urgent(entry))
        lines = (self._knowledge.answer(entry, now.language) for entry in urgent)
        return tuple(line for line in lines if line is not None)

    def _join(self, now: Conversation, steps: list[Step], *, beside: bool) -> Reply:
        answers = [step for step in steps if step.closes][:ANSWERS]
        spoken = [step for step in steps if not step.closes or step in answers]
        lines = [line for step in spoken for line in step.lines]
        then = next((step.then for step in reversed(spoken) if step.then), Listen())
        asking = next((step for step in reversed(spoken) if step.question), Step())
        question = asking.question
        asks = asking.lines[-1] if asking.asks else None
        if not beside and answers and question is None and then == Listen():
            asks = self._line(now, "anything_else")
            lines.append(asks)
            question = Question.ANYTHING_ELSE
        unique = tuple(dict.fromkeys(lines))
        content = any(step.content and step.lines for step in spoken)
        after = replace(
            now,
            question=question,
            waiting=isinstance(then, Wait),
            last=unique if content else now.last,
        )
        return Reply(after, unique, then, asks=asks)

    def _answer(  # noqa: PLR0911 (one return for each word of the vocabulary)
        self, now: Conversation, command: Command, *, alone: bool
    ) -> Step:
        match command:
            case AskKnowledge(entry):
                return self._tell(now, entry)
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
                return Step((self._line(now, farewell(now)),), then=HangUp())
            case SwitchLanguage(language):
                if language in self._prompts.languages:
                    return Step((self._line(now, "language_switched"),) if alone else ())
                return self._offer_human(now, "language_not_offered")
            case StartFlow():
                return self._offer_human(now, "cannot_do")
            case HumanPlease() | WithdrawConsent() | Frustrated():
                return Step()  # dealt with before anything else
            case FillSlot() | Correct() | Impossible() | Hesitate():
                return Step()  # dealt with before anything else

    def _tell(self, now: Conversation, entry: str | None) -> Step:
        answer = self._knowledge.answer(entry, now.language) if entry else None
        if entry is None or answer is None:
            return self._offer_human(now, "unknown_answer")
        if self._knowledge.is_urgent(entry):
            offer = self._offer_human(now, "urgent_offer")
            return replace(offer, lines=(answer, *offer.lines))
        return Step((answer,), closes=True)

    def _deny(self, now: Conversation) -> Step:
        if now.question == Question.ANYTHING_ELSE:
            return Step((self._line(now, farewell(now)),), then=HangUp())
        return Step((self._line(now, "what_else"),), Question.ANYTHING_ELSE, asks=True)

    def _offer_human(self, now: Conversation, key: str) -> Step:
        return Step((self._line(now, key),), Question.CONNECT, asks=True)

    def _line(self, conversation: Conversation, key: str) -> Line:
        return self._prompts.line(key, conversation.language, variant=conversation.turns)
