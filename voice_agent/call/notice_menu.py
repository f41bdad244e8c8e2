"""What a key means while the notice is offered: one table for both carriers' ways (C8)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Choice(StrEnum):
    """What the caller chose."""

    ACCEPT = "accept"
    HUMAN = "human"
    SEND_LINK = "send_link"
    READ_FULL = "read_full"
    OTHER_LANGUAGE = "other_language"
    REPEAT = "repeat"
    WITHDRAW = "withdraw"
    UNKNOWN = "unknown"


KEYS: Final[dict[str, Choice]] = {
    "1": Choice.ACCEPT,
    "0": Choice.HUMAN,
    "2": Choice.SEND_LINK,
    "3": Choice.READ_FULL,
    "5": Choice.OTHER_LANGUAGE,
    "#": Choice.REPEAT,
    "*": Choice.WITHDRAW,
}


def choose(key: str) -> Choice:
    """The meaning of a pressed key; anything else is ``UNKNOWN`` and never an acceptance."""
    return KEYS.get(key, Choice.UNKNOWN)
