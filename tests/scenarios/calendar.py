"""A calendar on paper: the company's own plan, and what has been booked so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from voice_agent.tools.appointment import (
    Appointment,
    Participation,
    Person,
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
from voice_agent.tools.plan import Plan, Service


class PaperCalendar:
    """Implements ``voice_agent.tools.calendar.Calendar``.

    Args:
        plan: what can be booked.
        now: the present, timezone-aware.
    """

    def __init__(self, plan: Plan, now: datetime) -> None:
        self._plan = plan
        self._now = now
        self._blocked: list[Span] = []
        self._made: dict[str, Appointment] = {}  # by key

    @property
    def booked(self) -> list[Appointment]:
        """What is booked and not cancelled."""
        return [each for each in self._made.values() if each.status is Status.BOOKED]

    @property
    def confirmed(self) -> list[str]:
        """The booked appointments whose person said that they come, by their names."""
        return [each.id for each in self.booked if each.participation is Participation.ACCEPTED]

    def shift(self, moved: str) -> None:
        """Somebody at the company moves an appointment, or takes it out, beside the call.

        Args:
            moved: ``appointment-1 2026-12-01T10:00``, or ``appointment-1 away``.
        """
        name, start = moved.split()
        key = next(key for key, each in self._made.items() if each.id == name)
        held = self._made[key]
        if start == "away":
            self._made[key] = replace(held, status=Status.CANCELLED)
            return
        at = datetime.fromisoformat(start).replace(tzinfo=self._plan.opening.zone)
        self._made[key] = replace(held, start=at, end=at + (held.end - held.start))

    def block(self, span: str) -> None:
        """Somebody takes everything, given as ``2026-12-01T08:00/12:00``."""
        first, _, last = span.partition("/")
        zone = self._plan.opening.zone
        start = datetime.fromisoformat(first).replace(tzinfo=zone)
        end = datetime.fromisoformat(f"{first[:11]}{last}").replace(tzinfo=zone)
        self._blocked.append(Span(start, end))

    def hold(self, held: str) -> None:
        """There is an appointment already, given as ``oil-change 2026-12-01T10:00 p1``."""
        service, start, key = held.split()
        slot = self._plan.slot(
            self._plan.services[service],
            datetime.fromisoformat(start).replace(tzinfo=self._plan.opening.zone),
        )
        self._made[held] = Appointment(
            id=f"appointment-{len(self._made) + 1}",
            service=service,
            resource=self._plan.resources[1].id,
            start=slot.start,
            end=slot.end,
            person=Person(key=PersonKey(key), name=key),
            call_id="CA0",
        )

    async def free(self, service: str, window: Window, limit: int) -> Free | Refusal | Unknown:
        """See the port."""
        wanted = self._plan.services.get(service)
        return Unknown() if wanted is None else self._board(wanted).answer(window, limit)

    async def book(self, request: Request) -> Booked | Refusal | Unknown:
        """See the port."""
        if request.key in self._made:
            return Booked(self._made[request.key])
        service = self._plan.services.get(request.service)
        if service is None:
            return Unknown()
        place = self._place(service, request.start)
        if not isinstance(place, str):
            return place
        slot = self._plan.slot(service, request.start)
        made = Appointment(
            id=f"appointment-{len(self._made) + 1}",
            service=service.id,
            resource=place,
            start=slot.start,
            end=slot.end,
            person=request.person,
            call_id=request.call_id,
            note=request.note,
        )
        self._made[request.key] = made
        return Booked(made)

    async def appointments(self, person: PersonKey) -> Found:
        """See the port."""
        mine = [each for each in self.booked if each.person.key == person]
        return Found(tuple(sorted(mine, key=lambda each: each.start)))

    async def move(
        self, appointment: str, person: PersonKey, start: datetime
    ) -> Moved | Refusal | NotYours | Unknown:
        """See the port."""
        key = self._key(appointment, person)
        if key is None:
            return NotYours()
        held = self._made.pop(key)
        service = self._plan.services[held.service]
        place = self._place(service, start)
        slot = self._plan.slot(service, start)
        if isinstance(place, str):
            held = replace(
                held,
                start=slot.start,
                end=slot.end,
                resource=place,
                participation=Participation.NEEDS_ACTION,
            )
        self._made[key] = held
        return Moved(held) if isinstance(place, str) else place

    async def cancel(self, appointment: str, person: PersonKey) -> Cancelled | InPast | NotYours:
        """See the port."""
        key = self._key(appointment, person)
        if key is None:
            return NotYours()
        if self._made[key].start <= self._now:
            return InPast()
        self._made[key] = replace(
            self._made[key], status=Status.CANCELLED, participation=Participation.DECLINED
        )
        return Cancelled(self._made[key])

    async def confirm(self, appointment: str, person: PersonKey) -> Confirmed | InPast | NotYours:
        """See the port."""
        key = self._key(appointment, person)
        if key is None or self._made[key].status is not Status.BOOKED:
            return NotYours()
        if self._made[key].start <= self._now:
            return InPast()
        self._made[key] = replace(self._made[key], participation=Participation.ACCEPTED)
        return Confirmed(self._made[key])

    async def coming(self, first: datetime, last: datetime) -> Coming:
        """See the port."""
        there = [each for each in self.booked if first <= each.start < last]
        return Coming(
            tuple(
                Upcoming(id=each.id, person=each.person.key, start=each.start)
                for each in sorted(there, key=lambda each: (each.start, each.id))
            )
        )

    def _key(self, appointment: str, person: PersonKey) -> str | None:
        found = (k for k, a in self._made.items() if (a.id, a.person.key) == (appointment, person))
        return next(found, None)

    def _place(self, service: Service, start: datetime) -> str | Refusal:
        why = self._plan.why_not(service, start, self._now)
        board = self._board(service)
        resource = board.resource(start) if why is None else None
        return board.refuse(why or Taken(), start) if resource is None else resource.id

    def _board(self, service: Service) -> Board:
        busy = {each.id: [*self._blocked] for each in self._plan.resources}
        for each in self.booked:
            busy[each.resource].append(self._plan.services[each.service].at(each.start))
        return Board(self._plan, service, busy, self._now)
