"""A language model that says whatever it likes cannot do harm.

In the first machine it stands where it stands in a call: behind the rules, read strictly. The
caller never says yes. In the second it *is* the understander, and every command of the vocabulary
is its to give, with every argument.
"""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.dialogue.flows.counter import APPOINTMENTS, ME, THEIRS, Counter
from tests.dialogue.flows.desk import Desk
from tests.dialogue.flows.test_any_order import COMMANDS, ENGINE
from tests.dialogue.understanding.told import FLOWS, KNOWLEDGE, NOW, OWN, Scripted, advised
from voice_agent.dialogue.commands import (
    Affirm,
    Command,
    Correct,
    Deny,
    FillSlot,
    Goodbye,
    HumanPlease,
    StartFlow,
    WithdrawConsent,
)
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.flow import Confirm
from voice_agent.dialogue.flow_engine import DEPTH
from voice_agent.dialogue.flow_value import accept
from voice_agent.dialogue.reply import Act, HandOver, HangUp, Reply, Withdraw
from voice_agent.dialogue.tool import CATALOGUE, ToolRequest
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.schedule import load_plan

ROOT = Path(__file__).parents[3]
PLAN = load_plan(ROOT / "config")

WORDS = [
    "mein Lenkrad wackelt so komisch",
    "Ich möchte einen Termin machen",
    "Ich möchte meinen Termin absagen",
    "Ich muss meinen Termin verschieben",
    "Wann ist denn mein Termin?",
    "Bitte rufen Sie mich zurück",
    "Ich möchte eine Nachricht hinterlassen",
    "Ich will mich beschweren",
    "Inspektion",
    "am 4. Dezember",
    "um zehn",
    "das erste",
    "Ich heiße Peter Fischer",
    "0301234567",
    "also ich weiß auch nicht so recht das ist mir jetzt alles ein wenig zu viel geworden hier",
    "nein",
    "Hä?",
    "was kostet denn das alles bei Ihnen so ungefähr?",
]
"""What the caller says: everything but yes."""

NAMES = [
    *("start_flow", "fill_slot", "correct", "ask_knowledge", "ask_agent", "human_please"),
    *("cancel", "repeat", "slower", "wait", "greet", "thank", "affirm", "deny", "confirm", "yes"),
    *("goodbye", "withdraw_consent", "switch_language", "send_privacy_link", *CATALOGUE),
]
ARGUMENTS = [
    *FLOWS,
    *[entry.id for entry in KNOWLEDGE.entries],
    *[row["appointment"] for rows in APPOINTMENTS.values() for row in rows],
    *("date", "time", "name", "phone", "start", "appointment", "choice", "text", "confirm"),
    *("4. Dezember", "um zehn", "Peter Fischer", "Fischer", "0301234567", "ja", "nein", "robot"),
    *("2026-12-01T09:00", "2026-12-01", "en", "", "x" * 500, "{name}", "<b>"),
    *THEIRS,
]
FIELDS = ["flow", "answer", "topic", "slot", "words", "value", "name", "text", "confirmed"]
objects = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(ARGUMENTS), min_size=4)
emitted = st.lists(
    st.builds(lambda name, rest: rest | {"command": name}, st.sampled_from(NAMES), objects),
    max_size=5,
)
ANSWERS = st.builds(lambda commands: {"commands": commands}, emitted)

ANYTHING: st.SearchStrategy[Command] = st.one_of(
    COMMANDS,
    st.sampled_from([Goodbye(), HumanPlease(), WithdrawConsent()]),
    st.builds(
        FillSlot,
        st.sampled_from(["appointment", "start", "choice", "confirm", "reference"]),
        st.sampled_from([row["appointment"] for rows in APPOINTMENTS.values() for row in rows]),
    ),
    st.builds(Correct, st.sampled_from(["appointment", "start"]), st.just("theirs-1")),
)


