"""What the calendar answers: each expected thing a type of its own, and never an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voice_agent.tools.appointment import Appointment, Slot, Upcoming


@dataclass(frozen=True, slots=True)
class Free:
    """There is something free.

    Attributes:
        slots: offers, earliest first; at least one.
    """

    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """It is booked, now or by an earlier try of the same."""

    appointment: Appointment


@dataclass(frozen=True, slots=True)
class Moved:
    """It is at its new time."""

    appointment: Appointment


@dataclass(frozen=True, slots=True)
class Cancelled:
    """It is cancelled."""

    appointment: Appointment


@dataclass(frozen=True, slots=True)
class Confirmed:
    """It is written down that the person comes."""

    appointment: Appointment


@dataclass(frozen=True, slots=True)
class Found:
    """The person's appointments that are still to come, earliest first; may be none."""

    appointments: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """All booked appointments that begin in a span, earliest first; may be none."""

    appointments: tuple[Upcoming, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """Nothing is free then, or no appointment begins at such a time."""

    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """The company is closed then, or closes too early for it, or the clock skips that time."""

    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Holiday:
    """It is a public holiday.

    Attributes:
        names: what it is called, by language.
        alternatives: free times near it.
    """

    names: Mapping[str, str]
    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class InPast:
    """That time is over."""

    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class TooSoon:
    """That is at too short notice."""

    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class OutsideHorizon:
    """So far ahead nothing is booked yet."""

    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such service."""


@dataclass(frozen=True, slots=True)
class NotYours:
    """This person has no such appointment, or has cancelled it.

    The same whether it is another's or nobody's: nobody learns that there is one.
    """


@dataclass(frozen=True, slots=True)
class Away:
    """The calendar does not answer. Whether something was done is not known; trying again is safe.

    A booking that is tried again with its key is not made twice.
    """


Refusal = Taken | Closed | Holiday | InPast | TooSoon | OutsideHorizon
"""Why there is no appointment at a time, with free times near it."""
