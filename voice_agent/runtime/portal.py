"""The link in the text message and whoever comes in by it: what storage, portal and calls share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

LINK_LIFETIME: Final = timedelta(hours=24)
"""From the text message to the last moment its link opens anything (C21)."""

SESSION_LIFETIME: Final = timedelta(minutes=30)
"""From the last page a visitor asked for; never beyond the link's own lifetime."""

CODE_LIFETIME: Final = timedelta(minutes=10)
"""From the moment a one-time code is made."""

MOST_TRIES: Final = 5
"""Guesses at one code; then a new one is needed."""

MOST_CODES: Final = 3
"""Codes in one session."""

CODE_PAUSE: Final = timedelta(seconds=30)
"""From one code to the next: a double click asks for one."""


class Refusal(StrEnum):
    """Why a link opens nothing."""

    UNKNOWN = "unknown"
    """It is wrong, cut short, or was deleted long after its time."""
    EXPIRED = "expired"
    USED = "used"
    """It has been opened before, on another page than this one."""


class CodeCheck(StrEnum):
    """What a one-time code was worth."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"
    """Guessed at too often."""
    MISSING = "missing"
    """None was sent, or it has been used."""


class CodeSetting(StrEnum):
    """What became of a new one-time code."""

    SET = "set"
    RECENT = "recent"
    """The last one was made a moment ago and holds."""
    TOO_MANY = "too_many"
    """The session has had all it may have, or has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody who came in by the link of a call.

    Attributes:
        call_id: the call.
        language: language of the call when the link was sent.
        link_expires_at: when everything ends.
        verified_at: when they last entered a right one-time code, or ``None``.
        codes_sent: one-time codes sent so far.
    """

    call_id: str
    language: str
    link_expires_at: datetime
    verified_at: datetime | None
    codes_sent: int


class LinkMaker(Protocol):
    """Makes links. Both methods raise ``RecordsUnavailable`` when the records are away."""

    async def mint(self, call_id: str, language: str, number: str, at: datetime) -> str:
        """Make a link of a call and return its token, 128 random bits, fit for an address.

        The number is kept sealed for as long as the link is valid, for one-time codes (C17).

        Raises:
            UnknownCall: nobody began the call, or it was erased; nothing was made.
        """
        ...

    async def drop(self, call_id: str) -> None:
        """Forget the links of a call and its number: the message was certainly not sent."""
        ...
