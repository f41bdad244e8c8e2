"""The port of the calendar: free times, and the appointments of one person.

What can be expected (taken, closed, not found, the calendar does not answer) is a typed outcome and
never an exception. Whatever is about a person's appointments names the person, and the adapter
looks at no other's, whoever asks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from voice_agent.tools.appointment import PersonKey, Request, Window
from voice_agent.tools.outcomes import (
    Away,
    Booked,
    Cancelled,
    Coming,
    Confirmed,
    Found,
    Free,
    InPast,
    Moved,
    NotYours,
    Refusal,
    Unknown,
)


class Calendar(Protocol):
    """Free times and appointments. No method raises, and each answers in bounded time."""

    async def free(
        self, service: str, window: Window, limit: int
    ) -> Free | Refusal | Unknown | Away:
        """What is free in a window, at most ``limit`` offers, spread over it."""
        ...

    async def book(self, request: Request) -> Booked | Refusal | Unknown | Away:
        """Book. A second try with the same key gives the same appointment."""
        ...

    async def appointments(self, person: PersonKey) -> Found | Away:
        """The appointments of this person that are still to come."""
        ...

    async def move(
        self, appointment: str, person: PersonKey, start: datetime
    ) -> Moved | Refusal | NotYours | Unknown | Away:
        """Move an appointment of this person; at another time it stays as it is if that fails.

        Whoever had confirmed it has not confirmed the new time.
        """
        ...

    async def cancel(
        self, appointment: str, person: PersonKey
    ) -> Cancelled | InPast | NotYours | Away:
        """Cancel an appointment of this person that has not begun. Twice is as good as once."""
        ...

    async def confirm(
        self, appointment: str, person: PersonKey
    ) -> Confirmed | InPast | NotYours | Away:
        """Write down that this person comes, if it has not begun. Twice is as good as once."""
        ...

    async def coming(self, first: datetime, last: datetime) -> Coming | Away:
        """Everybody's booked appointments that begin from one moment on and before another.

        The only question that names no person: for whoever reminds people, and told to nobody.
        """
        ...
