"""Every slot that one utterance fills, and the commands that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    AskKnowledge,
    Command,
    Deny,
    FillSlot,
    Impossible,
    Repeat,
    Slower,
    SwitchLanguage,
    Wait,
)
from voice_agent.dialogue.slots.answer import IMPLIED, Answer
from voice_agent.dialogue.slots.answer import SLOT as YES_NO
from voice_agent.dialogue.slots.kinds import KINDS, kind_of, read_calendar, with_options
from voice_agent.dialogue.slots.reading import Reading, Setting

MAX_SLOTS: Final = 8
"""Values taken from one utterance."""

LEAST: Final = 0.5
"""Confidence of a value that nobody asked for; a number alone may be an hour and rarely is.

One that was asked for is put back as a question if it has less.
"""

MOMENTS: Final = ("date", "time")
"""What the slots of dates and times begin with, those that are ruled out among them."""

_ANSWERS: Final[dict[str, Command]] = {Answer.AFFIRM: Affirm(), Answer.DENY: Deny()}

_AGAIN: Final = (Repeat, Slower, Wait)
"""Who asks for this has not answered yet, whatever sounds like it: "is it OK a bit slower?"."""

_ASIDES: Final = (*_AGAIN, AskAgent, AskKnowledge, SwitchLanguage)
"""What is asked of the agent beside what it has asked; a "please" in it is no yes."""

_OF_THE_WHOLE: Final = frozenset({YES_NO, "text", "choice"})
"""Kinds whose reading is the whole utterance, so that others may be found in it."""


def read_slots(
    text: str, setting: Setting, question: str | None = None, options: Sequence[str] = ()
) -> dict[str, Reading]:
    """The best reading for each slot that the words fill.

    Args:
        text: what the recogniser heard; hostile like all input.
        setting: what else is known.
        question: the slot that was asked for, or its kind; its value is looked for first.
        options: what was offered, where the question is a choice.

    Returns:
        By slot, in the order in which they were said. The slot that was asked for has the name
        that was given in ``question``, any other that of its kind. A reading with a fault fills
        nothing and says why.

    Raises:
        ConfigurationError: there is no such slot or kind.
    """
    kind = None if question is None else kind_of(question)
    found: dict[str, Reading] = {}
    taken: list[Reading] = []
    if kind is not None and question is not None:
        for reading in with_options(kind, tuple(options)).asked(text, setting)[:1]:
            found[question] = reading
            taken += [] if kind.name in _OF_THE_WHOLE else [reading]
    for reading in _offered(text, setting):
        same = kind is not None and reading.slot == kind.name
        if same or reading.slot in found or any(_overlap(reading, other) for other in taken):
            continue
        found[reading.slot] = reading
        taken.append(reading)
    order = sorted(found.items(), key=lambda item: item[1].start)
    return dict(order[:MAX_SLOTS])


def _offered(text: str, setting: Setting) -> Iterator[Reading]:
    """What can be read out of the words without any question, the likeliest kinds first."""
    for kind in KINDS.values():
        if kind.offered is not None:
            yield from kind.offered(text, setting)
    yield from (r for r in read_calendar(text, setting) if r.confidence >= LEAST)


def _overlap(one: Reading, other: Reading) -> bool:
    # "This afternoon" is a day and an hour in the same words.
    both = one.slot.startswith(MOMENTS) and other.slot.startswith(MOMENTS)
    return not both and one.start < other.end and other.start < one.end


def commands_with(
    commands: Iterable[Command], slots: dict[str, Reading], question: str | None = None
) -> tuple[Command, ...]:
    """What the understander proposes, and the slots as commands before it; each once.

    Where a yes or no was asked for, the reading says which it is, or that it is neither.

    Raises:
        ConfigurationError: there is no such slot or kind as ``question``.
    """
    proposed = list(commands)
    answer = None
    if question is not None and kind_of(question).name == YES_NO:
        answer = slots.get(question)
    if answer is not None:
        proposed = [c for c in proposed if not isinstance(c, Affirm | Deny)]
        asides = _ASIDES if answer.confidence <= IMPLIED else _AGAIN
        if answer.value in _ANSWERS and not any(isinstance(c, asides) for c in proposed):
            proposed.insert(0, _ANSWERS[answer.value])
    filled: list[Command] = [
        FillSlot(slot, reading.value, reading.others, reading.confidence >= LEAST)
        if reading.fault is None
        else Impossible(slot, reading.fault)
        for slot, reading in slots.items()
        if reading is not answer
    ]
    return tuple(dict.fromkeys([*filled, *proposed]))
