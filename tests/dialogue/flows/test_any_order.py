"""Whatever is said and whatever a tool answers, in any order: nothing is done unconfirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.dialogue.flows.caller import appointment, free
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
    Impossible,
    Repeat,
    SendPrivacyLink,
    Slower,
    StartFlow,
    SwitchLanguage,
    Thank,
    Topic,
    Wait,
)
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Confirm
from voice_agent.dialogue.flow_engine import DEPTH, Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.flow_value import accept
from voice_agent.dialogue.flow_wording import Wording
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import Act, Reply
from voice_agent.dialogue.slots.reading import Fault
from voice_agent.dialogue.tool import CATALOGUE, ToolAnswer, ToolRequest

ROOT = Path(__file__).parents[3]
PROMPTS = Prompts.load(ROOT / "prompts", about={"company": "Berger"})
FLOWS = load_flows(ROOT / "config" / "flows", PROMPTS)
ENGINE = Engine(
    PROMPTS,
    Knowledge.load(ROOT / "config" / "knowledge"),
    flows=Flows(FLOWS, PROMPTS, frozenset(CATALOGUE)),
)
WORDING = Wording(PROMPTS)

STARTS = ["2026-12-01T09:00", "2026-12-01T14:00", "2026-12-02T09:00"]
ROWS: list[Mapping[str, str]] = [
    *free(*STARTS),
    appointment("a1", "Inspektion", STARTS[0]),
    appointment("a2", "{phone} <b>Ölwechsel</b>", STARTS[2]),
    {"entry": "e1", "kind": "Auftrag", "reference": "A 1"},
    {"entry": "e2", "kind": "{secret} <i>Vertrag</i>", "reference": "V 2"},
    {"start": "x"},
    {},
]
VALUES = [
    *("2026-12-01", "2026-12-02", "2026-12-01/2026-12-04", "/", "09:00", "14:00", "08:00/12:00"),
    *("inspection", "oil change", "Fischer", "Fiedler", "0301234567", "+49309", "a1", *STARTS),
    *("request_callback", "none", "Mein Auto ist kaputt.", "", "{name}", "x" * 3000, "\x00\u202e"),
]
GOOD = {
    "date": "2026-12-01",
    "time": "09:00",
    "name": "Fischer",
    "phone": "0301234567",
    "text": "Mein Auto ist kaputt.",
    "secret": "48291357",
}
SECRETS = ["48291357", "1980-05-12"]
TOLD = {
    "date": "2026-12-01",
    "time": "09:00",
    "reference": "A 1",
    "kind": "Auftrag",
    "status": "{secret} offen",
}
SLOTS = [*sorted({name for flow in FLOWS.values() for name in flow.slots}), "text", "choice", ""]
OUTCOMES = [*sorted({end for tool in CATALOGUE.values() for end in tool.endings}), "away", "?"]

fills = st.builds(
    FillSlot,
    st.sampled_from(SLOTS),
    st.sampled_from(VALUES),
    st.lists(st.sampled_from(VALUES), max_size=2).map(tuple),
)
secrets = st.builds(
    FillSlot,
    st.just("secret"),
    st.sampled_from(SECRETS),
    st.lists(st.sampled_from(SECRETS), max_size=2).map(tuple),
)
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.sampled_from([Affirm(), Affirm(), Affirm(), Deny(), Cancel()]),
    st.builds(StartFlow, st.sampled_from([*FLOWS, "no_such_flow"])),
    fills,
    fills,
    secrets,
    st.builds(Impossible, st.sampled_from(SLOTS), st.sampled_from(Fault)),
    st.builds(Correct, st.sampled_from(SLOTS), st.sampled_from(VALUES)),
    st.sampled_from([Repeat(), Slower(), Wait(), Greet(), Thank(), SendPrivacyLink()]),
    st.sampled_from([AskKnowledge("opening_hours"), AskKnowledge(None), AskAgent(Topic.ROBOT)]),
    st.builds(SwitchLanguage, st.sampled_from(["de", "en", "tr"])),
)


class Talk(RuleBasedStateMachine):
    """A caller and tools that say anything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.conversation = Conversation()
        self.requests: list[ToolRequest] = []
        self.told: dict[str, Line] = {}  # the last line of each prompt that was heard

    # -- what happens --------------------------------------------------------------------------

    @rule(commands=st.lists(COMMANDS, max_size=4))
    def speaks(self, commands: list[Command]) -> None:
        self.follow(ENGINE.respond(self.conversation, commands), commands)

    @rule(flow=st.sampled_from(sorted(FLOWS)))
    def begins(self, flow: str) -> None:
        self.follow(ENGINE.respond(self.conversation, [StartFlow(flow)]), [])

    @rule()
    def says_yes(self) -> None:
        self.follow(ENGINE.respond(self.conversation, [Affirm()]), [Affirm()])

    @rule(fill=fills)
    def says_yes_but(self, fill: FillSlot) -> None:
        self.follow(ENGINE.respond(self.conversation, [Affirm(), fill]), [Affirm(), fill])

    @rule(
        flow=st.sampled_from(sorted(FLOWS)),
        steps=st.sampled_from([1, 2, 4, 12]),
        which=st.integers(0, 9),
        agrees=st.booleans(),
        outcome=st.sampled_from(["taken", ""]),
    )
    def goes_well_for_a_while(
        self, flow: str, steps: int, which: int, agrees: bool, outcome: str
    ) -> None:
        """The caller answers what is asked, up to the confirmation or beyond; tools answer."""
        for _ in range(steps):
            flows = self.conversation.flows
            asked = ENGINE.asked(self.conversation)
            if asked is not None and asked.slot == Question.CONFIRM and not agrees:
                break
            if flows and flows[-1].pending is not None:
                self.succeed(flows[-1].pending, outcome)
                outcome = ""
                continue
            command: Command = StartFlow(flow)
            if asked is not None and asked.options:
                command = FillSlot(asked.slot, asked.options[which % len(asked.options)])
            elif asked is not None and asked.kind in GOOD:
                command = FillSlot(asked.slot, GOOD[asked.kind])
            elif asked is not None and asked.slot == Question.CONFIRM:
                command = Affirm()
            self.follow(ENGINE.respond(self.conversation, [command]), [command])

    def succeed(self, request: ToolRequest, outcome: str) -> None:
        """Answer as wished if the tool can turn out so, else as it is meant to."""
        endings = CATALOGUE[request.tool].endings
        outcome = outcome if outcome in endings else next(iter(endings))
        ending = endings[outcome]
        rows = tuple(row for row in ROWS if ending.rows in row)
        answer = ToolAnswer(request, outcome, TOLD, rows)
        reply = ENGINE.answered(self.conversation, answer)
        assert reply is not None
        self.follow(reply, [])

    @rule()
    def says_nothing(self) -> None:
        self.follow(ENGINE.no_input(self.conversation), [])

    @rule()
    def leaves(self) -> None:
        self.follow(ENGINE.respond(self.conversation, [Goodbye()]), [Goodbye()])

    @rule()
    def is_interrupted(self) -> None:
        """The caller spoke before the question was heard."""
        self.conversation = Conversation(
            language=self.conversation.language,
            turns=self.conversation.turns,
            flows=self.conversation.flows,
            done=self.conversation.done,
            own=self.conversation.own,
        )
        self.told = {}

    @precondition(lambda self: bool(self.requests))
    @rule(
        data=st.data(),
        likely=st.booleans(),
        rows=st.lists(st.sampled_from(ROWS), max_size=8).map(tuple),
        value=st.sampled_from(VALUES),
    )
    def a_tool_answers(
        self, data: st.DataObject, likely: bool, rows: tuple[Mapping[str, str], ...], value: str
    ) -> None:
        request = data.draw(st.sampled_from(self.requests[-3:])) if not likely else None
        request = request or self.requests[-1]
        endings = CATALOGUE[request.tool].endings
        outcome = data.draw(st.sampled_from(sorted(endings) if likely else OUTCOMES))
        answer = ToolAnswer(request, outcome, {**TOLD, "holiday": value}, rows)
        waiting = any(state.pending == request for state in self.conversation.flows)
        reply = ENGINE.answered(self.conversation, answer)
        assert (reply is not None) is waiting
        if reply is not None:
            self.follow(reply, [])

    # -- what is true --------------------------------------------------------------------------

    def follow(self, reply: Reply, said: Iterable[Command]) -> None:
        """Check a reply against what the caller had been asked, and go on from it."""
        if isinstance(reply.then, Act):
            self.is_allowed(reply.then.request, tuple(said))
            personal = CATALOGUE[reply.then.request.tool].personal
            assert not personal or "identify" in reply.conversation.done
            self.requests.append(reply.then.request)
        else:
            assert reply.lines
        # Whatever was given and told, none of it is mistaken for somebody else's.
        assert ENGINE.cleared(reply.conversation, reply.lines) == reply.lines
        for line in reply.lines:
            assert "{" not in line.text
            assert "<" not in line.text
            assert line.text.isprintable()
            assert not any(secret in line.text for secret in SECRETS)
            self.told[line.key] = line
        if reply.asks is not None:
            assert reply.asks in reply.lines
        elif reply.conversation.question is not None:
            assert reply.conversation.question == self.conversation.question
        self.conversation = reply.conversation

    def is_allowed(self, request: ToolRequest, said: tuple[Command, ...]) -> None:
        tool = CATALOGUE[request.tool]
        assert tool.required <= request.arguments.keys() <= tool.required | tool.optional
        if not tool.changes or tool.at_once:
            return
        # The caller was asked about exactly these values just now, heard it, and said yes.
        assert self.conversation.question == Question.CONFIRM
        assert Affirm() in said
        assert Deny() not in said
        state = self.conversation.flows[-1]
        step = FLOWS[state.flow].steps[state.step]
        assert isinstance(step, Confirm)
        asked = {name: state.slots[name] for name in step.slots if name in state.slots}
        # What has no arguments hangs on the yes alone.
        assert not request.arguments or request.arguments == asked
        self.is_no_correction(request, said)
        summary = self.told[step.tell or step.ask]
        for name, value in request.arguments.items():
            slot = FLOWS[state.flow].slots[name]
            assert WORDING.value(slot, value, state, summary.language) in summary.text
        assert request not in self.requests

    def is_no_correction(self, request: ToolRequest, said: tuple[Command, ...]) -> None:
        """Nothing that was said beside the yes gives another value."""
        for command in said:
            if not isinstance(command, FillSlot) or command.name not in request.arguments:
                continue
            slot = FLOWS[request.flow].slots[command.name]
            if not slot.rows:
                there = request.arguments[command.name]
                assert accept(slot, command.value) in {None, there}

    @invariant()
    def the_stack_is_bounded(self) -> None:
        flows = self.conversation.flows
        asked_for = [state for state in flows if FLOWS[state.flow].is_asked_for]
        assert len(asked_for) <= DEPTH
        assert len({state.flow for state in flows}) == len(flows)
        assert all(state.pending is None for state in flows[:-1])

    @invariant()
    def a_secret_is_nowhere_once_it_was_tried(self) -> None:
        """While it is asked for and compared, it is in that flow's slots, and nowhere else."""
        kept = [
            *(self.conversation.last, self.conversation.done, self.conversation.question),
            *(
                (state.confirmed, state.doubts, state.put, state.results)
                for state in self.conversation.flows
                if state.pending is None and "secret" not in state.slots
            ),
        ]
        assert not any(secret in said(kept) for secret in SECRETS)

    @invariant()
    def a_question_belongs_to_what_is_open(self) -> None:
        asked = ENGINE.asked(self.conversation)
        if asked is not None:
            assert len(asked.options) <= 5
            assert asked.slot == self.conversation.question


def said(value: object) -> str:
    """Everything in it, whatever its own ``repr`` hides."""
    if is_dataclass(value):
        return " ".join(said(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, Mapping):
        return " ".join(said(each) for each in (*value.keys(), *value.values()))
    if isinstance(value, list | tuple | frozenset):
        return " ".join(said(each) for each in value)
    return str(value)


TestTalk = Talk.TestCase
TestTalk.settings = settings(max_examples=400, stateful_step_count=40, deadline=None)


@given(st.lists(st.lists(COMMANDS, max_size=4), max_size=10))
def test_without_tools_nothing_is_begun(turns: list[list[Command]]) -> None:
    """As if there were no flows at all."""
    knowledge = Knowledge.load(ROOT / "config" / "knowledge")
    without = Engine(PROMPTS, knowledge, flows=Flows(FLOWS, PROMPTS))
    never = Engine(PROMPTS, knowledge)
    conversation = Conversation()
    for commands in turns:
        reply = without.respond(conversation, commands)
        assert reply == never.respond(conversation, commands)
        assert reply.conversation.flows == ()
        conversation = reply.conversation
