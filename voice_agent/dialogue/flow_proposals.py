"""What a caller's words propose, seen from the flow they are said in.

An understander looks at words alone. "An inspection, please" is a question about inspections to it,
and the answer to the agent's question in a flow; a message to be passed on is no wish of its own.
"""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    AskKnowledge,
    Cancel,
    Command,
    Correct,
    Deny,
    FillSlot,
    Frustrated,
    Goodbye,
    Greet,
    Hesitate,
    Impossible,
    Repeat,
    Slower,
    StartFlow,
    SwitchLanguage,
    Thank,
    Wait,
)
from voice_agent.dialogue.flow import Flow, Kind, Slot
from voice_agent.dialogue.flow_read_back import ReadBack
from voice_agent.dialogue.flow_value import named
from voice_agent.dialogue.understanding.agreement import is_clear_yes
from voice_agent.dialogue.words import split

BRIEF: Final = 4
"""Words; so few that are a command ("once more, please") are no message."""

REQUEST: Final = 7
"""Words; so few that ask for another language are no message either."""

WRONG_PERSON: Final = "wrong_person"
"""The flow of whoever was rung up by mistake."""

NONE: Final = "none"
"""The option of a choice that is meant by a no."""

_BRIEF: Final = (Affirm, Deny, Repeat, Slower, Wait, Cancel, Goodbye, Greet)
_IN_A_MESSAGE: Final = (
    *_BRIEF,
    SwitchLanguage,
    AskKnowledge,
    AskAgent,
    StartFlow,
    Thank,
    Impossible,
    Frustrated,
)
_VALUES: Final = (FillSlot, Correct, Impossible)

_WRONG: Final = {
    "de": frozenset("falsch falsche falscher falsches stimmt verkehrt".split()),
    "en": frozenset("wrong incorrect".split()),
}
"""How it is said that a value is not right, folded."""


def about_values(
    commands: tuple[Command, ...],
    text: str,
    language: str,
    read_back: ReadBack,
    *,
    outbound: bool = False,
) -> tuple[Command, ...]:
    """The commands where values were told and are asked about: what is wrong is one of them.

    "The name is wrong" is a correction then, and no complaint. A yes counts if it is a clear one
    (C25), and then nothing else does, unless it is another value or a no.

    Args:
        commands: what the words were understood as.
        text: the words.
        language: ISO 639-1 code of the words.
        read_back: what was asked about.
        outbound: we made the call, and what is wrong may be the number.
    """
    if is_clear_yes(text, language, read_back.question, read_back.words):
        others = (
            c for c in commands if isinstance(c, (*_VALUES, Deny)) and not _repeats(c, read_back)
        )
        return (Affirm(), *others)
    words = frozenset(split(text))
    if words:
        commands = tuple(Hesitate() if c == Affirm() else c for c in commands)
    if words.isdisjoint(_WRONG[language]):
        return commands
    kept = {StartFlow(WRONG_PERSON)} if outbound else set()
    return tuple(c for c in commands if not isinstance(c, StartFlow) or c in kept)


def _repeats(command: Command, read_back: ReadBack) -> bool:
    """True for a value that was read back; of what words may mean it is the likeliest then."""
    if not isinstance(command, FillSlot):
        return False
    return not read_back.values.isdisjoint((command.value, *command.others))


def proposals(
    flow: Flow, question: str | None, commands: tuple[Command, ...], text: str
) -> tuple[Command, ...]:
    """The commands that count in this flow.

    Args:
        flow: the flow under way, or the one that is begun.
        question: the open question, if it was heard.
        commands: what the words were understood as, values of slots among them.
        text: the words.
    """
    slot = flow.slots.get(question) if question is not None else None
    if slot is not None and slot.kind is Kind.TEXT:
        return _of_message(slot.name, commands, text)
    if slot is not None:
        commands = _as_options(slot, commands)
    if any(isinstance(c, SwitchLanguage | Slower) for c in commands):
        # "Can we speak English, please?" looks like a name to who expects one.
        commands = tuple(c for c in commands if not _is_name(flow, c))
    options = tuple(
        FillSlot(each.name, found[0], found[1:])
        for each in flow.slots.values()
        if (found := _named(each, slot, commands, text))
    )
    filled = {option.name for option in options}
    rest = tuple(
        c
        for c in commands
        # What was asked for was read as a choice already; the words may name two.
        if not (isinstance(c, FillSlot) and c.name in filled | {"choice"} and options)
    )
    every = (*options, *rest)
    if any(isinstance(c, _VALUES) for c in every):
        # "Is two o'clock free as well?" has no written answer, and needs none.
        asks = "?" in text
        every = tuple(c for c in every if not isinstance(c, AskKnowledge) or (asks and c.entry))
    return every


def _as_options(slot: Slot, commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """With what means an option of the choice that was asked for as that option.

    Who asks for a flow takes the option that has its name; a yes to one thing or ``NONE`` is that.
    """
    others = [option for option in slot.options if option != NONE]
    only = others[0] if len(others) == 1 and NONE in slot.options else None
    return tuple(
        FillSlot(slot.name, c.name)
        if isinstance(c, StartFlow) and c.name in slot.options
        else FillSlot(slot.name, only)
        if isinstance(c, Affirm) and only is not None
        else c
        for c in commands
    )


def _named(
    slot: Slot, asked: Slot | None, commands: tuple[Command, ...], text: str
) -> tuple[str, ...]:
    """The options of a choice that the words name; a no is ``NONE``, whatever else they name."""
    found = named(slot, text)
    if slot is asked and NONE in slot.options and Deny() in commands:
        return (NONE, *(option for option in found if option != NONE))
    return found


def _of_message(slot: str, commands: tuple[Command, ...], text: str) -> tuple[Command, ...]:
    """A message is taken as a whole; what is said in it is for whoever reads it."""
    words = len(split(text))
    brief = words <= BRIEF and any(isinstance(c, _BRIEF) for c in commands)
    if brief or (words <= REQUEST and any(isinstance(c, SwitchLanguage) for c in commands)):
        return tuple(c for c in commands if not isinstance(c, FillSlot))
    others = tuple(c for c in commands if not isinstance(c, (*_IN_A_MESSAGE, FillSlot)))
    return (FillSlot(slot, text), *others)


def _is_name(flow: Flow, command: Command) -> bool:
    slot = flow.slots.get(command.name) if isinstance(command, FillSlot) else None
    return slot is not None and slot.kind is Kind.NAME
