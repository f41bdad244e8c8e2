"""Every slot that one utterance fills, and the commands that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from voice_agent.dialogue.commands import Affirm, Command, Deny, FillSlot
from voice_agent.dialogue.slots.answer import SLOT as YES_NO
from voice_agent.dialogue.slots.answer import Answer
from voice_agent.dialogue.slots.kinds import KINDS, Kind, kind_of, with_options
from voice_agent.dialogue.slots.reading import Reading, Setting

MAX_SLOTS: Final = 8
"""Values taken from one utterance."""

_ANSWERS: Final[dict[str, Command]] = {Answer.AFFIRM: Affirm(), Answer.DENY: Deny()}


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
        that was given in ``question``, any other that of its kind. No two readings overlap.

    Raises:
        ConfigurationError: there is no such slot or kind.
    """
    asked = None if question is None else with_options(kind_of(question), tuple(options))
    found: dict[str, Reading] = {}
    if asked is not None and question is not None:
        for reading in asked.asked(text, setting)[:1]:
            found[question] = reading
    for kind in KINDS.values():
        if asked is None or kind.name != asked.name:
            _offer(kind, text, setting, found, asked)
    order = sorted(found.items(), key=lambda item: item[1].start)
    return dict(order[:MAX_SLOTS])


def _offer(
    kind: Kind, text: str, setting: Setting, found: dict[str, Reading], asked: Kind | None
) -> None:
    """Add the first reading of a kind nobody asked for that is not part of another one."""
    whole = asked is not None and asked.name in _OF_THE_WHOLE
    for reading in kind.offered(text, setting) if kind.offered is not None else ():
        taken = () if whole else found.values()
        if not any(reading.start < other.end and other.start < reading.end for other in taken):
            found[kind.name] = reading
            return


_OF_THE_WHOLE: Final = frozenset({YES_NO, "text", "choice"})
"""Kinds whose reading is the whole utterance, so that others may be found in it."""


def commands_with(
    commands: Iterable[Command], slots: dict[str, Reading], question: str | None = None
) -> tuple[Command, ...]:
    """What the understander proposes, with the slots as commands; each once.

    Where a yes or no was asked for, the reading says which it is, or that it is neither.
    """
    proposed = list(commands)
    answer = None
    if question is not None and kind_of(question).name == YES_NO:
        answer = slots.get(question)
    if answer is not None:
        proposed = [c for c in proposed if not isinstance(c, Affirm | Deny)]
        if answer.value in _ANSWERS:
            proposed.insert(0, _ANSWERS[answer.value])
    filled = [
        FillSlot(slot, reading.value) for slot, reading in slots.items() if reading is not answer
    ]
    return tuple(dict.fromkeys([*filled, *proposed]))
