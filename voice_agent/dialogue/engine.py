"""The dialogue engine: deterministic, pure, shared by all calls.

Commands are proposals. What the engine has no written answer or flow for, it says so and offers a
person; nothing an understander proposes can make it say anything that was not written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    AskKnowledge,
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
from voice_agent.dialogue.reply import (
    HandOver,
    HandoverReason,
    HangUp,
    Listen,
    Reply,
    Then,
    Wait,
    Withdraw,
)

PATIENCE: Final = 60.0
"""Seconds of silence left alone after the caller asked for a moment, unless told otherwise."""

MISUNDERSTANDINGS: Final = 2
"""In a row, and a person takes over."""

REPROMPTS: Final = 2
"""Silences answered with a question; the next one ends the call."""

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

ANNOUNCEMENTS: Final[dict[HandoverReason, str]] = {
    HandoverReason.ASKED: "connecting_human",
    HandoverReason.OFFER_ACCEPTED: "connecting_human",
    HandoverReason.NOT_UNDERSTOOD: "not_understood_connecting",
    HandoverReason.TECHNICAL: "technical_connecting",
}

KEYS: Final[frozenset[str]] = frozenset(
    {
        "greeting",
        "resumed",
        "presence",
        "anything_else",
        "go_on",
        "what_else",
        "you_are_welcome",
        "waiting",
        "one_moment",
        "slower",
        "sending_link",
        "still_there",
        "goodbye",
        "goodbye_silence",
        "not_understood",
        "technical_problem",
        "unknown_answer",
        "cannot_do",
        "language_switched",
        "language_not_offered",
        "withdrawn_offer_human",
        *ABOUT.values(),
        *ANNOUNCEMENTS.values(),
    }
)
"""Every prompt the engine says; all must be there before the first call."""


@dataclass(frozen=True, slots=True)
class _Step:
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
    question: Question | None = None
    then: Then | None = None
    closes: bool = False
    content: bool = True
    asks: bool = False


class Engine:
    """Turns commands into what is said and done next.

    Args:
        prompts: what can be said.
        knowledge: what can be answered.
        patience: seconds of silence left alone after the caller asked for a moment.

    Raises:
        ConfigurationError: at construction, when a prompt is missing.
    """

    def __init__(self, prompts: Prompts, knowledge: Knowledge, patience: float = PATIENCE) -> None:
        prompts.require(sorted(KEYS))
        self._prompts = prompts
        self._knowledge = knowledge
        self._patience = patience

    def greet(self, conversation: Conversation) -> Reply:
        """The first words after the caller accepted; they say that this is an AI (rule C7)."""
        return self._say(conversation, "greeting")

    def resume(self, conversation: Conversation) -> Reply:
        """The first words after a human handed back; they say so again (rule C7)."""
        return self._say(_settled(conversation), "resumed")

    def respond(self, conversation: Conversation, commands: Iterable[Command]) -> Reply:
        """Answer what the caller said; no commands mean that it was not understood."""
        now = replace(conversation, turns=conversation.turns + 1, silences=0, waiting=False)
        # A value nobody asked for is nothing to act on; said twice is said once.
        proposals = tuple(
            c for c in dict.fromkeys(commands) if not isinstance(c, FillSlot | Correct)
        )
        if WithdrawConsent() in proposals:
            return self.withdrawn(now)
        if HumanPlease() in proposals:
            return self.handover(now, HandoverReason.ASKED)
        reply = self._perform(replace(now, misunderstandings=0), proposals)
        # Nothing, or yes and no at once: there is nothing to say to that but "pardon?".
        return reply if reply.lines else self._not_understood(now)

    def no_input(self, conversation: Conversation) -> Reply:
        """Answer a silence: two different questions, then goodbye."""
        silences = conversation.silences + 1
        now = replace(conversation, silences=silences, waiting=False)
        if silences > REPROMPTS:
            return self._say(now, "goodbye_silence", HangUp())
        line = self._prompts.line("still_there", now.language, variant=silences - 1)
        return Reply(now, (line,), Listen())

    def filler(self, conversation: Conversation) -> Line:
        """Say that the answer is being looked for."""
        return self._line(conversation, "one_moment")

    def failed(self, conversation: Conversation) -> Reply:
        """Answer an utterance the recogniser or the understander failed on."""
        now = replace(conversation, turns=conversation.turns + 1, silences=0, waiting=False)
        return self._stumble(now, "technical_problem", HandoverReason.TECHNICAL)

    def farewell(self, conversation: Conversation) -> Reply:
        """Say goodbye and end the call."""
        return self._say(conversation, "goodbye", HangUp())

    def handover(self, conversation: Conversation, reason: HandoverReason) -> Reply:
        """Say that a person takes over, then hand over."""
        return self._say(_settled(conversation), ANNOUNCEMENTS[reason], HandOver(reason))

    def withdrawn(self, conversation: Conversation) -> Reply:
        """Say that nobody listens any more and how to reach a person."""
        return self._say(_settled(conversation), "withdrawn_offer_human", Withdraw())

    def _perform(self, conversation: Conversation, commands: tuple[Command, ...]) -> Reply:
        now = conversation
        for command in commands:
            # First, so that everything else in the same breath is answered in the new language.
            if isinstance(command, SwitchLanguage) and command.language in self._prompts.languages:
                now = replace(now, language=command.language)
        steps: list[_Step] = []
        for command in commands:
            steps.append(self._step(now, command, alone=len(commands) == 1))
            if isinstance(steps[-1].then, HandOver):
                return self.handover(now, steps[-1].then.reason)
            if isinstance(command, Slower):
                now = replace(now, rate=max(SLOWEST, round(now.rate * SLOWER, 2)))
        return replace(self._join(now, steps), sends_link=SendPrivacyLink() in commands)

    def _join(self, now: Conversation, steps: list[_Step]) -> Reply:
        answers = [step for step in steps if step.closes][:ANSWERS]
        spoken = [step for step in steps if not step.closes or step in answers]
        lines = [line for step in spoken for line in step.lines]
        then = next((step.then for step in reversed(spoken) if step.then), Listen())
        asking = next((step for step in reversed(spoken) if step.question), _Step())
        question = asking.question
        asks = asking.lines[-1] if asking.asks else None
        if answers and question is None and then == Listen():
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

    def _step(  # noqa: PLR0911 (one return for each word of the vocabulary)
        self, now: Conversation, command: Command, *, alone: bool
    ) -> _Step:
        match command:
            case AskKnowledge(entry):
                answer = self._knowledge.answer(entry, now.language) if entry else None
                if answer is None:
                    return self._offer_human(now, "unknown_answer")
                return _Step((answer,), closes=True)
            case AskAgent(topic):
                return _Step((self._line(now, ABOUT[topic]),), closes=True)
            case Affirm():
                if now.question is Question.CONNECT:
                    return _Step(then=HandOver(HandoverReason.OFFER_ACCEPTED))
                return _Step((self._line(now, "go_on"),) if alone else ())
            case Deny():
                return self._deny(now) if alone else _Step()
            case Repeat():
                lines = now.last or (self._line(now, "greeting"),)
                return _Step(lines, question=now.question, content=False)
            case Slower():
                lines = (self._line(now, "slower"), *now.last)
                return _Step(lines, question=now.question, content=False)
            case WaitPlease():
                line = self._line(now, "waiting")
                return _Step((line,), now.question, Wait(self._patience), content=False)
            case SendPrivacyLink():
                # What became of it is said when the carrier has answered.
                return _Step((self._line(now, "sending_link"),), now.question, content=False)
            case Thank():
                return _Step((self._line(now, "you_are_welcome"),) if alone else (), closes=alone)
            case Greet():
                return _Step((self._line(now, "presence"),) if alone else ())
            case Goodbye():
                return _Step((self._line(now, "goodbye"),), then=HangUp())
            case SwitchLanguage(language):
                if language in self._prompts.languages:
                    return _Step((self._line(now, "language_switched"),) if alone else ())
                return self._offer_human(now, "language_not_offered")
            case StartFlow():
                return self._offer_human(now, "cannot_do")
            case HumanPlease() | WithdrawConsent() | FillSlot() | Correct():
                return _Step()  # dealt with before anything else

    def _deny(self, now: Conversation) -> _Step:
        if now.question is Question.ANYTHING_ELSE:
            return _Step((self._line(now, "goodbye"),), then=HangUp())
        return _Step((self._line(now, "what_else"),), Question.ANYTHING_ELSE, asks=True)

    def _offer_human(self, now: Conversation, key: str) -> _Step:
        return _Step((self._line(now, key),), Question.CONNECT, asks=True)

    def _not_understood(self, now: Conversation) -> Reply:
        return self._stumble(now, "not_understood", HandoverReason.NOT_UNDERSTOOD)

    def _stumble(self, now: Conversation, key: str, reason: HandoverReason) -> Reply:
        stumbled = replace(now, misunderstandings=now.misunderstandings + 1)
        if stumbled.misunderstandings >= MISUNDERSTANDINGS:
            return self.handover(stumbled, reason)
        # The open question stays open: "yes" after "pardon?" still answers it.
        return Reply(stumbled, (self._line(stumbled, key),), Listen())

    def _say(self, conversation: Conversation, key: str, then: Then | None = None) -> Reply:
        line = self._line(conversation, key)
        return Reply(replace(conversation, last=(line,)), (line,), then or Listen())

    def _line(self, conversation: Conversation, key: str) -> Line:
        return self._prompts.line(key, conversation.language, variant=conversation.turns)


def _settled(conversation: Conversation) -> Conversation:
    """Without anything open: what comes next begins afresh."""
    return replace(conversation, question=None, misunderstandings=0, silences=0, waiting=False)
