"""Telephone numbers as callers say them, in the international form of E.164 ("+4930901820")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import phonenumbers

from voice_agent.dialogue.slots.digits import Dictation, dictations, place, tens_apart
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import Token, tokens

SLOT: Final = "phone"

_VALID: Final = 0.95
_POSSIBLE: Final = 0.7

_FEWEST: Final = 5
"""Digits a dialled number has at least; without an area code Germans have numbers as short."""

_TRUNK_ZERO: Final = re.compile(r"(?<=\d)\s*\(\s*0\s*\)\s*")
"""The zero of "+49 (0) 30", which is not dialled."""

_MOST_SPREAD: Final = 2
"""Dictations apart by other words that may be one number: "the area code is ... and then ..."."""


def read_phones(text: str, setting: Setting, *, asked: bool = True) -> tuple[Reading, ...]:
    """The telephone numbers in the words, the surest first.

    Args:
        text: the words.
        setting: what else is known.
        asked: a number was asked for; else only what is certainly one counts.
    """
    given = tokens(_TRUNK_ZERO.sub(lambda match: " " * len(match[0]), text))
    found = _read_all(given, setting)
    # "Twenty seven" is 27 or, where a London number begins, 20 7.
    apart = tens_apart(given) if setting.language == "en" else given
    if len(apart) > len(given) and not any(reading.confidence >= _VALID for reading in found):
        found = [*found, *_read_all(apart, setting)]
    sure = [reading for reading in found if asked or reading.confidence >= _VALID]
    return tuple(sorted(sure, key=lambda reading: -reading.confidence))


def _read_all(given: Sequence[Token], setting: Setting) -> list[Reading]:
    said = dictations(given, setting.language)
    found = [reading for each in said for reading in _read(given, each, setting.country)]
    if not found and 1 < len(said) <= _MOST_SPREAD:
        groups = tuple(group for each in said for group in each.groups)
        whole = Dictation(groups, said[0].start, said[-1].end, said[0].plus, corrected=True)
        found = _read(given, whole, setting.country)
    return found


def _read(given: Sequence[Token], said: Dictation, country: str) -> list[Reading]:
    if len(said.figures) < _FEWEST or len(set(said.figures)) == 1:
        return []  # too short, or what a recogniser makes of noise
    dialled = f"+{said.figures.lstrip('0')}" if said.plus else said.figures
    number = _number(dialled, country)
    if dialled.startswith(str(phonenumbers.country_code_for_region(country))):
        # "Vier neun ...": the plus was swallowed, if the number is one with it.
        whole = _number(f"+{dialled}", country)
        number = whole if whole is not None and phonenumbers.is_valid_number(whole) else number
    if number is None:
        return []
    valid, complete = phonenumbers.is_valid_number(number), dialled[0] in "+0"
    if not valid and not complete:
        return []  # no area code: nobody can dial it
    confidence = _VALID if valid and complete and not said.corrected else _POSSIBLE
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return [Reading(SLOT, value, *place(given, said.start, said.end), confidence)]


def _number(dialled: str, country: str) -> phonenumbers.PhoneNumber | None:
    """The number that is dialled so from a country, or ``None`` if there can be none such."""
    try:
        number = phonenumbers.parse(dialled, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None
