"""A number that was typed, read by the parser of the slot it is for."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from voice_agent.dialogue.flow import Kind, Slot
from voice_agent.dialogue.flow_value import accept
from voice_agent.dialogue.slots.kinds import KINDS
from voice_agent.dialogue.slots.reading import Setting

TYPED_KINDS: Final = frozenset({Kind.DIGITS, Kind.PHONE, Kind.CODE, Kind.SECRET})
"""Kinds of value that can be typed on a telephone."""

_ANY_TIME: Final = datetime(2000, 1, 1)  # noqa: DTZ001 (no such value depends on it)


def read_typed(slot: Slot, digits: str, language: str, country: str) -> str | None:
    """The slot's value, or ``None`` if these digits are none.

    Args:
        slot: the slot; of a kind among ``TYPED_KINDS``.
        digits: what was typed.
        language: ISO 639-1 code of what is spoken.
        country: ISO 3166 code of the country whose numbers are dialled without a prefix.
    """
    if slot.kind is not Kind.PHONE:
        return accept(slot, digits)  # keys are not misheard: what was typed is what is meant
    setting = Setting(language, _ANY_TIME, country=country)
    readings = KINDS[slot.kind.value].asked(digits, setting)
    return accept(slot, readings[0].value) if readings else None
