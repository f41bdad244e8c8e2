"""What lies in the calendars of the resources: everybody's events, and which of them are ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from voice_agent.caldav.busy import busy
from voice_agent.caldav.events import Own, read, write
from voice_agent.caldav.server import CalDavServer, Item
from voice_agent.tools.appointment import Appointment, PersonKey, Status
from voice_agent.tools.offers import Board
from voice_agent.tools.opening import Span
from voice_agent.tools.plan import Plan, Resource, Service

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What lies in a resource's calendar, and whether it is ours.

    Attributes:
        resource: whose calendar.
        item: what lies there.
        own: the appointment it is; ``None`` for somebody else's event.
        taken: when it keeps the resource.
    """

    resource: Resource
    item: Item
    own: Own | None
    taken: tuple[Span, ...]

    def is_of(self, appointment: str | None) -> bool:
        """True if it is this appointment of ours, in whatever state."""
        return self.own is not None and self.own.appointment.id == appointment


class Diary:
    """Reads the calendars. Every method that asks the server may raise ``CalendarUnavailable``.

    Args:
        server: the server.
        plan: what can be booked and when.
    """

    def __init__(self, server: CalDavServer, plan: Plan) -> None:
        self._server = server
        self._plan = plan

    async def entries(self, resources: Iterable[Resource], span: Span) -> list[Entry]:
        """What lies in these calendars in this time."""
        chosen = tuple(resources)
        found = await asyncio.gather(*(self._server.items(each.calendar, span) for each in chosen))
        # Elsewhere, because working out what others wrote may take its time.
        return await asyncio.to_thread(
            lambda: [
                self._entry(resource, item, span)
                for resource, items in zip(chosen, found, strict=True)
                for item in items
            ]
        )

    def _entry(self, resource: Resource, item: Item, span: Span) -> Entry:
        zone = self._plan.opening.zone
        own = read(item.text, resource.id, zone)
        service = None if own is None else self._plan.services.get(own.appointment.service)
        after = timedelta(0) if service is None else service.buffer
        wider = Span(span.start - _DAY, span.end)
        spans = (Span(each.start, each.end + after) for each in busy(item.text, wider, zone))
        return Entry(resource, item, own, tuple(spans))

    def board(
        self, service: Service, entries: Iterable[Entry], now: datetime, without: str | None = None
    ) -> Board:
        """What is free for a service; one of our appointments counts as not there."""
        taken: dict[str, list[Span]] = {}
        for entry in entries:
            if not entry.is_of(without):
                taken.setdefault(entry.resource.id, []).extend(entry.taken)
        return Board(self._plan, service, taken, now)

    async def ours(self, now: datetime) -> Mapping[str, list[Entry]]:
        """Our appointments that are not long over, by identifier; the state that counts first."""
        span = Span(now - _DAY, now + self._plan.horizon + 2 * _DAY)
        found: dict[str, list[Entry]] = {}
        for entry in await self.entries(self._plan.resources, span):
            if entry.own is not None:
                found.setdefault(entry.own.appointment.id, []).append(entry)
        for entries in found.values():
            entries.sort(key=lambda each: _newness(each.own), reverse=True)
        return found

    async def coming(self, span: Span) -> list[Appointment]:
        """Our appointments that are booked and begin in a span, earliest first.

        Asked for day by day, so that no answer of the server grows with the span. What a move that
        was cut off left outside is not seen: whoever tells somebody asks for theirs before.
        """
        newest: dict[str, Own] = {}
        for day in _days(span):
            for resource in self._plan.resources:
                items = await self._server.items(resource.calendar, day)
                for own in await asyncio.to_thread(self._own, resource, items):
                    known = newest.get(own.appointment.id)
                    if known is None or _newness(known) < _newness(own):
                        newest[own.appointment.id] = own
        found = (each.appointment for each in newest.values() if not each.tentative)
        booked = (each for each in found if each.status is Status.BOOKED)
        there = (each for each in booked if span.start <= each.start < span.end)
        return sorted(there, key=lambda each: (each.start, each.id))

    def _own(self, resource: Resource, items: Iterable[Item]) -> list[Own]:
        zone = self._plan.opening.zone
        found = (read(item.text, resource.id, zone) for item in items)
        return [own for own in found if own is not None]

    async def mine(self, appointment: str, person: PersonKey, now: datetime) -> Entry | None:
        """An appointment of this person; what a move that was cut off left of it is removed."""
        entries = (await self.ours(now)).get(appointment, [])
        own = entries[0].own if entries else None
        if own is None or own.appointment.person.key != person:
            return None
        for each in entries[1:]:
            await self._server.delete(each.item)
        return entries[0]

    def text(self, own: Own, now: datetime) -> str:
        """One of ours as an event."""
        service = self._plan.services.get(own.appointment.service)
        names = {} if service is None else service.names
        return write(own, names.get(self._plan.titles, own.appointment.service), now)


def _days(span: Span) -> Iterator[Span]:
    """A span in pieces of a day."""
    begin = span.start
    while begin < span.end:
        end = min(begin + _DAY, span.end)
        yield Span(begin, end)
        begin = end


def _newness(own: Own | None) -> tuple[bool, int]:
    """Later states of an appointment count; one that nobody confirmed counts last."""
    return (False, 0) if own is None else (not own.tentative, own.appointment.version)
