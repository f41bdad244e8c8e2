"""Whether a sentence may be said: its words are written, its values are this call's own.

The last look at everything before it is spoken. It knows nothing of how a line was made. It knows
what was written (prompts, knowledge) and what this call's caller gave and its tools told, and what
is neither of them is not said, whatever made the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from voice_agent.dialogue.commands import Command, Correct, FillSlot
from voice_agent.dialogue.flow import Kind, Slot
from voice_agent.dialogue.flow_answer import read_answer
from voice_agent.dialogue.flow_value import (
    MOST_READ_BACK,
    MOST_TEXT,
    clean,
    either,
    in_sentence,
    spoken,
)
from voice_agent.dialogue.flow_wording import NUMBERED, SAME_DAY
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.prompts import Prompts, fill
from voice_agent.dialogue.tool import ToolAnswer

WITHHELD: Final = "withheld"
"""The prompt that is said in place of what may not be said."""

NOTICE: Final = frozenset({"notice", "repetition", "full_notice"})
"""Lines of the privacy notice, which is written elsewhere and holds no values."""

OPERATOR: Final = "operator"
"""The key of what a person wrote during the call: it is nobody's words but theirs."""

_NUMBERED: Final = frozenset({"flow_press"})
"""Prompts that name options by the keys they have, each within ``flow_press_one``."""

_WORD: Final = re.compile(r"\w+")


class Outgoing:
    """Checks lines.

    Args:
        prompts: what is written.
        knowledge: what is answered.
        slots: slots of every flow: the options and labels written for them are said as values.
    """

    def __init__(self, prompts: Prompts, knowledge: Knowledge, slots: Iterable[Slot] = ()) -> None:
        self._prompts = prompts
        self._written = {
            (line.key, line.text)
            for language in prompts.languages
            for line in (*prompts.static_lines(language), *knowledge.static_lines(language))
        }
        known = tuple(slots)
        self._labels = sorted(
            label + way for label in {slot.label for slot in known} for way in ("", SAME_DAY)
        )
        self._options = frozenset(
            name for slot in known for names in slot.options.values() for name in names.values()
        )

    def given(self, commands: Iterable[Command]) -> frozenset[str]:
        """The values in a caller's commands, in every way they can be said."""
        values: list[str] = []
        for command in commands:
            match command:
                case FillSlot(_, value, others):
                    values += [value, *others]
                case Correct(_, value):
                    values.append(value)
                case _:
                    pass
        return self._forms(values)

    def told(self, answer: ToolAnswer) -> frozenset[str]:
        """The values in a tool's answer, in every way they can be said."""
        result = read_answer("", answer)
        rows = (value for row in result.rows for value in row.values())
        return self._forms((*result.values.values(), *rows))

    def cleared(self, lines: Iterable[Line], own: frozenset[str]) -> tuple[Line, ...]:
        """The lines as they may be said.

        From the first on that may not, one neutral sentence stands in their place: what follows it
        may be a question about what was not heard.

        Args:
            lines: what is about to be said.
            own: what was given and told in this call.
        """
        said: list[Line] = []
        for line in lines:
            if not self._may_be_said(line, own):
                return (*said, self._prompts.line(WITHHELD, line.language))
            said.append(line)
        return tuple(said)

    def _may_be_said(self, line: Line, own: frozenset[str]) -> bool:
        if line.key == OPERATOR:
            return True
        if not line.personal:
            return line.key in NOTICE or (line.key, line.text) in self._written
        values = sorted(filter(None, own | self._options), key=len, reverse=True)
        rest = line.text
        if values:
            within = rf"(?<!\w)(?:{'|'.join(map(re.escape, values))})(?!\w)"
            rest = re.sub(within, " ", rest)
        return set(_words(rest)) <= self._words_of(line)

    def _words_of(self, line: Line) -> set[str]:
        """The words that are written for a line, and for the values that are put into it."""
        written = self._prompts.texts(line.language)
        # What joins several values stands in no prompt.
        texts = [either(("", ""), line.language)]
        keys = [line.key, *self._labels]
        if line.key in _NUMBERED:
            keys.append("flow_press_one")
            texts += map(str, range(1, max(NUMBERED) + 1))
        for key in keys:
            texts += written.get(key, ())
        return {word for text in texts for word in _words(_bare(text, self._prompts))}

    def _forms(self, values: Iterable[str]) -> frozenset[str]:
        return frozenset(form for value in values for form in self._forms_of(value))

    def _forms_of(self, value: str) -> Iterator[str]:
        for text in (value, clean(value, MOST_TEXT)):
            yield clean(text)
            yield clean(text, MOST_READ_BACK)
            yield in_sentence(text)
        for language in self._prompts.languages:
            for kind in (Kind.DATE, Kind.TIME):
                yield spoken(kind, value, language)


def _bare(text: str, prompts: Prompts) -> str:
    """A prompt without its placeholders, but for the company's own."""
    return re.sub(r"\{[a-z_]+\}", " ", fill(text, prompts.about))


def _words(text: str) -> Iterator[str]:
    return (found[0].casefold() for found in _WORD.finditer(text))
