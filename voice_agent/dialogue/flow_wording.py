"""The words of a flow: its prompts with the values of slots and answers put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from voice_agent.dialogue.flow import Choose, Collect, Confirm, Flow, Kind, Slot
from voice_agent.dialogue.flow_state import FlowState
from voice_agent.dialogue.flow_value import MOST_TEXT, clean, either, in_sentence, spoken
from voice_agent.dialogue.line import Line, Personal
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.tool import CATALOGUE, SHAPES

AGAIN: Final = "_again"
"""Added to a question's prompt: how it is put the second time, shorter or in other words."""

HELP: Final = "_help"
"""Added to a question's prompt: how it is put the third time, with what can be said."""

KEYS_AFTER: Final = 2
"""Times a question went unanswered before the telephone's keys are offered for it."""

NUMBERED: Final = range(2, 10)
"""How many options can be told apart by one key each; 0 is a person's."""

ONE: Final = "_one"
"""Added to the prompt of a choice: how it is put when there is a single row."""

SECRETS: Final = frozenset({"pin"})
"""Values of tools that only the caller may hear."""

SAME_DAY: Final = "_same_day"
"""Added to the label of a row: what it is called after one of the same day, without the day."""


class Wording:
    """Makes lines of a flow's prompts.

    Whatever is put into one is marked as the caller's own, so the line is neither kept nor logged.

    Args:
        prompts: what can be said.
    """

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    def line(
        self,
        key: str,
        language: str,
        *,
        about: tuple[Flow, FlowState] | None = None,
        variant: int = 0,
        **more: str,
    ) -> Line:
        """A prompt as a line.

        Args:
            key: the prompt.
            language: ISO 639-1 code.
            about: the flow whose values may be put in.
            variant: which variant, counted round.
            **more: further values.
        """
        values = {} if about is None else self._values(*about, language)
        personal = {name: Personal(value) for name, value in (values | more).items()}
        line = self._prompts.line(key, language, variant=variant, **personal)
        return replace(line, secret=not SECRETS.isdisjoint(self._prompts.wants(key, language)))

    def written(self, key: str, about: tuple[Flow, FlowState]) -> str:
        """A prompt as a text that is kept, in the company's first language."""
        text = self.line(key, self._prompts.languages[0], about=about).text
        return clean(text, MOST_TEXT)

    def question(
        self,
        step: Collect | Choose | Confirm,
        about: tuple[Flow, FlowState],
        language: str,
        *,
        heard: bool,
        rows: tuple[Mapping[str, str], ...] = (),
    ) -> Line:
        """The question of a step.

        Args:
            step: the step.
            about: the flow and how far it has come.
            language: ISO 639-1 code.
            heard: it was put before, about the same values, and heard.
            rows: what can be chosen.
        """
        flow, state = about
        labels: list[str] = []
        if isinstance(step, Choose):
            labels = self._labels(flow.slots[step.slot], rows, language)
        if len(labels) == 1:
            return self.line(step.ask + ONE, language, about=about, option=labels[0])
        key, variant = step.ask, state.attempts
        if heard or not isinstance(step, Confirm):
            second = 1
            if state.attempts >= KEYS_AFTER and self._has(step.ask + HELP, language):
                key = step.ask + HELP
            elif (state.attempts >= second or heard) and self._has(step.ask + AGAIN, language):
                key = step.ask + AGAIN
        more = {"options": either(labels, language)} if labels else {}
        return self.line(key, language, about=about, variant=variant, **more)

    def ways(self, key: str, language: str) -> tuple[str, ...]:
        """The texts of a question as it is put first and again, without values."""
        texts = self._prompts.texts(language)
        return tuple(text for way in (key, key + AGAIN) for text in texts.get(way, ()))

    def by_keys(self, options: Sequence[str], language: str) -> Line:
        """The question which of several options it is, each with its key."""
        keys = [
            self._prompts.line("flow_press_one", language, number=str(number), option=option).text
            for number, option in enumerate(options, 1)
        ]
        return self.line("flow_press", language, keys=either(keys, language))

    def row(self, slot: Slot, row: Mapping[str, str], language: str) -> str:
        """What a row is called."""
        return self._label(slot.label, slot, row, language)

    def _labels(self, slot: Slot, rows: tuple[Mapping[str, str], ...], language: str) -> list[str]:
        """What rows are called one after the other: the day is said once."""
        labels: list[str] = []
        day = None
        for row in rows:
            again = row.get("date") == day and self._has(slot.label + SAME_DAY, language)
            key = slot.label + SAME_DAY if again else slot.label
            labels.append(self._label(key, slot, row, language))
            day = row.get("date", "")
        return labels

    def _label(self, key: str, slot: Slot, row: Mapping[str, str], language: str) -> str:
        shape = SHAPES[slot.rows]
        fields = {name: spoken(kind, row[name], language) for name, kind in shape.fields.items()}
        return self._prompts.line(key, language, variant=0, **fields).text

    def value(self, slot: Slot, value: str, state: FlowState, language: str) -> str:
        """How a slot's value is said."""
        if slot.rows:
            key = SHAPES[slot.rows].key
            for result in reversed(state.results):
                for row in result.rows:
                    if row.get(key) == value:
                        return self.row(slot, row, language)
            return clean(value)
        if slot.kind is Kind.CHOICE and value in slot.options:
            return slot.options[value][language]
        if slot.kind is Kind.SECRET:
            return ""
        if slot.kind is Kind.TEXT:
            return in_sentence(value)
        return spoken(slot.kind, value, language)

    def _values(self, flow: Flow, state: FlowState, language: str) -> dict[str, str]:
        values = {
            name: self.value(flow.slots[name], value, state, language)
            for name, value in state.slots.items()
        }
        for result in state.results:
            for name, value in result.values.items():
                kind = CATALOGUE[result.tool].endings[result.outcome].values[name]
                values[name] = spoken(kind, value, language)
        return values

    def _has(self, key: str, language: str) -> bool:
        return key in self._prompts.texts(language)
