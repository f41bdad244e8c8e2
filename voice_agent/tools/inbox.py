"""The port of the inbox: what callers leave for people, a callback, a message or a complaint."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from consent.receipt import moment
from voice_agent.dialogue.flow import Kind, Slot
from voice_agent.dialogue.flow_value import MOST_TEXT, accept
from voice_agent.tools.appointment import is_plain

MOST_NAME: Final = 200
"""Characters of a name, and of anything else that is no text."""

_PHONE: Final = re.compile(r"\+?[0-9]{3,15}")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}|")


class EntryKind(StrEnum):
    """What was left."""

    CALLBACK = "callback"
    MESSAGE = "message"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody leaves for people. All of it is data, whatever it says.

    Attributes:
        kind: what it is.
        call_id: the call it is left in.
        language: ISO 639-1 code of the call's language.
        name: who leaves it, as it was said.
        phone: where they can be reached, E.164 or as it is dialled; ``None`` if nothing was said.
        text: in the caller's words, one line.
        recipient: for whom, if it is for somebody.
        category: what a complaint is about, an option of the flow's.
        wish: what is wanted for it, likewise.
        date: the day that is wished, ``YYYY-MM-DD``, or a span of days with ``/``; empty for any.
        time: the time of day that is wished, ``HH:MM``, or a span; empty for any.

    Raises:
        ValueError: something is none of its kind.
    """

    kind: EntryKind
    call_id: str
    language: str
    name: str = field(repr=False)
    phone: str | None = field(default=None, repr=False)
    text: str = field(default="", repr=False)
    recipient: str = field(default="", repr=False)
    category: str = ""
    wish: str = ""
    date: str = ""
    time: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not all(
            is_plain(each, MOST_NAME) for each in (self.name, self.recipient)
        ):
            raise ValueError("a name is a short line of text")
        if self.phone is not None and not _PHONE.fullmatch(self.phone):
            raise ValueError("a number is 3 to 15 digits")
        if not is_plain(self.text, MOST_TEXT):
            raise ValueError("a text is one line")
        if not all(map(_WORD.fullmatch, (self.category, self.wish))):
            raise ValueError("a category or wish is an option's short name")
        if not all(not value or accept(Slot(kind, kind), value) for kind, value in self._moments()):
            raise ValueError("a wished day or time is one, or a span of them")

    def _moments(self) -> tuple[tuple[Kind, str], ...]:
        return (Kind.DATE, self.date), (Kind.TIME, self.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An entry as it is kept.

    Attributes:
        reference: its number.
        entry: what was left; the telephone number only as long as it is kept.
        filed_at: when it was left.
        number_until: until when a telephone number is kept at most.
        done_at: when somebody had dealt with it; ``None`` while nobody has.
    """

    reference: str
    entry: Entry
    filed_at: datetime
    number_until: datetime
    done_at: datetime | None

    def as_fields(self) -> dict[str, Any]:
        """Everything that is kept of it as JSON has it."""
        entry = self.entry
        return self.outline() | {
            "record": "inbox entry",
            "call_id": entry.call_id,
            "name": entry.name,
            "number": entry.phone,
            "number_until": None if entry.phone is None else moment(self.number_until),
            "recipient": entry.recipient or None,
            "text": entry.text,
        }

    def outline(self) -> dict[str, Any]:
        """What it is about, without who left it and what they said."""
        entry = self.entry
        return {
            "reference": self.reference,
            "kind": str(entry.kind),
            "language": entry.language,
            "category": entry.category or None,
            "wish": entry.wish or None,
            "date": entry.date or None,
            "time": entry.time or None,
            "filed_at": moment(self.filed_at),
            "done_at": None if self.done_at is None else moment(self.done_at),
        }


@dataclass(frozen=True, slots=True)
class Filed:
    """It is in the inbox, now or by an earlier try of the same.

    Attributes:
        reference: its number, see ``voice_agent.tools.reference``.
    """

    reference: str


@dataclass(frozen=True, slots=True)
class TooFar:
    """The day that is wished is so far ahead that the number may not be kept until then."""


@dataclass(frozen=True, slots=True)
class Away:
    """The inbox does not answer. Whether it was filed is not known; trying again is safe."""


class Inbox(Protocol):
    """Takes what callers leave. No method raises, and each answers in bounded time."""

    async def file(self, entry: Entry, key: str) -> Filed | TooFar | Away:
        """File an entry. A second try with the same key gives the same reference.

        Args:
            entry: what is left.
            key: the same for every try of leaving it, another for anything else, in any call.
        """
        ...
