"""What the caller's words change in a flow: values filled and corrected, a row chosen, yes, no.

Pure functions from one state to the next. Where the flow goes from there is the engine's matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from voice_agent.dialogue.commands import Affirm, Command, Correct, Deny, FillSlot
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.flow import Act, Choose, Collect, Confirm, Flow, Kind
from voice_agent.dialogue.flow_rows import offered
from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.flow_value import accept, admits, narrowed
from voice_agent.dialogue.flow_wording import Wording
from voice_agent.dialogue.tool import CATALOGUE, SHAPES
from voice_agent.dialogue.words import fold

EXCLUDED: Final = "_excluded"
"""Added to the kind of a date or time that was named because it is not wanted."""


def confirmable(state: FlowState, step: Confirm) -> dict[str, str]:
    """The values a confirmation is about."""
    return {name: state.slots[name] for name in step.slots if name in state.slots}


def _wanted(state: FlowState, name: str, value: str) -> FlowState:
    """With nothing excluded any more that is wanted now."""
    kept = tuple(
        named for named in state.excluded if name not in named or not admits(named[name], value)
    )
    return replace(state, excluded=kept)


class Moves:
    """Applies commands to one flow.

    Args:
        flow: the flow.
        wording: what its values are called, for callers who name a choice by it.
        language: ISO 639-1 code of the caller's words.
        question: the open question, if the caller has heard it.
    """

    def __init__(self, flow: Flow, wording: Wording, language: str, question: str | None) -> None:
        self._flow = flow
        self._wording = wording
        self._language = language
        self._question = question

    def apply(self, state: FlowState, commands: Iterable[Command]) -> FlowState | None:
        """The state after what was said, or ``None`` if nothing of it means anything here."""
        after = self._apply(state, tuple(commands))
        return None if after is None else self._narrow(after)

    def _apply(self, state: FlowState, said: tuple[Command, ...]) -> FlowState | None:
        fills = self._fills(state, said)
        excluded = self._excluded(said)
        if excluded:
            state = replace(state, excluded=(*state.excluded, excluded))
            # What reads as a choice is what is not wanted of it: "not the one on Friday".
            fills = {name: v for name, v in fills.items() if not self._flow.slots[name].rows}
        after = self._choose(state, fills)
        if after is not None:
            return after
        if fills:
            after = self._fill(state, fills, self._unsure(said))
            if after != state:
                return after
        if {Affirm(), Deny()} <= set(said):
            return state if fills or excluded else None
        if Affirm() in said and not excluded and (agreed := self._agree(state)) is not None:
            return agreed
        if excluded and not fills:
            confirms = isinstance(self._flow.steps[state.step], Confirm)
            return (self._refuse(state) if confirms else None) or state
        if Deny() in said and not fills:
            return self._refuse(state)
        return state if fills else None

    # -- values --------------------------------------------------------------------------------

    def _fills(self, state: FlowState, commands: tuple[Command, ...]) -> dict[str, list[str]]:
        """What each slot may be filled with, likeliest first.

        Two values for one slot are a choice, unless one of them corrects the other. Where nobody
        can be asked which it is, none counts.
        """
        fills: dict[str, list[str]] = {}
        corrected: set[str] = set()
        for command in commands:
            match command:
                case FillSlot(name, value, others):
                    said = [value, *others]
                case Correct(name, value):
                    said = [value]
                case _:
                    continue
            slot = self._slot(name)
            values = [] if slot is None else self._values(state, slot, said)
            if slot is None or not values:
                continue
            if isinstance(command, Correct):
                corrected.add(slot)
                fills[slot] = values
            elif slot not in corrected:
                fills[slot] = list(dict.fromkeys([*fills.get(slot, ()), *values]))
        return {
            # "Did you mean" would say a secret: the last one counts.
            slot: values[-1:] if self._is_secret(slot) else values
            for slot, values in fills.items()
            if len(values) == 1 or self._is_collected(slot)
        }

    def _excluded(self, commands: tuple[Command, ...]) -> dict[str, str]:
        """The dates and times that were named because they are not wanted."""
        named: dict[str, str] = {}
        for command in commands:
            if not isinstance(command, FillSlot) or not command.name.endswith(EXCLUDED):
                continue
            slot = self._slot(command.name.removesuffix(EXCLUDED))
            value = None if slot is None else accept(self._flow.slots[slot], command.value)
            if slot is not None and value is not None and not self._is_secret(slot):
                named[slot] = value
        return named

    def _narrow(self, state: FlowState) -> FlowState:
        """With nothing asked for of what is excluded: "next week, but not on Monday"."""
        for name, wish in state.slots.items():
            # A day that was excluded together with a time is not excluded as a whole.
            days = [each[name] for each in state.excluded if each.keys() == {name}]
            if self._flow.slots[name].kind is Kind.DATE and (less := narrowed(wish, days)) != wish:
                state = self._fill(state, {name: [less]})
        return state

    def _unsure(self, commands: tuple[Command, ...]) -> frozenset[str]:
        """The slot that was asked for, if its value may have been misheard."""
        unsure = (c.name for c in commands if isinstance(c, FillSlot) and not c.sure)
        slots = {slot for name in unsure if (slot := self._slot(name)) is not None}
        return frozenset(s for s in slots if s == self._question and not self._is_secret(s))

    def _slot(self, name: str) -> str | None:
        """The slot that is meant: by its name, or by its kind if only one can be."""
        slots = self._flow.slots
        if name in slots:
            return name
        asked = self._question
        if asked is not None and asked in slots and slots[asked].kind == name:
            return asked
        of_kind = [slot.name for slot in slots.values() if slot.kind == name and not slot.rows]
        return of_kind[0] if len(of_kind) == 1 else None

    def _values(self, state: FlowState, name: str, said: list[str]) -> list[str]:
        slot = self._flow.slots[name]
        said = said[:1] if self._is_secret(name) else said
        found: list[str] = []
        for value in said:
            if slot.rows:
                taken = self._row(state, name, value)
            else:
                taken = accept(slot, value) or self._doubted(state, name, value)
            if taken is not None and taken not in found:
                found.append(taken)
        return found

    def _is_secret(self, name: str) -> bool:
        return self._flow.slots[name].kind is Kind.SECRET

    def _row(self, state: FlowState, name: str, value: str) -> str | None:
        """The row that is offered now and has this key or is called so."""
        step = self._flow.steps[state.step]
        if not isinstance(step, Choose) or step.slot != name:
            return None
        slot, said = self._flow.slots[name], fold(value)
        key = SHAPES[slot.rows].key
        for row in offered(self._flow, state, step):
            if value == row[key] or said == fold(self._wording.row(slot, row, self._language)):
                return row[key]
        return None

    def _doubted(self, state: FlowState, name: str, value: str) -> str | None:
        """The value among those that were offered to settle a doubt, by what it is called."""
        slot, said = self._flow.slots[name], fold(value)
        for doubted in state.doubts.get(name, ()):
            if said == fold(self._wording.value(slot, doubted, state, self._language)):
                return doubted
        return None

    def _choose(self, state: FlowState, fills: dict[str, list[str]]) -> FlowState | None:
        """With the row chosen that the caller described by what tells it apart, if they did."""
        step = self._flow.steps[state.step]
        if not isinstance(step, Choose) or step.slot in state.slots:
            return None
        said = {n: values[0] for n, values in fills.items() if n in step.by and len(values) == 1}
        if not said:
            return None
        result = state.result(step.source)
        rows = () if result is None else result.rows
        fitting = [row for row in rows if all(row[name] == said[name] for name in said)]
        if len(fitting) != 1:
            return None
        key = SHAPES[self._flow.slots[step.slot].rows].key
        others = {name: values for name, values in fills.items() if name not in said}
        return self._fill(state, {**others, step.slot: [fitting[0][key]]})

    def _fill(
        self,
        state: FlowState,
        fills: dict[str, list[str]],
        unsure: frozenset[str] = frozenset(),
    ) -> FlowState:
        asked_with = {
            name
            for result in state.results
            for name in (*result.arguments, *self._arguments(result.step))
        }
        after, back, done = state, False, self._is_done(state)
        for name, values in fills.items():
            if done and not self._asks_for(state, name):
                continue
            if state.slots.get(name) == values[0] and len(values) == 1:
                continue
            answers = self._asks_for(state, name) and name not in state.slots
            if not answers and (name in state.slots or name in asked_with):
                back = True
                after = self._pin(after, name, fills)
            again = state.doubts.get(name) == tuple(values)  # heard twice, it is right
            if len(values) > 1 or (name in unsure and self._is_collected(name) and not again):
                after = after.doubted(name, tuple(values))
            else:
                after = _wanted(after.filled(name, values[0]), name, values[0])
        return after.anew(self._flow.first) if back else after

    def _pin(self, state: FlowState, name: str, fills: dict[str, list[str]]) -> FlowState:
        """Of a row that was chosen, keep what is not being changed.

        "No, Wednesday" after ten o'clock on Tuesday means ten o'clock on Wednesday.
        """
        for step in self._flow.steps.values():
            if not isinstance(step, Choose) or name not in step.by:
                continue
            key = SHAPES[self._flow.slots[step.slot].rows].key
            chosen = state.slots.get(step.slot)
            # Other tools' rows, of another shape, are among them.
            rows = (row for result in state.results for row in result.rows)
            row = next((row for row in rows if row.get(key) == chosen), None)
            if chosen is not None and row is not None:
                kept = {each: row[each] for each in step.by if each not in fills}
                state = replace(state, slots={**state.slots, **kept})
        return state

    def _is_done(self, state: FlowState) -> bool:
        """True once something was changed and no way leads back there: no word undoes it.

        "Wednesday would be better", after Tuesday was booked, books nothing besides.
        """
        ahead = self._flow.following(state.step)
        acts = (self._flow.steps[result.step] for result in state.results)
        return any(
            isinstance(act, Act) and CATALOGUE[act.tool].changes and act.id not in ahead
            for act in acts
        )

    def _asks_for(self, state: FlowState, name: str) -> bool:
        """True if the flow stands at the question for this slot."""
        step = self._flow.steps[state.step]
        return isinstance(step, Collect | Choose) and step.slot == name

    def _arguments(self, step: str) -> tuple[str, ...]:
        act = self._flow.steps[step]
        return act.arguments if isinstance(act, Act) else ()

    def _is_collected(self, name: str) -> bool:
        steps = self._flow.steps.values()
        return any(isinstance(step, Collect) and step.slot == name for step in steps)

    # -- yes and no ----------------------------------------------------------------------------

    def _agree(self, state: FlowState) -> FlowState | None:
        step = self._flow.steps[state.step]
        if isinstance(step, Confirm):
            values = confirmable(state, step)
            if self._question == Question.CHANGE and state.wrong:
                return replace(state, wrong=False, put=None)  # it was right after all
            if self._question != Question.CONFIRM or state.put != values or state.wrong:
                return None
            kept = {k: v for k, v in state.confirmed.items() if k not in step.slots}
            return replace(state, confirmed=kept | values)
        if isinstance(step, Collect) and self._question == step.slot:
            heard = state.doubts.get(step.slot, ())
            return state.filled(step.slot, heard[0]) if len(heard) == 1 else None
        if isinstance(step, Choose) and self._question == step.slot:
            rows = offered(self._flow, state, step)
            if len(rows) == 1:
                key = SHAPES[self._flow.slots[step.slot].rows].key
                return state.filled(step.slot, rows[0][key])
        return None

    def _refuse(self, state: FlowState) -> FlowState | None:
        step = self._flow.steps[state.step]
        if isinstance(step, Confirm) and self._question == Question.CONFIRM:
            if step.no:
                return state.at(step.no)
            return replace(state, wrong=True, attempts=0)
        if isinstance(step, Collect) and len(state.doubts.get(self._question or "", ())) == 1:
            doubts = {name: v for name, v in state.doubts.items() if name != self._question}
            return replace(state, doubts=doubts, attempts=state.attempts + 1)
        if isinstance(step, Choose) and self._question == step.slot:
            return state.at(step.none)
        return None
