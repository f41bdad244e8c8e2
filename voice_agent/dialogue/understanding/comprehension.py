"""What understands callers without a model: rules, and parsers of dates, names, numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.slots.reading import OpeningHours, Setting
from voice_agent.dialogue.slots.utterance import commands_with, read_slots
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.ports import Said


class Comprehension:
    """Commands and values together, as a call needs them.

    Args:
        rules: says what is wanted.
        clock: the company's wall clock, without a time zone.
        hours: when the company is open, if that is known.
        country: ISO 3166 code of the country whose numbers are dialled without a prefix.
    """

    def __init__(
        self,
        rules: BuiltinUnderstander,
        clock: Callable[[], datetime],
        hours: OpeningHours | None = None,
        country: str = "DE",
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._hours = hours
        self._country = country

    def understand(self, said: Said) -> tuple[Command, ...]:
        """See ``Understander``."""
        asked = said.asked
        kind, options = (None, ()) if asked is None else (asked.kind, asked.options)
        slots = read_slots(said.text, self.setting(said.language), kind, options)
        proposed = self._rules.understand(said.text, said.language, kind, slots)
        return commands_with(proposed, slots, kind)

    def setting(self, language: str) -> Setting:
        """What values in words of this language are read with, now."""
        return Setting(language, self._clock(), self._hours, self._country)

    def refuses(self, said: Said) -> bool:
        """True if the words give the agent orders, or ask for what is somebody else's."""
        return self._rules.refuses(said.text, said.language)
