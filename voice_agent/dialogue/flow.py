"""What a flow is: the slots it fills and the steps it takes, as a company wrote them down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

END: Final = "end"
"""The target behind the last step: the flow is over."""


class Kind(StrEnum):
    """Kinds of value a slot may hold; each has one canonical form (``flow_value``)."""

    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    DIGITS = "digits"
    CODE = "code"
    NAME = "name"
    PHONE = "phone"
    PLATE = "plate"
    EMAIL = "email"
    TEXT = "text"
    CHOICE = "choice"
    SECRET = "secret"  # noqa: S105 (the name of a kind)
    """What proves who somebody is, a PIN or a birth date; never said, and gone when forgotten."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value a flow needs.

    Attributes:
        name: its name within the flow.
        kind: what can be said for it.
        options: for a choice that is written in the flow: what it is called, by value and language.
        rows: for a choice among what a tool found: the shape of a row; empty for any other slot.
        label: the prompt that says such a row.
        least: the smallest number that will do; of digits, the fewest.
        most: the greatest; of digits, the most.
    """

    name: str
    kind: Kind
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rows: str = ""
    label: str = ""
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask for a slot, unless it is filled.

    Attributes:
        id: the step's name.
        slot: the slot.
        ask: the prompt of the question.
        go: the step after it.
    """

    id: str
    slot: str
    ask: str
    go: str


@dataclass(frozen=True, slots=True)
class Choose:
    """Ask which of the rows a tool found.

    Attributes:
        id: the step's name.
        slot: the slot that holds the chosen row.
        source: the step whose answer has the rows.
        by: slots that tell the rows apart: what the caller said of them narrows the choice.
        ask: the prompt of the question; with ``_one`` added, of the question about a single row.
        none: where to go when the caller wants none of them.
        go: the step after it.
    """

    id: str
    slot: str
    source: str
    by: tuple[str, ...]
    ask: str
    none: str
    go: str


@dataclass(frozen=True, slots=True)
class Take:
    """Talk about the rows a tool found, one after the other, without asking which.

    Whatever else is done meanwhile may change them: the flow begins anew afterwards, with what the
    tool finds then.

    Attributes:
        id: the step's name.
        slot: the slot that holds the row talked about; filled, it stays.
        source: the step whose answer has the rows.
        none: where to go when all of them were talked about.
        go: the step after it.
    """

    id: str
    slot: str
    source: str
    none: str
    go: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Say the values and ask whether they are right.

    Attributes:
        id: the step's name.
        slots: the values that are confirmed; a changed one is confirmed again.
        tell: the prompt with the values; empty: the question names them.
        ask: the prompt of the question, which counts as put when it is heard.
        no: where to go after a no; empty: the caller is asked what is wrong.
        go: the step after it.
    """

    id: str
    slots: tuple[str, ...]
    tell: str
    ask: str
    no: str
    go: str


@dataclass(frozen=True, slots=True)
class Act:
    """Ask for a tool to be run.

    Attributes:
        id: the step's name.
        tool: the tool.
        arguments: slots it is given; one that is not filled is left out.
        on: where to go, by outcome.
        otherwise: where to go where there is no such tool; empty: the flow cannot do without.
    """

    id: str
    tool: str
    arguments: tuple[str, ...]
    on: Mapping[str, str]
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """Say something.

    Attributes:
        id: the step's name.
        prompt: what is said.
        forget: slots that are emptied by it, to be asked for again.
        go: the step after it.
    """

    id: str
    prompt: str
    forget: tuple[str, ...]
    go: str


@dataclass(frozen=True, slots=True)
class Write:
    """Write a text out of what is known, for a tool that takes no more than a text.

    Attributes:
        id: the step's name.
        slot: the slot that holds the text.
        prompt: what is written: in the company's first language, whatever the caller speaks.
        go: the step after it.
    """

    id: str
    slot: str
    prompt: str
    go: str


@dataclass(frozen=True, slots=True)
class Branch:
    """Go on by a slot's value.

    Attributes:
        id: the step's name.
        slot: the slot.
        when: where to go, by value.
        otherwise: where to go with any other value or none.
    """

    id: str
    slot: str
    when: Mapping[str, str]
    otherwise: str


@dataclass(frozen=True, slots=True)
class First:
    """Go through another flow first, unless the caller has been through it in this call.

    Attributes:
        id: the step's name.
        flow: the other flow, which has no examples of its own.
        go: the step after it.
    """

    id: str
    flow: str
    go: str


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a flow that callers can ask for, as if they had; about the row that was taken.

    Attributes:
        id: the step's name.
        flow: the other flow.
        go: the step after it.
    """

    id: str
    flow: str
    go: str


@dataclass(frozen=True, slots=True)
class Farewell:
    """Say goodbye and end the call; whatever else was begun is over too.

    Attributes:
        id: the step's name.
        prompt: what is said.
    """

    id: str
    prompt: str


@dataclass(frozen=True, slots=True)
class ToHuman:
    """Connect the caller with a person."""

    id: str


Step = (
    Collect
    | Choose
    | Take
    | Confirm
    | Act
    | Say
    | Write
    | Branch
    | First
    | Begin
    | Farewell
    | ToHuman
)


def targets(step: Step) -> tuple[str, ...]:
    """Where a step can lead."""
    match step:
        case Act(on=on, otherwise=otherwise):
            return (*on.values(), otherwise) if otherwise else tuple(on.values())
        case Branch():
            return (*step.when.values(), step.otherwise)
        case ToHuman() | Farewell():
            return ()
        case Choose() | Take():
            return (step.go, step.none)
        case Confirm() if step.no:
            return (step.go, step.no)
        case _:
            return (step.go,)


@dataclass(frozen=True, slots=True)
class Flow:
    """Something a caller can have done.

    Attributes:
        name: its name, the ``StartFlow`` command's.
        examples: how people ask for it, by language; none: only other flows lead to it, and it
            ends only when what they want of it is done.
        slots: by name.
        steps: by name, in the order written; the first is where it begins.
        instead: while this flow is talked about, who asks for another of these, by its name, is
            taken to a step of this one.
    """

    name: str
    examples: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, Slot]
    steps: Mapping[str, Step]
    instead: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """The step it begins with."""
        return next(iter(self.steps))

    @property
    def tools(self) -> frozenset[str]:
        """The tools it cannot do without."""
        acts = (step for step in self.steps.values() if isinstance(step, Act))
        return frozenset(act.tool for act in acts if not act.otherwise)

    @property
    def confirms(self) -> bool:
        """True if it asks for a yes."""
        return any(isinstance(step, Confirm) for step in self.steps.values())

    @property
    def takes(self) -> frozenset[str]:
        """The slots that hold the row that is talked about."""
        return frozenset(step.slot for step in self.steps.values() if isinstance(step, Take))

    @property
    def begins(self) -> frozenset[str]:
        """The flows it begins as if they were asked for."""
        return frozenset(step.flow for step in self.steps.values() if isinstance(step, Begin))

    @property
    def before(self) -> frozenset[str]:
        """The flows that come first."""
        return frozenset(step.flow for step in self.steps.values() if isinstance(step, First))

    @property
    def is_asked_for(self) -> bool:
        """True if callers ask for it themselves."""
        return any(self.examples.values())

    def following(self, start: str, without: Iterable[str] = ()) -> frozenset[str]:
        """The steps that can come after a step, near or far.

        Args:
            start: the step.
            without: steps that are not gone to.
        """
        left_out = {END, *without}
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for target in targets(self.steps[waiting.pop()]):
                if target not in seen and target not in left_out:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)
