"""Flows, permissions and the directory in our own database, joined as a call joins them (C23)."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest
import structlog

from tests.dialogue.flows.caller import Caller
from tests.runtime.paper import PaperAudit
from tests.storage.household import NAME, NUMBER, OTHER_NUMBER, Household
from voice_agent.call.events import Event, ToolAnswered
from voice_agent.dialogue.commands import Affirm, FillSlot, StartFlow
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import Act, HandOver
from voice_agent.dialogue.tool import CATALOGUE, ToolAnswer, ToolRequest
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.tasks import CallTasks
from voice_agent.runtime.tool_work import ToolWork
from voice_agent.storage.database import Database
from voice_agent.tools.customer_file import Customer
from voice_agent.tools.directory import Entry, Pin, Record
from voice_agent.tools.identity_tools import IdentityTools
from voice_agent.tools.toolbox import Toolbox

pytestmark = pytest.mark.integration  # a real database on a real disk

ROOT = Path(__file__).parents[2]
PIN = Pin("482913")
STATUS = StartFlow("order_status")


def order(reference: str) -> Entry:
    return Entry(
        id=reference.replace(" ", "-"),
        kind="Auftrag",
        reference=reference,
        status="fertig",
        day=date(2026, 11, 20),
    )


class Talk:
    """One call: what the caller says goes to the engine, what flows ask for to the tools."""

    def __init__(self, household: Household, engine: Engine) -> None:
        self.caller = Caller(engine)
        self.posted: asyncio.Queue[Event] = asyncio.Queue()
        self.audit = PaperAudit()
        self.faults: list[BaseException] = []
        self.tasks = CallTasks(self.faults.append)
        self.work = ToolWork(
            toolbox=Toolbox(IdentityTools(household.directory).handlers),
            audit=self.audit,
            metrics=Metrics(),
            call_id="CA1",
            number=NUMBER,  # it proves nothing
            tasks=self.tasks,
            post=self.posted.put_nowait,
        )
        self.work.open()

    async def say(self, *commands: StartFlow | FillSlot | Affirm) -> Talk:
        """Say something, and have done whatever follows from it."""
        self.caller.say(*commands)
        while isinstance(self.caller.reply.then, Act):
            answer = await self.use(self.caller.request)
            reply = self.caller.engine.answered(self.caller.conversation, answer)
            assert reply is not None
            self.caller.reply = reply
        assert self.faults == []
        return self

    async def use(self, request: ToolRequest) -> ToolAnswer:
        self.work.use(request)
        posted = await self.posted.get()
        assert isinstance(posted, ToolAnswered)
        return posted.answer


@pytest.fixture
def household(database: Database) -> Household:
    return Household(database)


@pytest.fixture
async def talk(household: Household) -> Talk:
    directory = household.directory
    mine = Record(NAME, (order("A 4711"),))
    await directory.put(Customer(id="K-1", phone=NUMBER, record=mine, pin=PIN))
    theirs = Record("Bert", (order("B 9999"),))
    await directory.put(Customer(id="K-2", phone=OTHER_NUMBER, record=theirs, pin=Pin("730156")))
    prompts = Prompts.load(ROOT / "prompts", about={"company": "Berger"})
    flows = Flows(load_flows(ROOT / "config" / "flows", prompts), prompts, frozenset(CATALOGUE))
    return Talk(
        household, Engine(prompts, Knowledge.load(ROOT / "config" / "knowledge"), flows=flows)
    )


def fill(number: str, secret: str) -> tuple[FillSlot, FillSlot]:
    return FillSlot("phone", number), FillSlot("secret", secret)


async def test_c23_after_the_proof_and_not_before_the_persons_own_order_is_told(
    talk: Talk,
) -> None:
    phone, pin = fill(NUMBER, PIN.digits)
    heard = [(await talk.say(said)).caller.text for said in (STATUS, phone)]
    assert not any("4711" in text for text in heard)
    await talk.say(pin)
    assert "Auftrag A 4711" in talk.caller.text
    await talk.say(Affirm())
    assert "Auftrag A 4711 vom Freitag, 20. November: fertig." in talk.caller.text


async def test_c23_a_wrong_pin_leads_to_a_person_and_tells_nothing(talk: Talk) -> None:
    await talk.say(STATUS)
    texts = []
    for _ in range(2):
        phone, pin = fill(NUMBER, "730156")  # another's
        await talk.say(phone)
        await talk.say(pin)
        texts.append(talk.caller.text)
    assert isinstance(talk.caller.reply.then, HandOver)
    assert not any(word in text for text in texts for word in ("4711", "9999", NAME))


async def test_c23_a_call_that_was_not_verified_may_use_no_personal_tool(talk: Talk) -> None:
    """Whatever a flow asks for, and although the call comes from the person's number."""
    for tool in ("record.entries", "record.entry"):
        arguments = dict.fromkeys(CATALOGUE[tool].required, "A-4711")
        answer = await talk.use(ToolRequest(tool, arguments, "de", "order_status", 1, 1))
        assert (answer.outcome, answer.values, answer.rows) == ("denied", {}, ())
    assert [outcome for _, _, outcome, _ in talk.audit.notes] == ["not_identified"] * 2


async def test_c23_who_was_verified_gets_at_nothing_of_anybody_else(talk: Talk) -> None:
    phone, pin = fill(NUMBER, PIN.digits)
    for said in (STATUS, phone, pin):
        await talk.say(said)
    asked = ToolRequest("record.entry", {"entry": "B-9999"}, "de", "order_status", 1, 9)
    assert (await talk.use(asked)).outcome in {"not_yours", "denied"}


async def test_c18_the_pin_and_the_number_are_in_no_log(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    phone, pin = fill(NUMBER, "999999")
    with structlog.testing.capture_logs() as logs, caplog.at_level("DEBUG"):
        for said in (STATUS, phone, pin):
            await talk.say(said)
    written = f"{logs} {caplog.text} {talk.audit.notes}"
    assert "identity.verify" in written
    for personal in ("999999", NUMBER, PIN.digits, "K-1"):
        assert personal not in written
