"""A call without its sound: words in, sentences out, and everything between them is real."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from voice_agent.call.events import Event, ToolAnswered
from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.reply import Act, HandOver, HangUp, Reply, Withdraw
from voice_agent.dialogue.tool import CATALOGUE, ToolAnswer, ToolRequest
from voice_agent.dialogue.understanding.ports import Said, Understander
from voice_agent.dialogue.understanding.withdrawal import is_withdrawal
from voice_agent.runtime.audit import Actor
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.tasks import CallTasks
from voice_agent.runtime.tool_work import ToolWork
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.authorise import AuthorisedCall, CallFacts, Policy
from voice_agent.tools.calendar import Calendar
from voice_agent.tools.calendar_tools import CalendarTools
from voice_agent.tools.directory import Away, Secret
from voice_agent.tools.inbox import Entry, Filed
from voice_agent.tools.inbox_tools import InboxTools
from voice_agent.tools.plan import Plan
from voice_agent.tools.toolbox import Handler, Toolbox


class Paper:
    """An audit log on paper."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, str, str | None]] = []

    async def note(
        self, actor: Actor, action: str, outcome: str, object_id: str | None = None
    ) -> None:
        """See the port."""
        assert actor == "caller"
        self.notes.append((action, outcome, object_id))


class Tray:
    """An inbox in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Entry] = {}

    async def file(self, entry: Entry, key: str) -> Filed:
        """See the port."""
        self.kept.setdefault(key, entry)
        return Filed("W482715")


class Nobody:
    """A directory that does not answer."""

    async def verify(self, phone: str, secret: Secret) -> Away:  # noqa: ARG002 (as the port has it)
        """See the port."""
        return Away()

    async def record(self, person: PersonKey) -> Away:  # noqa: ARG002 (as the port has it)
        """See the port."""
        return Away()

    async def drop(self, person: PersonKey) -> None:
        """See ``Directory``."""

    async def enrol(self, name: str, phone: str) -> Away:  # noqa: ARG002 (as the port has it)
        """See the port."""
        return Away()


class KnownCaller(ToolWork):
    """The tools of a call whose caller has been verified, or has not."""

    person: PersonKey | None = None

    @property
    def _facts(self) -> CallFacts:
        return replace(super()._facts, person=self.person)


class Telephone:
    """One call.

    Args:
        engine: the dialogue.
        understander: turns words into commands.
        calendar: where appointments are.
        plan: what can be booked.
        call_id: the call.
        language: in which it begins.
        person: who calls, once verified.
    """

    def __init__(
        self,
        engine: Engine,
        understander: Understander,
        calendar: Calendar,
        plan: Plan,
        *,
        call_id: str = "CA1",
        language: str = "de",
        person: PersonKey | None = None,
    ) -> None:
        self.engine = engine
        self.call_id = call_id
        self.person = person
        self.understander = understander
        self.lines: list[Line] = []
        self.ran: list[AuthorisedCall] = []
        self.unasked: list[AuthorisedCall] = []
        self.answers: list[ToolAnswer] = []
        self.audit = Paper()
        self.tray = Tray()
        self.withheld = 0
        self.is_over = False
        self._inbox: list[Event] = []
        self._faults: list[BaseException] = []
        self._tasks = CallTasks(self._faults.append)
        handlers = {
            **CalendarTools(calendar, Nobody(), plan).handlers,
            **InboxTools(self.tray).handlers,
        }
        watched = {name: self._watched(handler) for name, handler in handlers.items()}
        self._work = KnownCaller(
            toolbox=Toolbox(watched, policy=Policy(frozenset(plan.services), frozenset({"DE"}))),
            audit=self.audit,
            metrics=Metrics(),
            call_id=call_id,
            number=None,
            tasks=self._tasks,
            post=self._inbox.append,
        )
        self._work.person = person
        self._work.open()
        self._asked_before: Conversation | None = None
        greeting = engine.greet(Conversation(language))
        done = frozenset({"identify"} if person is not None else ())
        greeting = replace(greeting, conversation=replace(greeting.conversation, done=done))
        self.conversation = greeting.conversation
        self._say(greeting)

    @property
    def heard(self) -> str:
        """Everything that was said to the caller."""
        return "\n".join(line.text for line in self.lines)

    async def say(self, text: str) -> None:
        """Say something; what comes of it is there afterwards."""
        now = self.conversation
        self._asked_before = now
        if is_withdrawal(text):
            self._work.stop()
            await self._follow(self.engine.withdrawn(now))
            return
        said = Said(text, now.language, self.engine.asked(now), now.history)
        commands = self.understander.understand(said)
        meant = self.engine.proposals(now, commands, text)
        await self._follow(self.engine.respond(now.caller_said(text), meant))

    async def mean(self, commands: Iterable[Command], text: str = "") -> None:
        """Say something that is understood as these commands, whatever it was."""
        now = self._asked_before = self.conversation
        meant = self.engine.proposals(now, tuple(commands), text)
        await self._follow(self.engine.respond(now, meant))

    async def ask_for(self, request: ToolRequest) -> ToolAnswer | None:
        """Ask for something past every flow; what came of it, if it was answered."""
        self._work.use(request)
        await self._tasks.settle()
        assert not self._faults
        answers = [event.answer for event in self._inbox if isinstance(event, ToolAnswered)]
        self._inbox.clear()
        self.answers += answers
        return answers[0] if answers else None

    async def _follow(self, reply: Reply) -> None:
        self._say(reply)
        if isinstance(reply.then, HandOver | HangUp | Withdraw):
            self.is_over = True
        if not isinstance(reply.then, Act):
            return
        self._work.use(reply.then.request)
        await self._tasks.settle()
        assert not self._faults
        while self._inbox:
            event = self._inbox.pop(0)
            assert isinstance(event, ToolAnswered)
            self.answers.append(event.answer)
            further = self.engine.answered(self.conversation, event.answer)
            if further is not None:
                await self._follow(further)

    def _say(self, reply: Reply) -> None:
        self.conversation = reply.conversation
        said = self.engine.cleared(self.conversation, reply.lines)
        self.withheld += said != reply.lines
        self.lines += said
        for line in said:
            self.conversation = self.conversation.agent_said(line.text)

    def _watched(self, handler: Handler) -> Handler:
        async def run(call: AuthorisedCall) -> ToolAnswer:
            self.ran.append(call)
            before = self._asked_before
            if CATALOGUE[call.request.tool].changes and not (
                before is not None
                and before.question == Question.CONFIRM
                and call.request.confirmed == frozenset(call.request.arguments)
            ):
                self.unasked.append(call)
            return await handler(call)

        return run
