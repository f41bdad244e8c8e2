"""The calendar, as flows ask for it: their values in, the calendar's outcomes out as rows of words.

Rows and outcomes are those of ``dialogue/tool.py``. Dates and times are by the company's clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Final

from voice_agent.dialogue.tool import AWAY, DENIED, MOST_ROWS, ToolAnswer, ToolRequest
from voice_agent.tools.appointment import Appointment, Person, PersonKey, Request, Slot, Window
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.calendar import Calendar
from voice_agent.tools.confirmation import Changes
from voice_agent.tools.directory import Away as DirectoryAway
from voice_agent.tools.directory import Directory, Enrolled
from voice_agent.tools.outcomes import (
    Away,
    Booked,
    Cancelled,
    Found,
    Free,
    Holiday,
    InPast,
    Moved,
    NotYours,
    Refusal,
    Unknown,
)
from voice_agent.tools.plan import Plan
from voice_agent.tools.toolbox import Handler

OFFERS: Final = 3
"""Free times told at once; nobody remembers more."""

MOST_BEGUN: Final = 100
"""Bookings for somebody new of which nobody knows what came, remembered in case they are tried
again."""

Told = Free | Refusal | Unknown | Away | Booked | Moved | Cancelled | NotYours | InPast


class CalendarTools:
    """The tools of the calendar.

    Args:
        calendar: where appointments are kept.
        directory: where people are known.
        plan: when which appointments are made.
        changes: takes note of what is booked, moved and cancelled, if anybody wants to know.
    """

    def __init__(
        self,
        calendar: Calendar,
        directory: Directory,
        plan: Plan,
        changes: Changes | None = None,
    ) -> None:
        self._calendar = calendar
        self._directory = directory
        self._plan = plan
        self._changes = changes
        self._begun: dict[str, Enrolled | DirectoryAway] = {}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the tool's name."""
        return {
            "calendar.free": self.free,
            "calendar.book": self.book,
            "calendar.appointments": self.appointments,
            "calendar.move": self.move,
            "calendar.cancel": self.cancel,
        }

    async def free(self, call: AuthorisedCall) -> ToolAnswer:
        """What is free: for a service, or for an appointment that is to be moved."""
        given = call.request.arguments
        service = given.get("service")
        if service is None:
            if call.facts.person is None:
                return ToolAnswer(call.request, DENIED)
            found = await self._calendar.appointments(call.facts.person)
            if isinstance(found, Away):
                return ToolAnswer(call.request, AWAY)
            wanted = given.get("appointment")
            service = next((a.service for a in found.appointments if a.id == wanted), "")
        window = window_of(given["date"], given.get("time", ""))
        return self._told(call.request, await self._calendar.free(service, window, OFFERS))

    async def book(self, call: AuthorisedCall) -> ToolAnswer:
        """An appointment for whoever calls; a second try gives the same one.

        Who is not known is written down as somebody new, once for all tries. The PIN that makes
        them known the next time is told once the appointment stands.
        """
        given = call.request.arguments
        person, new = call.facts.person, self._begun.get(call.key)
        if person is None or new is not None:
            new = new or await self._directory.enrol(given["name"], given["phone"])
            person = new.person if isinstance(new, Enrolled) else guest(call.facts.call_id)
        asked = Request(
            service=given["service"],
            start=self._start(given["start"]),
            person=Person(
                key=person,
                name=given["name"],
                phone=given["phone"],
            ),
            call_id=call.facts.call_id,
            key=call.key,
            note=given.get("note", ""),
        )
        if new is not None:
            self._begin(call.key, new)
        booked = await self._calendar.book(asked)
        if not isinstance(booked, Away):
            self._begun.pop(call.key, None)
        if isinstance(booked, Booked) and self._changes is not None:
            await self._changes.changed(booked.appointment, call.facts.call_id)
        answer = self._told(call.request, booked)
        if not isinstance(new, Enrolled):
            return answer
        if not isinstance(booked, Booked):
            if not isinstance(booked, Away):  # after which it may be booked all the same
                await self._directory.drop(new.person)
            return answer
        # A key that another system chose may be somebody's who was there before: only the PIN
        # will prove it.
        known = new.person if new.is_new else None
        values = {**answer.values, "pin": new.pin}
        return replace(answer, outcome="booked_with_pin", values=values, person=known)

    async def appointments(self, call: AuthorisedCall) -> ToolAnswer:
        """The appointments of the person who calls."""
        if call.facts.person is None:
            return ToolAnswer(call.request, DENIED)
        found = await self._calendar.appointments(call.facts.person)
        if isinstance(found, Away):
            return ToolAnswer(call.request, AWAY)
        rows = self._rows(found, call.request.language)
        return ToolAnswer(call.request, "found" if rows else "none", rows=rows)

    async def move(self, call: AuthorisedCall) -> ToolAnswer:
        """Another time for an appointment of the person who calls."""
        if call.facts.person is None:
            return ToolAnswer(call.request, DENIED)
        given = call.request.arguments
        start = self._start(given["start"])
        moved = await self._calendar.move(given["appointment"], call.facts.person, start)
        if isinstance(moved, Moved) and self._changes is not None:
            await self._changes.changed(moved.appointment, call.facts.call_id)
        return self._told(call.request, moved)

    async def cancel(self, call: AuthorisedCall) -> ToolAnswer:
        """One appointment less for the person who calls."""
        if call.facts.person is None:
            return ToolAnswer(call.request, DENIED)
        appointment = call.request.arguments["appointment"]
        done = await self._calendar.cancel(appointment, call.facts.person)
        if isinstance(done, Cancelled) and self._changes is not None:
            await self._changes.cancelled(appointment)
        return self._told(call.request, done)

    def _begin(self, key: str, new: Enrolled | DirectoryAway) -> None:
        """Remember for whom something is booked until it is known what came of it."""
        self._begun[key] = new
        while len(self._begun) > MOST_BEGUN:
            self._begun.pop(next(iter(self._begun)))

    # -- values --------------------------------------------------------------------------------

    def _start(self, value: str) -> datetime:
        return datetime.fromisoformat(value).replace(tzinfo=self._plan.opening.zone)

    def _told(self, request: ToolRequest, outcome: Told) -> ToolAnswer:
        values: Mapping[str, str] = {}
        slots: Iterable[Slot] = ()
        match outcome:
            case Away():
                return ToolAnswer(request, AWAY)
            case Free(slots=slots):
                pass
            case Booked(appointment=made) | Moved(appointment=made):
                values = self._when(made.start)
            case Cancelled() | NotYours() | Unknown():
                pass
            case Holiday(names=names, alternatives=slots):
                values = {"holiday": names.get(request.language, "")}
            case _:
                slots = outcome.alternatives
        rows = tuple({"start": self._local(slot.start), **self._when(slot.start)} for slot in slots)
        return ToolAnswer(request, _name_of(outcome), values, rows)

    def _rows(self, found: Found, language: str) -> tuple[Mapping[str, str], ...]:
        return tuple(self._row(each, language) for each in found.appointments[:MOST_ROWS])

    def _row(self, appointment: Appointment, language: str) -> Mapping[str, str]:
        service = self._plan.services.get(appointment.service)
        # What is not in the plan any more has no name that could be spoken.
        name = "" if service is None else service.names.get(language, "")
        return {
            "appointment": appointment.id,
            "service": name,
            **self._when(appointment.start),
        }

    def _local(self, start: datetime) -> str:
        return self._plan.local(start).replace(tzinfo=None).isoformat(timespec="minutes")

    def _when(self, start: datetime) -> dict[str, str]:
        day, clock = self._local(start).split("T")
        return {"date": day, "time": clock}


def guest(call_id: str) -> PersonKey:
    """Whoever books without being known: a person of this call, whom no other call can be."""
    return PersonKey(f"guest:{call_id}")


def window_of(day: str, clock: str) -> Window:
    """The window of a date and a time as slots hold them.

    Args:
        day: ``YYYY-MM-DD``, or two with a slash between, either of which may be missing.
        clock: the same with ``HH:MM``, or empty.
    """
    first, slash, last = day.partition("/")
    begin = date.fromisoformat(first) if first else date.min
    end = date.fromisoformat(last) if last else date.max if slash else begin
    from_, span, until = clock.partition("/")
    earliest = time.fromisoformat(from_) if from_ else None
    latest = time.fromisoformat(until) if until else None
    if earliest is not None and not span:
        latest = earliest.replace(second=1)
    return Window(min(begin, end), max(begin, end), earliest, latest)


def _name_of(outcome: object) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(outcome).__name__).lower()
