"""How far a flow has come in one conversation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from voice_agent.dialogue.tool import ToolRequest


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool answered.

    Attributes:
        step: the step that asked.
        number: the request's.
        tool: the tool.
        arguments: what it was asked with; asked with others, the answer counts no more.
        outcome: how it turned out.
        values: what the outcome tells, cleaned.
        rows: what was found, cleaned.
    """

    step: str
    number: int
    tool: str
    arguments: Mapping[str, str] = field(repr=False)
    outcome: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    rows: tuple[Mapping[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class FlowState:
    """A flow that has begun and is not over; every change makes a new one.

    Attributes:
        flow: the flow's name.
        run: number of the caller's turn in which it began.
        step: where it stands.
        slots: what is filled, in canonical form.
        results: what tools answered, oldest first.
        confirmed: the values the caller has said yes to.
        pending: what a tool is asked for at this moment.
        requests: how many requests there have been.
        put: the values the open question was put about; ``None``: it was not put yet.
        attempts: how often the open question went unanswered.
        doubts: by slot, what the caller's words for it may mean: it has to be asked which.
        excluded: what the caller does not want: dates and times by slot, together what one turn
            named.
        wrong: the caller said that something is wrong and is asked what.
        passed: number of the latest request whose answer led here; 0: none did.
        said: steps that have said what they have to say, each with what was passed by then.
        taken: rows that were or are being talked about one after the other.
    """

    flow: str
    run: int
    step: str
    slots: Mapping[str, str] = field(default_factory=dict, repr=False)
    results: tuple[Result, ...] = ()
    confirmed: Mapping[str, str] = field(default_factory=dict, repr=False)
    pending: ToolRequest | None = None
    requests: int = 0
    put: Mapping[str, str] | None = field(default=None, repr=False)
    attempts: int = 0
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    excluded: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    wrong: bool = False
    passed: int = 0
    said: frozenset[tuple[str, int]] = frozenset()
    taken: frozenset[str] = field(default=frozenset(), repr=False)

    def at(self, step: str) -> FlowState:
        """At a step; its question has not been put yet."""
        return replace(self, step=step, put=None, attempts=0, wrong=False)

    def anew(self, first: str) -> FlowState:
        """Back at the first step."""
        return replace(self.at(first), passed=0)

    def emptied(self, first: str) -> FlowState:
        """Back at the first step, with nothing known; its requests are counted on."""
        return FlowState(self.flow, self.run, first, requests=self.requests)

    def filled(self, slot: str, value: str) -> FlowState:
        """With a slot filled; what had been confirmed of it is not any more."""
        return replace(
            self.without(slot),
            slots={**self.slots, slot: value},
            doubts={name: them for name, them in self.doubts.items() if name != slot},
            attempts=0,
            wrong=False,
        )

    def doubted(self, slot: str, values: tuple[str, ...]) -> FlowState:
        """With a slot that may hold any of several values, or perhaps one, and so holds none."""
        attempts = 0 if len(values) > 1 else self.attempts
        doubts = {**self.doubts, slot: values}
        return replace(self.without(slot), doubts=doubts, attempts=attempts)

    def without(self, *slots: str) -> FlowState:
        """With slots empty."""
        kept, confirmed = (
            {name: value for name, value in those.items() if name not in slots}
            for those in (self.slots, self.confirmed)
        )
        return replace(self, slots=kept, confirmed=confirmed)

    def unasked(self, slots: Collection[str]) -> FlowState:
        """As if no tool had been asked with these slots: what they held is nowhere any more."""
        kept = tuple(each for each in self.results if each.arguments.keys().isdisjoint(slots))
        return replace(self, results=kept)

    def result(self, step: str) -> Result | None:
        """What the tool of a step answered, if it did."""
        return next((result for result in self.results if result.step == step), None)

    def before(self, step: str) -> tuple[Result, ...]:
        """The answers from before this step's tool was asked: they do not depend on it."""
        kept: list[Result] = []
        for result in self.results:
            if result.step == step:
                break
            kept.append(result)
        return tuple(kept)