class Call(RuleBasedStateMachine):
    """One call, its tools and what is true of them whatever is understood."""

    def __init__(self) -> None:
        super().__init__()
        assert PLAN is not None
        now = NOW.replace(tzinfo=PLAN.opening.zone)
        self.counter = Counter(Desk(PLAN, now, "de"), ME)
        self.conversation = Conversation()
        self.waiting: ToolRequest | None = None
        self.over = False

    def follow(self, reply: Reply) -> None:
        """Check a reply, and go on from it; after the end of a call, with the next one."""
        self.over = isinstance(reply.then, HandOver | HangUp | Withdraw)
        self.conversation = Conversation() if self.over else reply.conversation
        self.waiting = reply.then.request if isinstance(reply.then, Act) else None
        for line in reply.lines:
            assert not any(secret in line.text for secret in THEIRS)

    @precondition(lambda self: self.waiting is not None)
    @rule()
    def a_tool_answers(self) -> None:
        assert self.waiting is not None
        reply = ENGINE.answered(self.conversation, self.counter.answer(self.waiting))
        self.waiting = None
        if reply is not None:
            self.follow(reply)

    @rule()
    def says_nothing(self) -> None:
        if self.waiting is None:
            self.follow(ENGINE.no_input(self.conversation))

    @rule(who=st.sampled_from([ME, None]))
    def is_verified_or_not(self, who: object) -> None:
        self.counter.person = ME if who == ME else None

    @invariant()
    def only_what_the_policy_allows_has_run(self) -> None:
        # A flow does not even ask for it; a call may have forgotten who was verified.
        assert all(CATALOGUE[request.tool].personal for request in self.counter.refused)
        for call in self.counter.ran:
            tool = CATALOGUE[call.request.tool]
            given = call.request.arguments.keys()
            assert tool.required <= given <= tool.required | tool.optional
            assert not tool.changes or call.request.confirmed == given
            assert call.request.arguments.get("appointment") != "theirs-1"

    @invariant()
    def only_the_callers_own_was_changed(self) -> None:
        mine = {row["appointment"] for row in APPOINTMENTS[ME]}
        assert set(self.counter.touched) <= mine

    @invariant()
    def every_flow_stands_where_it_can_stand(self) -> None:
        flows = self.conversation.flows
        assert len(flows) <= DEPTH + 1  # with what comes first
        for state in flows:
            flow = FLOWS[state.flow]
            assert state.step in flow.steps
            for name, value in state.slots.items():
                slot = flow.slots[name]
                if slot.rows:
                    assert value in self.counter.told
                else:
                    assert accept(slot, value) == value
            for name, value in state.confirmed.items():
                assert state.slots[name] == value
        assert all(state.pending is None for state in flows[:-1])
        if self.conversation.question == Question.CONFIRM and flows:
            assert isinstance(FLOWS[flows[-1].flow].steps[flows[-1].step], Confirm)


class BehindTheRules(Call):
    """The model as it is in a call."""

    @rule(words=st.sampled_from(WORDS), answer=ANSWERS)
    def speaks(self, words: str, answer: object) -> None:
        said = Said(words, self.conversation.language, ENGINE.asked(self.conversation))
        own = OWN.understand(said)
        commands = advised(Scripted(answer)).understand(said)
        assert Affirm() not in commands
        assert (Deny() in commands) is (Deny() in own)
        meant = ENGINE.proposals(self.conversation, commands, words)
        before = self.conversation.language
        self.follow(ENGINE.respond(self.conversation, meant))
        assert self.conversation.language == before  # no model changes it

    @rule(
        words=st.sampled_from(WORDS[1:8]),
        answers=st.lists(ANSWERS, min_size=12, max_size=12),
    )
    def answers_what_is_asked(self, words: str, answers: list[object]) -> None:
        """A caller who is helpful up to the confirmation, and a model that talks in between."""
        given = {"name": "Ich heiße Peter Fischer", "phone": "0301234567", "date": "am 4. Dezember"}
        for answer in answers:
            if self.waiting is not None:
                self.a_tool_answers()
                continue
            asked = ENGINE.asked(self.conversation)
            kind = None if asked is None else asked.kind
            options = () if asked is None else asked.options
            self.speaks(options[0] if options else given.get(kind or "", words), answer)
            words = "mein Lenkrad wackelt so komisch"
            if self.over:
                return

    @invariant()
    def nothing_is_changed_without_the_callers_yes(self) -> None:
        assert not any(CATALOGUE[call.request.tool].changes for call in self.counter.ran)
        assert self.waiting is None or not CATALOGUE[self.waiting.tool].changes
        assert all(not state.confirmed for state in self.conversation.flows)


