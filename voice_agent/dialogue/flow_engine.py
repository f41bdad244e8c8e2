"""Runs flows: what has been said goes in, what is asked, said and requested comes out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from voice_agent.dialogue.commands import AskKnowledge, Cancel, Command, Deny, Impossible, StartFlow
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.flow import (
    Flow,
    Kind,
    Slot,
)
from voice_agent.dialogue.flow_answer import read_answer
from voice_agent.dialogue.flow_moves import Moves
from voice_agent.dialogue.flow_outcome import Asked, Outcome, Turn
from voice_agent.dialogue.flow_proposals import about_values, proposals
from voice_agent.dialogue.flow_read_back import read_back
from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.flow_walk import Walker
from voice_agent.dialogue.flow_wording import KEYS_AFTER, NUMBERED, Wording
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import HandoverReason
from voice_agent.dialogue.slots.reading import Fault
from voice_agent.dialogue.tool import CATALOGUE, ToolAnswer
from voice_agent.dialogue.typed_value import TYPED_KINDS, read_typed
from voice_agent.dialogue.understanding.unwanted import PERHAPS, STOP, speaks_of_calls

DEPTH: Final = 4
"""Flows that can have begun and not be over; nobody keeps track of more. What comes before one of
them is not counted."""

IDENTIFIES: Final = "identity.verify"
"""The tool of flows that find out who somebody is."""

ATTEMPTS: Final = 3
"""Times a question is put; then a person takes over."""

KEYS: Final[frozenset[str]] = frozenset(
    {
        "flow_pardon",
        "flow_yes_or_no",
        "flow_which",
        "flow_what_wrong",
        "flow_cancelled",
        "flow_resume",
        "flow_away",
        "flow_unsure",
        "flow_bad_number",
        "flow_denied",
        "flow_impossible",
        "flow_past",
        "flow_not_a_number",
        "flow_type",
        "flow_press",
        "flow_press_one",
        "flow_heard",
    }
)
"""Prompts that are said in any flow."""

_FAULTS: Final[dict[Fault, str]] = {
    Fault.IMPOSSIBLE: "flow_impossible",
    Fault.PAST: "flow_past",
}


class Flows:
    """The flows of a company, shared by all calls.

    Args:
        flows: by name.
        prompts: what can be said.
        tools: the tools that can be run; a flow that cannot do without another is not offered.

    Raises:
        ConfigurationError: at construction, when a prompt is missing.
    """

    def __init__(
        self, flows: Mapping[str, Flow], prompts: Prompts, tools: frozenset[str] = frozenset()
    ) -> None:
        if flows:
            prompts.require(sorted(KEYS))
        self._flows = {
            name: flow
            for name, flow in flows.items()
            if flow.tools.union(*(flows[first].tools for first in flow.before)) <= tools
        }
        self._wording = Wording(prompts)
        self._walker = Walker(self._flows, self._wording, tools)
        self._proofs = frozenset(
            name
            for name, flow in self._flows.items()
            if IDENTIFIES in flow.tools and not flow.is_asked_for
        )

    def offers(self, name: str) -> bool:
        """True if callers can ask for such a flow and all its tools can be run."""
        return name in self._flows and self._flows[name].is_asked_for

    def begins(self, stack: tuple[FlowState, ...], name: str) -> bool:
        """True if asking for it leads somewhere: to the flow, or to a step of the one on top."""
        return self.offers(name) or (bool(stack) and name in self._flows[stack[-1].flow].instead)

    def begin(self, name: str, turn: Turn) -> Outcome | None:
        """Begin a flow that nobody asked for, with somebody who proved who they are before.

        Returns:
            What follows, or ``None`` if there is no such flow, or a tool of it is missing.
        """
        if name not in self._flows:
            return None
        turn = replace(turn, done=turn.done | self._proofs)
        return self._walker.walk((self._walker.begun(name, (), turn),), [], turn)

    @property
    def slots(self) -> Iterator[Slot]:
        """The slots of every flow."""
        return (slot for flow in self._flows.values() for slot in flow.slots.values())

    def expects_secret(self, stack: tuple[FlowState, ...]) -> bool:
        """True while a flow that has begun has not been given a secret it wants."""
        return any(
            slot.kind is Kind.SECRET and slot.name not in state.slots
            for state in stack
            for slot in self._flows[state.flow].slots.values()
        )

    def asked(self, stack: tuple[FlowState, ...], question: str, language: str) -> Asked:
        """What an open question wants."""
        slots = self._flows[stack[-1].flow].slots if stack else {}
        if question not in slots:
            return Asked(question, None if question == Question.CHANGE else "yes_no")
        state, flow, slot = stack[-1], self._flows[stack[-1].flow], slots[question]
        options = self._walker.options(flow, state, question, language)
        numbered = state.attempts >= KEYS_AFTER and len(options) in NUMBERED
        return Asked(
            question,
            slot.kind.value,
            tuple(options),
            numbered,
            slot.kind in TYPED_KINDS and not numbered,
            slot.most if slot.kind is Kind.DIGITS else None,
        )

    def keyed(
        self, stack: tuple[FlowState, ...], asked: Asked, keys: str, turn: Turn, country: str
    ) -> str | None:
        """The value that came by keys for what was asked, or ``None`` if it is none."""
        slot = self._flows[stack[-1].flow].slots.get(asked.slot) if stack else None
        if slot is None:
            return None
        if asked.numbered:
            return asked.options[int(keys) - 1]
        return read_typed(slot, keys, turn.language, country)

    def proposals(
        self, stack: tuple[FlowState, ...], commands: tuple[Command, ...], text: str, turn: Turn
    ) -> tuple[Command, ...]:
        """The commands that count in the flow under way or begun; see ``Engine.proposals``."""
        if StartFlow(STOP) in commands and self.begins(stack, STOP):
            return (StartFlow(STOP),)  # it is no message for anybody, and nothing else counts
        unclear = {AskKnowledge(None), Cancel(), Deny()}.issuperset(commands)
        asks = turn.outbound and unclear and self.offers(PERHAPS)
        if asks and speaks_of_calls(text, turn.language):
            return (StartFlow(PERHAPS),)
        if stack and turn.question in {Question.CONFIRM, Question.CHANGE}:
            flow = self._flows[stack[-1].flow]
            about = read_back(flow, stack[-1], self._wording, turn.language)
            commands = about_values(commands, text, turn.language, about, outbound=turn.outbound)
        begun = [c.name for c in commands if isinstance(c, StartFlow) and self.offers(c.name)]
        asked = stack[-1].flow if stack else None
        waits = asked is not None and turn.question in self._flows[asked].slots
        name = asked if waits or not begun else begun[0]
        if name is None:
            return commands
        return proposals(self._flows[name], turn.question if waits else None, commands, text)

    def advance(
        self, stack: tuple[FlowState, ...], commands: tuple[Command, ...], turn: Turn
    ) -> Outcome | None:
        """Go on with what the caller said; the last flow of the stack is what it is about.

        Args:
            stack: the flows.
            commands: what was said.
            turn: the turn.

        Returns:
            What follows, or ``None`` if nothing that was said means anything here.
        """
        lines: list[Line] = []
        cancelled = bool(stack) and _cancels(stack[-1], commands)
        if cancelled:
            lines.append(self._wording.line("flow_cancelled", turn.language))
            stack = self._walker.without_top(stack)
        if (redirected := self._instead(stack, commands)) is not None:
            return self._walker.walk(redirected, lines, turn)
        begun = self._begin(stack, commands, turn)
        fresh = len(begun) > len(stack)
        if not begun or (cancelled and not fresh):
            return self._walker.walk(self._walker.resumed(begun, lines, turn), lines, turn)
        top = begun[-1]
        fault = self._fault(top, commands)
        if _is_changing(top):
            return Outcome(begun)  # it is being done: what is said now comes too late
        if not stack or top != stack[-1]:
            turn = replace(turn, question=None)  # the open question was another flow's
        moves = Moves(self._flows[top.flow], self._wording, turn.language, turn.question)
        after = moves.apply(top, commands)
        if after is not None and after.attempts >= ATTEMPTS:  # what was understood was wrong again
            return Outcome((*begun[:-1], after), handover=HandoverReason.NOT_UNDERSTOOD)
        if after is None and not fresh:
            return None if fault is None else self.missed(begun, turn, fault)
        if fault is not None:
            lines.append(self._wording.line(fault, turn.language))
        return self._walker.walk((*begun[:-1], after or top), lines, turn)

    def remind(self, stack: tuple[FlowState, ...], turn: Turn) -> Outcome:
        """Put the open question again, after something else was talked about."""
        return self._walker.walk(stack, [], turn)

    def missed(
        self, stack: tuple[FlowState, ...], turn: Turn, lead: str = "flow_pardon"
    ) -> Outcome:
        """The open question was not answered: put it in other words, at last hand over.

        Args:
            stack: the flows.
            turn: the turn.
            lead: the prompt that is said before the question.
        """
        top = replace(stack[-1], attempts=stack[-1].attempts + 1)
        stack = (*stack[:-1], top)
        if top.pending is not None:
            return Outcome(stack)
        if top.attempts >= ATTEMPTS:
            return Outcome(stack, handover=HandoverReason.NOT_UNDERSTOOD)
        line = self._wording.line(lead, turn.language, variant=top.attempts - 1)
        return self._walker.walk(stack, [line], turn)

    def answered(
        self, stack: tuple[FlowState, ...], answer: ToolAnswer, turn: Turn
    ) -> Outcome | None:
        """Go on with what a tool answered; ``None`` if nobody waits for it any more."""
        if not stack or stack[-1].pending is None or stack[-1].pending != answer.request:
            return None
        top = stack[-1]
        result = read_answer(top.step, answer)
        top = replace(top, results=(*top.results, result), pending=None)
        return self._walker.walk((*stack[:-1], top), [], turn)

    def _fault(self, top: FlowState, commands: tuple[Command, ...]) -> str | None:
        """The prompt that says why a value cannot be, if one was given that is needed."""
        slots = self._flows[top.flow].slots.values()
        needed = {slot.name for slot in slots} | {slot.kind.value for slot in slots}
        faults = (c.fault for c in commands if isinstance(c, Impossible) and c.slot in needed)
        fault = next(faults, None)
        return None if fault is None else _FAULTS[fault]

    def _instead(
        self, stack: tuple[FlowState, ...], commands: tuple[Command, ...]
    ) -> tuple[FlowState, ...] | None:
        """With the flow on top at the step that it has for what was asked for, or ``None``."""
        if not stack or stack[-1].pending is not None:
            return None
        instead = self._flows[stack[-1].flow].instead
        names = (c.name for c in commands if isinstance(c, StartFlow) and c.name in instead)
        name = next(names, None)
        return None if name is None else (*stack[:-1], stack[-1].at(instead[name]))

    # -- beginning and ending ------------------------------------------------------------------

    def _begin(
        self, stack: tuple[FlowState, ...], commands: tuple[Command, ...], turn: Turn
    ) -> tuple[FlowState, ...]:
        """With the flows begun that the caller asked for; the first of them comes first."""
        waits = bool(stack) and stack[-1].pending is not None
        wanted = [c.name for c in commands if isinstance(c, StartFlow) and self.offers(c.name)]
        new: list[FlowState] = []
        for name in dict.fromkeys(wanted):
            if len(stack) + len(new) < DEPTH and name not in {state.flow for state in stack}:
                new.append(self._walker.begun(name, stack, turn))
        new.reverse()
        if waits:  # a tool is at work for the flow on top: that one comes first
            return (*stack[:-1], *new, stack[-1])
        return (*stack, *new)


def _cancels(state: FlowState, commands: tuple[Command, ...]) -> bool:
    if _is_changing(state):
        return False
    # "What is wrong?" "No." Nothing of it is wanted.
    return Cancel() in commands or (state.wrong and commands == (Deny(),))


def _is_changing(state: FlowState) -> bool:
    """True while something is being changed for the caller, which cannot be called back."""
    return state.pending is not None and CATALOGUE[state.pending.tool].changes
