"""The port of the directory: who a caller is, and what may be told to whom that was verified.

Nobody is known by the number they call from (rule C23). A number that was said and a secret go in;
a ``PersonKey`` comes out, or one answer for everything else. Whatever is told of a person is asked
for with that key and nothing beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from voice_agent.tools.appointment import PersonKey

MOST_ENTRIES: Final = 50
"""Contracts and orders of one person that are kept; more cannot be talked about."""

ENROLLED: Final = "new-"
"""How the key of somebody begins who was written down in a call."""

PIN_DIGITS: Final = 6
"""Of a PIN that is made here."""

_PIN: Final = re.compile(r"[0-9]{4,12}")


@dataclass(frozen=True, slots=True)
class Pin:
    """What the person was given to prove who they are.

    Attributes:
        digits: 4 to 12 digits.

    Raises:
        ValueError: it is not that.
    """

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _PIN.fullmatch(self.digits):
            raise ValueError("a PIN is 4 to 12 digits")

    @property
    def said(self) -> str:
        """It, told from a birth date."""
        return f"pin {self.digits}"


@dataclass(frozen=True, slots=True)
class BirthDate:
    """The weaker proof, for whoever has no PIN.

    Attributes:
        day: the day of birth.
    """

    day: date = field(repr=False)

    @property
    def said(self) -> str:
        """It, told from a PIN."""
        return f"birth {self.day.isoformat()}"


Secret = Pin | BirthDate
"""What only the person knows, more or less."""


def read_secret(text: str) -> Secret | None:
    """A secret as a flow holds it: digits, or ``YYYY-MM-DD``; ``None`` if it is neither."""
    try:
        if "-" in text:
            return BirthDate(date.fromisoformat(text))
        return Pin(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Verified:
    """That is who it is."""

    person: PersonKey


@dataclass(frozen=True, slots=True)
class Failed:
    """It is not proved who it is.

    The same whether the number is unknown, the secret wrong, two people have both, or it was tried
    too often: nobody learns which.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A contract or an order, as it may be told.

    Attributes:
        id: its name to whoever asks for it again; says nothing.
        kind: what it is: "Auftrag", "Vertrag".
        reference: its number.
        status: how it stands.
        day: of which day it is.
        amount: what it costs, as it is written; empty if that is not told.
    """

    id: str
    kind: str = field(repr=False)
    reference: str = field(repr=False)
    status: str = field(repr=False)
    day: date = field(repr=False)
    amount: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """What may be told to a person about themselves.

    Attributes:
        name: their name.
        entries: their contracts and orders, the latest first.
    """

    name: str = field(repr=False)
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody new is in the directory.

    Attributes:
        person: their key.
        pin: their PIN, which is told once and kept nowhere.
        is_new: the key was made for them a moment ago, so it is nobody else's. Where another
            system keeps the people, nobody here can know that.
    """

    person: PersonKey
    pin: str = field(repr=False)
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Away:
    """The directory does not answer. Whether something was done is not known."""


class Attempts(Protocol):
    """How often a number may be tried."""

    async def begin(self, phone: str) -> bool:
        """Count a failure in advance, so that tries at the same time are all counted.

        Returns:
            False if there were too many that day: then nobody is verified, whatever they know.

        Raises:
            VoiceAgentError: it could not be counted, so nothing may be tried.
        """
        ...

    async def succeed(self, phone: str) -> None:
        """It was none. Those before it stay: others may have the same number.

        Raises:
            VoiceAgentError: as ``begin``.
        """
        ...


class Directory(Protocol):
    """People and what is kept of them. No method raises, and each answers in bounded time."""

    async def verify(self, phone: str, secret: Secret) -> Verified | Failed | Away:
        """Say who it is that knows this of a number (E.164); several people may share one.

        It is as much work for an unknown number as for a known one. After some failures for one
        number in a day nobody is verified by it any more that day, and nobody is told so.
        """
        ...

    async def record(self, person: PersonKey) -> Record | Away:
        """What may be told to this person, who must have been verified; empty if nothing is."""
        ...

    async def enrol(self, name: str, phone: str) -> Enrolled | Away:
        """Write down somebody who was not verified, as somebody new; changes nobody else."""
        ...

    async def drop(self, person: PersonKey) -> None:
        """Forget somebody who was written down for something that came to nothing.

        Nobody else is forgotten, whatever the key; another system may keep them all the same.
        """
        ...
