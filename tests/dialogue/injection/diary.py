"""A calendar in memory, with appointments of people who are not on the telephone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from voice_agent.tools.appointment import (
    Appointment,
    Participation,
    PersonKey,
    Request,
    Status,
    Upcoming,
    Window,
)
from voice_agent.tools.offers import Board
from voice_agent.tools.opening import Span
from voice_agent.tools.outcomes import (
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
    Taken,
    Unknown,
)
from voice_agent.tools.plan import Plan


class Diary:
    """Implements ``voice_agent.tools.calendar.Calendar``.

    Args:
        plan: what can be booked and when.
        clock: the present, timezone-aware.
    """

    def __init__(self, plan: Plan, clock: Callable[[], datetime]) -> None:
        self.plan = plan
        self.clock = clock
        self.kept: dict[str, Appointment] = {}
        self._by_key: dict[tuple[str, str], str] = {}

    def of(self, person: PersonKey) -> list[Appointment]:
        """Everything a person has or had, as it stands."""
        return [each for each in self.kept.values() if each.person.key == person]

    async def free(self, service: str, window: Window, limit: int) -> Free | Refusal | Unknown:
        """See the port."""
        if service not in self.plan.services:
            return Unknown()
        return self._board(service).answer(window, limit)

    async def book(self, request: Request) -> Booked | Refusal | Unknown:
        """See the port."""
        if request.service not in self.plan.services:
            return Unknown()
        same = self._by_key.get((request.person.key, request.key))
        if same is not None:
            return Booked(self.kept[same])
        service = self.plan.services[request.service]
        board = self._board(service.id)
        why = self.plan.why_not(service, request.start, self.clock())
        resource = None if why is not None else board.resource(request.start)
        if resource is None:
            return board.refuse(why or Taken(), request.start)
        slot = self.plan.slot(service, request.start)
        made = Appointment(
            id=f"made-{len(self.kept)}",
            service=service.id,
            resource=resource.id,
            start=slot.start,
            end=slot.end,
            person=request.person,
            call_id=request.call_id,
            note=request.note,
        )
        self.kept[made.id] = made
        self._by_key[request.person.key, request.key] = made.id
        return Booked(made)

    async def appointments(self, person: PersonKey) -> Found:
        """See the port."""
        coming = (each for each in self.of(person) if each.status is Status.BOOKED)
        return Found(tuple(sorted(coming, key=lambda each: each.start)))

    async def move(
        self, appointment: str, person: PersonKey, start: datetime
    ) -> Moved | Refusal | NotYours | Unknown:
        """See the port."""
        there = self._theirs(appointment, person)
        if there is None:
            return NotYours()
        service = self.plan.services[there.service]
        board = self._board(service.id, without=appointment)
        why = self.plan.why_not(service, start, self.clock())
        resource = None if why is not None else board.resource(start)
        if resource is None:
            return board.refuse(why or Taken(), start)
        slot = self.plan.slot(service, start)
        moved = replace(
            there,
            participation=Participation.NEEDS_ACTION,
            resource=resource.id,
            start=slot.start,
            end=slot.end,
            version=there.version + 1,
        )
        self.kept[appointment] = moved
        return Moved(moved)

    async def cancel(self, appointment: str, person: PersonKey) -> Cancelled | InPast | NotYours:
        """See the port."""
        there = self._theirs(appointment, person)
        if there is None:
            return NotYours()
        if there.start <= self.clock():
            return InPast()
        off = replace(
            there,
            status=Status.CANCELLED,
            participation=Participation.DECLINED,
            version=there.version + 1,
        )
        self.kept[appointment] = off
        return Cancelled(off)

    async def confirm(self, appointment: str, person: PersonKey) -> Confirmed | InPast | NotYours:
        """See the port."""
        there = self._theirs(appointment, person)
        if there is None:
            return NotYours()
        if there.start <= self.clock():
            return InPast()
        self.kept[appointment] = replace(there, participation=Participation.ACCEPTED)
        return Confirmed(self.kept[appointment])

    async def coming(self, first: datetime, last: datetime) -> Coming:
        """See the port."""
        booked = (each for each in self.kept.values() if each.status is Status.BOOKED)
        there = sorted((each.start, each.id) for each in booked if first <= each.start < last)
        return Coming(
            tuple(
                Upcoming(id=name, person=self.kept[name].person.key, start=start)
                for start, name in there
            )
        )

    def _theirs(self, appointment: str, person: PersonKey) -> Appointment | None:
        there = self.kept.get(appointment)
        mine = there is not None and there.person.key == person
        return there if mine and there and there.status is Status.BOOKED else None

    def _board(self, service: str, without: str = "") -> Board:
        busy: dict[str, list[Span]] = {}
        for each in self.kept.values():
            if each.status is Status.BOOKED and each.id != without:
                place = self.plan.services[each.service].at(each.start)
                busy.setdefault(each.resource, []).append(place)
        return Board(self.plan, self.plan.services[service], busy, self.clock())
