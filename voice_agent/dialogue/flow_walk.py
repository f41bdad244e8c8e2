"""Walks a flow step by step until it has to wait: for the caller, or for a tool.

What is filled is not asked for and what was answered is not asked again, so a flow that is walked
once more from its beginning after a correction ends at the first thing to be settled anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.flow import (
    END,
    Act,
    Begin,
    Branch,
    Choose,
    Collect,
    Confirm,
    Farewell,
    First,
    Flow,
    Kind,
    Say,
    Take,
    ToHuman,
    Write,
)
from voice_agent.dialogue.flow_moves import confirmable
from voice_agent.dialogue.flow_outcome import Outcome, Turn
from voice_agent.dialogue.flow_rows import certain, is_offered, offered, untaken
from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.flow_value import either
from voice_agent.dialogue.flow_wording import KEYS_AFTER, NUMBERED, Wording
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.reply import HandoverReason
from voice_agent.dialogue.tool import BAD_NUMBER, CATALOGUE, DENIED, SHAPES, ToolRequest
from voice_agent.dialogue.typed_value import TYPED_KINDS

MOST_STEPS: Final = 200
"""Steps without a question; a flow that takes more goes round in circles."""

_CALLERS_OWN: Final = frozenset({Kind.NAME, Kind.PHONE, Kind.EMAIL, Kind.PLATE})
"""Kinds that are the same in whatever the caller wants done."""

_GIVEN_UP: Final = {BAD_NUMBER: "flow_bad_number", DENIED: "flow_denied"}
"""What is said when a flow does not say what follows."""


class Walker:
    """Walks the flows.

    Args:
        flows: by name.
        wording: makes the lines.
        tools: the tools that can be run.
    """

    def __init__(
        self, flows: Mapping[str, Flow], wording: Wording, tools: frozenset[str] = frozenset()
    ) -> None:
        self._flows = flows
        self._wording = wording
        self._tools = tools

    def walk(self, stack: tuple[FlowState, ...], lines: list[Line], turn: Turn) -> Outcome:
        """Go on until a caller or a tool has to be waited for.

        Args:
            stack: the flows; the last one goes on.
            lines: what is said before; what the steps say is added to it.
            turn: the turn.
        """
        for _ in range(MOST_STEPS):
            if not stack or stack[-1].pending is not None:
                return Outcome(stack, tuple(lines), done=turn.done)
            below, state = stack[:-1], stack[-1]
            if state.step == END:
                if not self._flows[state.flow].is_asked_for:
                    turn = replace(turn, done=turn.done | {state.flow})
                stack = self.resumed(below, lines, turn, ended=state.flow)
                continue
            if (first := self._first(state)) is not None and first.flow not in turn.done:
                stack = self._preceded(stack, first.flow, turn)
                continue
            if isinstance(begin := self._flows[state.flow].steps[state.step], Begin):
                stack = (*below, state.at(begin.go), self.begun(begin.flow, stack, turn))
                continue
            stop = self._step(below, state, lines, turn)
            if isinstance(stop, Outcome):
                return replace(stop, done=turn.done)
            stack = (*below, stop)
        return self.give_up(stack, lines, turn, "flow_away")

    def begun(self, name: str, stack: tuple[FlowState, ...], turn: Turn) -> FlowState:
        """A flow at its beginning, with what others know of the caller already.

        Where the rows of the flow on top are talked about, it is about that row.
        """
        flow = self._flows[name]
        known = {
            slot: state.slots[slot]
            for state in stack
            for slot, there in self._flows[state.flow].slots.items()
            if slot in state.slots
            and slot in flow.slots
            and there.kind == flow.slots[slot].kind
            and there.kind in _CALLERS_OWN
        }
        if stack:
            top = stack[-1]
            taken = self._flows[top.flow].takes & flow.slots.keys() & top.slots.keys()
            known |= {slot: top.slots[slot] for slot in taken}
        return FlowState(name, turn.number, flow.first, known)

    def without_top(self, stack: tuple[FlowState, ...]) -> tuple[FlowState, ...]:
        """Without the flow on top, and the one it was gone through for."""
        *below, top = stack
        if below and (first := self._first(below[-1])) is not None and first.flow == top.flow:
            below.pop()
        return tuple(below)

    def _first(self, state: FlowState) -> First | None:
        """What comes before the rest of a flow, if it has come to that."""
        step = None if state.step == END else self._flows[state.flow].steps[state.step]
        return step if isinstance(step, First) else None

    def _preceded(
        self, stack: tuple[FlowState, ...], name: str, turn: Turn
    ) -> tuple[FlowState, ...]:
        """With another flow on top; it is gone on with if another has begun it already."""
        begun = next((state for state in stack if state.flow == name), None)
        top = self.begun(name, stack, turn) if begun is None else begun.at(begun.step)
        return (*(state for state in stack if state is not begun), top)

    def resumed(
        self, stack: tuple[FlowState, ...], lines: list[Line], turn: Turn, ended: str = ""
    ) -> tuple[FlowState, ...]:
        """Back to the flow below, if there is one; its question is put afresh.

        Args:
            stack: the flows that are not over.
            lines: what is said; added to.
            turn: the turn.
            ended: the flow that came to its end.
        """
        if not stack:
            return ()
        first = self._first(stack[-1])
        if first is not None and first.flow == ended:
            return stack  # this is what it was waiting for
        if (below := self._flows[stack[-1].flow]).takes:
            return (*stack[:-1], stack[-1].emptied(below.first))
        lines.append(self._wording.line("flow_resume", turn.language))
        return (*stack[:-1], stack[-1].at(stack[-1].step))

    def _step(  # noqa: PLR0911 (one return for each kind of step)
        self, below: tuple[FlowState, ...], state: FlowState, lines: list[Line], turn: Turn
    ) -> FlowState | Outcome:
        """The state at the next step, or where it stops."""
        flow = self._flows[state.flow]
        step = flow.steps[state.step]
        match step:
            case Collect(slot=slot, go=go):
                return (
                    state.at(go)
                    if slot in state.slots
                    else self._ask(below, state, step, lines, turn)
                )
            case Choose(slot=slot, none=none, go=go):
                key = SHAPES[flow.slots[slot].rows].key
                if slot in state.slots and is_offered(state, key, state.slots[slot]):
                    return state.at(go)
                if (row := certain(flow, state, step)) is not None:
                    return state.filled(slot, row[key]).at(go)
                state = state.without(slot)
                if not offered(flow, state, step):
                    return state.at(none)
                return self._ask(below, state, step, lines, turn)
            case Take(slot=slot, source=source, none=none, go=go):
                key = SHAPES[flow.slots[slot].rows].key
                if slot in state.slots:
                    return state.at(go)
                if (row := untaken(state, source, key)) is None:
                    return state.at(none)
                state = replace(state, taken=state.taken | {row[key]})
                return state.filled(slot, row[key]).at(go)
            case Confirm(go=go):
                values = confirmable(state, step)
                if not state.wrong and all(
                    state.confirmed.get(name) == value for name, value in values.items()
                ):
                    return state.at(go)
                return self._ask(below, state, step, lines, turn)
            case Act():
                return self._act(below, state, step, lines, turn)
            case Write(slot=slot, prompt=prompt, go=go):
                text = self._wording.written(prompt, (flow, state))
                # The same text again is what was confirmed; another is not.
                return (state if state.slots.get(slot) == text else state.filled(slot, text)).at(go)
            case Say(id=name, prompt=prompt, forget=forget, go=go):
                now = (name, state.passed)
                if now not in state.said:
                    about = (flow, state)
                    lines.append(self._wording.line(prompt, turn.language, about=about))
                # What is forgotten will be asked for again, and this may have to be said again.
                said = state.said if forget else state.said | {now}
                secret = {each for each in forget if flow.slots[each].kind is Kind.SECRET}
                state = state.without(*forget).unasked(secret)
                return replace(state, said=said).at(go)
            case First(go=go) | Begin(go=go):
                return state.at(go)
            case Farewell(prompt=prompt):
                lines.append(self._wording.line(prompt, turn.language, about=(flow, state)))
                return Outcome((), tuple(lines), is_over=True)
            case Branch(slot=slot, when=when, otherwise=otherwise):
                return state.at(when.get(state.slots.get(slot, ""), otherwise))
            case ToHuman():
                return Outcome((*below, state), tuple(lines), handover=HandoverReason.FLOW)

    def _act(
        self,
        below: tuple[FlowState, ...],
        state: FlowState,
        act: Act,
        lines: list[Line],
        turn: Turn,
    ) -> FlowState | Outcome:
        if act.otherwise and act.tool not in self._tools:
            return state.at(act.otherwise)
        arguments = {name: state.slots[name] for name in act.arguments if name in state.slots}
        result = state.result(act.id)
        if result is not None and result.arguments == arguments:
            if result.outcome in act.on:
                state = replace(state, passed=result.number)
                return state.at(act.on[result.outcome])
            away = "flow_unsure" if CATALOGUE[act.tool].changes else "flow_away"
            key = _GIVEN_UP.get(result.outcome, away)
            return self.give_up((*below, state), lines, turn, key)
        tool = CATALOGUE[act.tool]
        said_yes = {name for name, value in arguments.items() if state.confirmed.get(name) == value}
        sure = said_yes == arguments.keys()
        # The reader of flows makes both impossible; nothing is done on the strength of that alone.
        if (tool.changes and not sure) or not tool.required <= arguments.keys():
            return self.give_up((*below, state), lines, turn, "flow_away")
        request = ToolRequest(
            act.tool,
            arguments,
            turn.language,
            state.flow,
            state.run,
            state.requests + 1,
            frozenset(said_yes),
        )
        state = replace(
            state,
            results=state.before(act.id),
            pending=request,
            requests=request.number,
        )
        return Outcome((*below, state), tuple(lines), request=request)

    def give_up(
        self, stack: tuple[FlowState, ...], lines: list[Line], turn: Turn, key: str
    ) -> Outcome:
        """The flow on top cannot go on: say so and offer a person."""
        lines.append(self._wording.line(key, turn.language))
        left = self.without_top(stack)
        return Outcome(left, tuple(lines), Question.CONNECT, done=turn.done)

    def _ask(
        self,
        below: tuple[FlowState, ...],
        state: FlowState,
        step: Collect | Choose | Confirm,
        lines: list[Line],
        turn: Turn,
    ) -> Outcome:
        flow = self._flows[state.flow]
        name: str = Question.CONFIRM if isinstance(step, Confirm) else step.slot
        about = confirmable(state, step) if isinstance(step, Confirm) else {}
        heard = state.put == about and turn.question == name
        options = self.options(flow, state, name, turn.language)
        typed = isinstance(step, Collect) and flow.slots[step.slot].kind in TYPED_KINDS
        if isinstance(step, Confirm) and state.wrong:
            name = Question.CHANGE
            line = self._wording.line("flow_what_wrong", turn.language, variant=state.attempts)
        elif state.attempts >= KEYS_AFTER and len(options) in NUMBERED:
            line = self._wording.by_keys(options, turn.language)
        elif isinstance(step, Collect) and step.slot in state.doubts:
            key, words = "flow_which", either(options, turn.language)
            if len(options) == 1:
                key = "flow_heard"
            line = self._wording.line(key, turn.language, options=words)
        else:
            told = any(line.key == "flow_not_a_number" for line in lines)
            if state.attempts >= KEYS_AFTER and typed and not told:
                lines.append(self._wording.line("flow_type", turn.language))
            if isinstance(step, Confirm) and step.tell and not heard:
                lines.append(self._wording.line(step.tell, turn.language, about=(flow, state)))
            rows = offered(flow, state, step) if isinstance(step, Choose) else ()
            line = self._wording.question(
                step, (flow, state), turn.language, heard=heard, rows=rows
            )
        lines.append(line)
        return Outcome((*below, replace(state, put=about)), tuple(lines), name)

    def options(self, flow: Flow, state: FlowState, asked: str, language: str) -> list[str]:
        """What answers the question for a slot, as it is said; none where anything may."""
        step, slot = flow.steps[state.step], flow.slots.get(asked)
        if slot is None:
            return []
        if isinstance(step, Choose):
            return [self._wording.row(slot, row, language) for row in offered(flow, state, step)]
        values = state.doubts.get(asked, tuple(slot.options))
        return [self._wording.value(slot, value, state, language) for value in values]
