"""Somebody whom we rang up, for ``voice-agent chat --remind``: an errand that is made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from voice_agent.outbound.claim import Appointment, Outcome
from voice_agent.outbound.errand import Errand
from voice_agent.stores import Stores
from voice_agent.tools.appointment import Person, PersonKey, Request
from voice_agent.tools.outcomes import Booked

NUMBER: Final = "+4915112345678"
PERSON: Final = PersonKey("chat")


class ShownErrands:
    """Shows what is reached instead of writing it down (``Errands``).

    Args:
        show: takes a line for people.
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    async def answered(self, claim: str, call_id: str) -> Errand | None:
        """See ``Errands``; nobody was really rung up."""
        del claim, call_id
        return None

    async def of_call(self, call_id: str) -> Errand | None:
        """See ``Errands``."""
        del call_id
        return None

    async def verified(self, claim: str, person: PersonKey) -> None:
        """See ``Errands``."""

    async def reached(self, claim: str, outcome: Outcome, reminder: str | None = None) -> None:
        """See ``Errands``."""
        del claim, reminder
        self._show(f"Reached: {outcome.value}.")

    async def ended(self, claim: str, outcome: Outcome, now: datetime) -> bool:
        """See ``Errands``."""
        del claim, outcome, now
        return True


async def made_up(stores: Stores, language: str, at: datetime, call_id: str) -> Errand:
    """An errand about an appointment at a time, by the company's clock.

    It is in the calendar if one can be booked then, else in none of ours.

    Args:
        stores: gone afterwards.
        language: what is spoken.
        at: when the appointment begins, without a time zone.
        call_id: the conversation.
    """
    appointment, starts_at = None, at.astimezone()
    if stores.calendar is not None and stores.plan is not None:
        starts_at = at.replace(tzinfo=stores.plan.opening.zone)
        person = Person(key=PERSON, name="Chat", phone=NUMBER)
        for service in stores.plan.services:
            booked = await stores.calendar.book(
                Request(
                    service=service, start=starts_at, person=person, call_id=call_id, key=service
                )
            )
            if isinstance(booked, Booked):
                appointment = booked.appointment.id
                break
    about = Appointment(reminder="chat", starts_at=starts_at, appointment=appointment)
    return Errand(
        claim="chat", number=NUMBER, language=language, appointments=(about,), person=PERSON
    )
