"""The built-in understander, with a language model for what it is not sure of.

The built-in one goes first and what it understood stands: a withdrawal, a person who is asked for,
a yes, a language, an order that is refused. The model is asked in three cases, and adds to it:

- nothing was understood, or only that it was a question;
- somebody said more than ``LONG`` words and nothing but values or politeness was found in them:
  there may be a wish in it, or a correction beside a yes.

It is not asked about a message to be passed on, which is taken as it is, nor about a secret. What
it can add is in ``vocabulary``; what it says is read by ``answer``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Command,
    Correct,
    Deny,
    FillSlot,
    Greet,
    Impossible,
    Thank,
)
from voice_agent.dialogue.slots.tokens import tokens
from voice_agent.dialogue.understanding.answer import read_answer
from voice_agent.dialogue.understanding.briefing import Briefings
from voice_agent.dialogue.understanding.comprehension import Comprehension
from voice_agent.dialogue.understanding.ports import Adviser, Said
from voice_agent.dialogue.understanding.vocabulary import Vocabulary

LONG: Final = 12
"""Words; an answer has fewer. Beyond it rules that look for phrases may have missed one."""

_SLIGHT: Final = (FillSlot, Impossible, Affirm, Deny, Greet, Thank)
_POLITE: Final = (Greet, Thank)
_QUESTION: Final = AskKnowledge(None)


_NOT_SHOWN: Final = frozenset({"text", "secret"})
"""Kinds of answer that are for others than a model."""


class AdvisedUnderstander:
    """Rules first, then the model where they are unsure.

    Args:
        own: the built-in understander.
        adviser: the model.
        briefings: what it is told.
        vocabulary: what it may say.
        count: told that it was of use.
    """

    def __init__(
        self,
        own: Comprehension,
        adviser: Adviser,
        briefings: Briefings,
        vocabulary: Vocabulary,
        count: Callable[[str], None],
    ) -> None:
        self._own = own
        self._adviser = adviser
        self._briefings = briefings
        self._vocabulary = vocabulary
        self._count = count

    def understand(self, said: Said) -> tuple[Command, ...]:
        """See ``Understander``."""
        return self.add(self._own.understand(said), said)

    def add(self, commands: tuple[Command, ...], said: Said) -> tuple[Command, ...]:
        """What the built-in understander made of the words, and what the model adds to it."""
        if not is_unsure(commands, said) or self._own.refuses(said):
            return commands
        answer = self._adviser.ask(self._briefings.of(said))
        setting = self._own.setting(said.language)
        together = join(commands, read_answer(answer, said, setting, self._vocabulary))
        if together != commands:
            self._count("language_model_helped")
        return together


def is_unsure(commands: tuple[Command, ...], said: Said) -> bool:
    """True if there may be more in the words than the rules have found."""
    if said.secret or (said.asked is not None and said.asked.kind in _NOT_SHOWN):
        return False
    words = sum(token.is_word for token in tokens(said.text))
    if not commands or commands == (_QUESTION,):
        return words > 0
    if _QUESTION in commands:
        return True
    return words > LONG and all(isinstance(command, _SLIGHT) for command in commands)


def join(commands: tuple[Command, ...], advice: Iterable[Command]) -> tuple[Command, ...]:
    """What the rules found, and then what the model adds to it.

    A value of the rules is not replaced. That somebody asked something unknown is dropped once the
    model knows what it was.
    """
    filled = {slot for command in commands if (slot := _slot(command)) is not None}
    added: list[Command] = []
    for command in advice:
        slot = _slot(command)
        if slot in filled or (commands and isinstance(command, _POLITE)):
            continue
        if slot is not None:
            filled.add(slot)
        added.append(command)
    if not added:
        return commands
    kept = (command for command in commands if command != _QUESTION)
    return tuple(dict.fromkeys((*kept, *added)))


def _slot(command: Command) -> str | None:
    match command:
        case FillSlot(name=slot) | Correct(slot=slot) | Impossible(slot=slot):
            return slot
        case _:
            return None
