"""A call in words: what is typed is what was heard, and what is said is read.

Everything is as in a call, from the words to the tools, but for the sound and the time it takes:
a silence passes when it is said to, and every line is heard to its end.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from voice_agent.call.events import Event, LinkOutcome, ToolAnswered
from voice_agent.call.keypad import LINK_LINES, REFUSES, STOP
from voice_agent.call.notice_menu import Choice, choose
from voice_agent.call.ports import Script
from voice_agent.call.terms import CallTerms
from voice_agent.call.typed import FEWEST_DIGITS
from voice_agent.dialogue.commands import (
    Affirm,
    Command,
    HumanPlease,
    Repeat,
    StartFlow,
    SwitchLanguage,
    WithdrawConsent,
)
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.reply import (
    Act,
    HandOver,
    HandoverReason,
    HangUp,
    Listen,
    Reply,
    Then,
    Withdraw,
)
from voice_agent.dialogue.tool import AWAY, ToolAnswer, ToolRequest
from voice_agent.dialogue.understanding.ports import Said, Understander
from voice_agent.dialogue.understanding.withdrawal import is_withdrawal
from voice_agent.live.observation import HIDDEN_WORDS
from voice_agent.outbound.errand import Errand, Errands
from voice_agent.runtime.audit import Audit
from voice_agent.runtime.errand_work import ErrandWork
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.tasks import CallTasks
from voice_agent.runtime.tool_work import ToolWork
from voice_agent.tools.toolbox import Toolbox

log = structlog.get_logger(__name__)

LISTEN: Final = Listen()


@dataclass(frozen=True, slots=True)
class Move:
    """What the caller did, and what came of it.

    Attributes:
        commands: what the caller was understood as; empty for a silence.
        lines: what was said to it.
        used: what was done for the caller on the way, in order.
        then: what follows.
        conversation: where it stands now.
        sends_link: the privacy link would be sent by text message as well.
    """

    commands: tuple[Command, ...]
    lines: tuple[Line, ...] = field(repr=False)
    used: tuple[ToolAnswer, ...]
    then: Then
    conversation: Conversation
    sends_link: bool = False


class Chat:
    """One conversation, from the greeting on: the caller has heard the notice and accepted.

    Args:
        terms: the call's terms; of its times none matters.
        engine: decides what is said.
        understander: makes commands of words.
        script: the lines around the conversation.
        toolbox: what can be done.
        audit: where it is written down that something was asked for.
        metrics: counts and times.
        errand: why we made the call, if we did, and where it is written down what was reached.
    """

    def __init__(
        self,
        *,
        terms: CallTerms,
        engine: Engine,
        understander: Understander,
        script: Script,
        toolbox: Toolbox,
        audit: Audit,
        metrics: Metrics,
        errand: tuple[Errand, Errands] | None = None,
    ) -> None:
        self._terms = terms
        self._engine = engine
        self._understander = understander
        self._script = script
        self._tasks = CallTasks(self._fault)
        self._answers: list[ToolAnswer] = []
        work = None if errand is None else ErrandWork(*errand, self._tasks)
        self._tools = ToolWork(
            toolbox=toolbox,
            audit=audit,
            metrics=metrics,
            call_id=terms.call_id,
            number=None if work is None else work.number,
            tasks=self._tasks,
            post=self._take,
            errand=work,
        )
        self._conversation = Conversation(terms.language)
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """True once the agent has hung up, handed over, or must not listen any more."""
        return self._is_over

    async def begin(self) -> Move:
        """Greet the caller, or say what the call is about that we made."""
        self._tools.open()
        fresh, flow = self._conversation, self._terms.begins
        first = self._engine.greet(fresh) if flow is None else self._engine.begin(fresh, flow)
        return await self._go_on((), first)

    async def say(self, text: str) -> Move:
        """The caller says something; nothing at all is no turn and is not answered."""
        if is_withdrawal(text):  # before anything else looks at the words (C16)
            return await self._obey(WithdrawConsent())
        if not text.strip():
            return self._moved()
        heard = self._conversation
        asked = self._engine.asked(heard)
        secret = asked is not None and asked.is_secret
        self._conversation = heard.caller_said(HIDDEN_WORDS if secret else text)
        try:
            proposed = self._understander.understand(
                Said(text, heard.language, asked, heard.history)
            )
        except Exception as fault:  # noqa: BLE001 (whatever fails, the call goes on)
            log.warning("understanding_failed", fault=type(fault).__name__)
            return await self._go_on((), self._engine.failed(self._conversation))
        commands = self._engine.proposals(self._conversation, proposed, text)
        return await self._obey(*commands)

    async def press(self, keys: str) -> Move:
        """The caller presses a key, or types a number: one of ``0-9 * #``, or digits."""
        language, asked = self._conversation.language, self._engine.asked(self._conversation)
        refuses = keys == REFUSES and self._terms.begins is not None
        if asked is not None and keys.isdigit():
            if asked.numbered and len(keys) == 1 and keys != "0":
                if int(keys) > len(asked.options):
                    return await self._refuse() if refuses else self._remark("key_without_meaning")
                return await self._go_on((), self._engine.keyed(self._conversation, asked, keys))
            if asked.is_typed and len(keys) >= FEWEST_DIGITS:
                return await self._go_on((), self._engine.keyed(self._conversation, asked, keys))
        if refuses:
            return await self._refuse()
        match choose(keys):
            case Choice.ACCEPT:
                return await self._obey(Affirm())
            case Choice.HUMAN:
                return await self._obey(HumanPlease())
            case Choice.REPEAT:
                return await self._obey(Repeat())
            case Choice.OTHER_LANGUAGE:
                return await self._obey(SwitchLanguage(self._terms.next_language(language)))
            case Choice.WITHDRAW:
                return await self._obey(WithdrawConsent())
            case Choice.READ_FULL:
                return self._moved(lines=self._script.full_notice(language))
            case Choice.SEND_LINK:  # nobody has called, so there is no number
                return self._remark(LINK_LINES[LinkOutcome.NO_NUMBER])
            case Choice.UNKNOWN:
                return self._remark("key_without_meaning")

    async def _refuse(self) -> Move:
        return await self._obey(StartFlow(STOP))

    async def be_silent(self) -> Move:
        """The caller says nothing for as long as the agent waits."""
        return await self._go_on((), self._engine.no_input(self._conversation))

    async def answer(self, answer: ToolAnswer) -> Move | None:
        """Something was done that perhaps nobody waits for any more: then ``None``."""
        reply = self._engine.answered(self._conversation, answer)
        return None if reply is None else await self._go_on((), reply)

    async def end(self) -> None:
        """The caller is gone; what is being done is done."""
        self._tools.close()
        await self._tasks.settle()

    # -- answers -------------------------------------------------------------------------------

    async def _obey(self, *commands: Command) -> Move:
        return await self._go_on(commands, self._engine.respond(self._conversation, commands))

    async def _go_on(self, commands: tuple[Command, ...], reply: Reply) -> Move:
        """Say a reply, have done what it asks for, and say what came of that."""
        sends_link = reply.sends_link
        lines, used = [*self._hear(reply)], list[ToolAnswer]()
        while isinstance(reply.then, Act):
            used.append(await self._use(reply.then.request))
            told = self._engine.answered(self._conversation, used[-1])
            if told is None:
                break
            reply = told
            lines += self._hear(reply)
        then: Then = reply.then
        if isinstance(then, HandOver) and not self._terms.can_hand_over:
            lines.append(self._script.line("human_unavailable_go_on", self._conversation.language))
            then = Listen()
        self._is_over = isinstance(then, HandOver | HangUp | Withdraw)
        if isinstance(then, Withdraw):
            self._tools.stop()
        elif self._is_over:
            self._tools.close()
        return self._moved(commands, tuple(lines), tuple(used), then, sends_link=sends_link)

    def _remark(self, key: str) -> Move:
        return self._moved(lines=(self._script.line(key, self._conversation.language),))

    def _hear(self, reply: Reply) -> tuple[Line, ...]:
        before, self._conversation = self._conversation, reply.conversation
        if isinstance(reply.then, HandOver) and not self._terms.can_hand_over:
            # Nobody is announced who does not come; and what was begun is not lost by asking.
            if reply.then.reason is HandoverReason.ASKED:
                self._conversation = replace(
                    self._conversation, flows=before.flows, question=before.question
                )
            return ()
        for line in reply.lines:
            self._conversation = self._conversation.agent_said(line.text)
        return reply.lines

    def _moved(
        self,
        commands: tuple[Command, ...] = (),
        lines: tuple[Line, ...] = (),
        used: tuple[ToolAnswer, ...] = (),
        then: Then = LISTEN,
        *,
        sends_link: bool = False,
    ) -> Move:
        return Move(commands, lines, used, then, self._conversation, sends_link)

    # -- tools ---------------------------------------------------------------------------------

    async def _use(self, request: ToolRequest) -> ToolAnswer:
        self._tools.use(request)
        await self._tasks.settle()
        answers, self._answers = self._answers, []
        return next(iter(answers), ToolAnswer(request, AWAY))

    def _take(self, event: Event) -> None:
        if isinstance(event, ToolAnswered):
            self._answers.append(event.answer)

    def _fault(self, fault: BaseException) -> None:
        log.error("tool_fault", fault=type(fault).__name__)