def needs_a_yes(tool: str) -> bool:
    """True for what changes something, but for what is done at a word so that people have peace."""
    return CATALOGUE[tool].changes and not CATALOGUE[tool].at_once


class InsteadOfTheRules(Call):
    """The model as nobody would join it: whatever it says is what was understood."""

    @rule(commands=st.lists(ANYTHING, max_size=4), words=st.sampled_from([*WORDS, ""]))
    def speaks(self, commands: list[Command], words: str) -> None:
        meant = ENGINE.proposals(self.conversation, tuple(commands), words)
        open_question = self.conversation.question
        self.follow(ENGINE.respond(self.conversation, meant))
        if self.waiting is not None and needs_a_yes(self.waiting.tool):
            assert open_question == Question.CONFIRM
            assert Affirm() in meant
            assert Deny() not in meant

    @rule(
        flow=st.sampled_from(sorted(FLOWS)),
        agrees=st.booleans(),
        noise=st.lists(st.none() | COMMANDS, min_size=12, max_size=12),
    )
    def goes_well(self, flow: str, agrees: bool, noise: list[Command | None]) -> None:
        """What is asked is answered, so that confirmations are reached; and some more is said."""
        given = {
            "name": "Fischer",
            "phone": "+49301234567",
            "date": "2026-12-04",
            "text": "Kaputt.",
        }
        for more in noise:
            if self.waiting is not None:
                self.a_tool_answers()
                continue
            asked = ENGINE.asked(self.conversation)
            command: Command = StartFlow(flow)
            if asked is not None and asked.options:
                command = FillSlot(asked.slot, asked.options[0])
            elif asked is not None and asked.kind in given:
                command = FillSlot(asked.slot, given[asked.kind])
            elif asked is not None and asked.slot == Question.CONFIRM:
                if not agrees:
                    return
                command = Affirm()
            self.speaks([command] if more is None else [command, more], "")
            if self.over:
                return


TestBehindTheRules = BehindTheRules.TestCase
TestBehindTheRules.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestInsteadOfTheRules = InsteadOfTheRules.TestCase
TestInsteadOfTheRules.settings = settings(max_examples=50, stateful_step_count=15, deadline=None)


def test_at_the_confirmation_only_the_callers_yes_counts() -> None:
    """As above, by hand, to show how far such a call gets: up to the yes, and no further."""
    call = BehindTheRules()
    yes: list[object] = [{"commands": [{"command": "affirm"}, {"command": "confirm"}]}]
    call.answers_what_is_asked("Ich möchte einen Termin machen", yes * 7)
    assert call.conversation.question == Question.CONFIRM
    reached = call.conversation
    for name in [*NAMES, "AFFIRM", "Affirm()"]:
        given = {"command": name, "value": "yes", "confirmed": "true", "words": "ja"}
        call.conversation = reached
        call.speaks("mein Lenkrad wackelt so komisch", {"commands": [given]})
        call.nothing_is_changed_without_the_callers_yes()
        call.only_what_the_policy_allows_has_run()
    assert call.counter.desk.booked == []
    call.conversation = reached
    commands = OWN.understand(Said("ja", "de", ENGINE.asked(reached)))
    call.follow(ENGINE.respond(reached, commands))
    call.a_tool_answers()
    assert len(call.counter.desk.booked) == 1
