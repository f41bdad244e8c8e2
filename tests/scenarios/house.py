"""The company a scenario rings: all of it, but for the sound and the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path

from tests.runtime.paper import PaperAudit
from tests.scenarios.calendar import PaperCalendar
from tests.scenarios.directory import PaperDirectory
from tests.scenarios.errands import PaperDoNotCall, PaperErrands, errand_of
from tests.scenarios.inbox import PaperInbox
from tests.scenarios.scenario import Scenario, Trouble
from voice_agent.agent import AgentConfig
from voice_agent.agent_understanding import open_understander
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.tool import ToolAnswer
from voice_agent.dialogue.understanding.ports import Said, Understander
from voice_agent.outbound.errand import FLOW
from voice_agent.runtime.chat import Chat
from voice_agent.runtime.metrics import Metrics
from voice_agent.schedule import load_plan
from voice_agent.settings import load_settings
from voice_agent.texts import Texts
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.calendar_tools import CalendarTools
from voice_agent.tools.identity_tools import IdentityTools
from voice_agent.tools.inbox_tools import InboxTools
from voice_agent.tools.plan import Plan
from voice_agent.tools.reminder_tools import ReminderTools
from voice_agent.tools.toolbox import Handler, Toolbox
from voice_agent.tools.unwanted_tools import UnwantedTools

ROOT = Path(__file__).parents[2]
FOR_EVER = 3600.0


@dataclass
class Company:
    """What is read once: the configuration of a company, and what understands its callers.

    Attributes:
        agent: what the company says.
        texts: everything that is said.
        plan: when which appointments are made.
        now: the present, timezone-aware; each house sets its own.
    """

    agent: AgentConfig
    texts: Texts
    plan: Plan
    now: datetime

    @cached_property
    def understander(self) -> Understander:
        """Takes a while to make; what it knows of the present is ``now``."""
        return open_understander(
            self.agent, self.texts.knowledge, self.texts.flows.values(), self.plan, lambda: self.now
        )


@cache
def company(config: str, data_dir: Path) -> Company:
    """The company of a directory of the project."""
    settings = load_settings({"CONFIG_DIR": str(ROOT / config), "DATA_DIR": str(data_dir)})
    agent = AgentConfig.for_settings(settings)
    plan = load_plan(settings.config_dir)
    assert plan is not None
    return Company(agent, Texts(settings, agent), plan, datetime.now(plan.opening.zone))


class House:
    """A company at one moment, with one caller.

    Args:
        scenario: what is so special about the moment.
        data_dir: a directory for what the settings make.
    """

    def __init__(self, scenario: Scenario, data_dir: Path) -> None:
        self.company = company(scenario.config, data_dir)
        plan, texts = self.company.plan, self.company.texts
        now = scenario.clock.replace(tzinfo=plan.opening.zone)
        self.company.now = now
        self.calendar = PaperCalendar(plan, now)
        for span in scenario.busy:
            self.calendar.block(span)
        self.keys = frozenset(texts.prompts.texts(scenario.language)) | {
            "full_notice",
            *(f"knowledge.{entry.id}" for entry in texts.knowledge.entries),
        }
        self.audit = PaperAudit()
        for held in scenario.held:
            self.calendar.hold(held)
        self.inbox = PaperInbox(now)
        self.do_not_call = PaperDoNotCall()
        self.errands = PaperErrands()
        errand = None
        if scenario.errand is not None:
            wanted = errand_of(scenario.errand, scenario.language, plan.opening.zone)
            errand = (wanted, self.errands)
        directory = PaperDirectory(scenario.people)
        groups = (
            CalendarTools(self.calendar, directory, plan).handlers,
            InboxTools(self.inbox).handlers,
            IdentityTools(directory).handlers,
            ReminderTools(self.calendar, plan, self.inbox).handlers,
            UnwantedTools(self.do_not_call).handlers,
        )
        toolbox = Toolbox(
            {
                name: _troubled(each, scenario.troubles.get(name))
                for handlers in groups
                for name, each in handlers.items()
            }
        )
        self.chat = Chat(
            terms=CallTerms(
                call_id="CA1",
                language=scenario.language,
                languages=texts.languages,
                begins=None if errand is None else FLOW,
            ),
            engine=texts.engine(toolbox.names),
            understander=_Broken() if scenario.understander else self.company.understander,
            script=texts.script,
            toolbox=toolbox,
            audit=self.audit,
            metrics=Metrics(),
            errand=errand,
        )


class _Broken:
    def understand(self, said: Said) -> tuple[Command, ...]:
        raise RuntimeError(f"{len(said.text)} characters are too much")


def _troubled(handler: Handler, trouble: Trouble | None) -> Handler:
    async def fail(call: AuthorisedCall) -> ToolAnswer:
        raise ConnectionError(call.request.tool)

    async def hang(call: AuthorisedCall) -> ToolAnswer:
        await asyncio.sleep(FOR_EVER)
        return await handler(call)

    async def babble(call: AuthorisedCall) -> ToolAnswer:
        row: Mapping[str, str] = {"start": "soon", "date": "{option}", "time": "99:99"}
        return ToolAnswer(call.request, "perhaps", {"date": "never"}, (row,) * 1000)

    troubled: dict[Trouble, Callable[[AuthorisedCall], Awaitable[ToolAnswer]]] = {
        Trouble.AWAY: fail,
        Trouble.SLOW: hang,
        Trouble.NONSENSE: babble,
    }
    return handler if trouble is None else troubled.get(trouble, handler)
