"""The calendar's tools in memory: the example company's plan, and what has been booked so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from voice_agent.dialogue.tool import ToolAnswer, ToolRequest
from voice_agent.tools.appointment import Slot, Window
from voice_agent.tools.offers import Board
from voice_agent.tools.opening import Span
from voice_agent.tools.outcomes import Free, Refusal, Taken
from voice_agent.tools.plan import Plan


def rows(slots: Iterable[Slot]) -> tuple[Mapping[str, str], ...]:
    """Free times as a flow is told them."""
    starts = [slot.start.replace(tzinfo=None).isoformat(timespec="minutes") for slot in slots]
    return tuple({"start": start, "date": start[:10], "time": start[11:]} for start in starts)


def window(day: str, clock: str) -> Window:
    """The window of a date and a time as a slot holds them; an open side is a year away."""
    first, slash, last = day.partition("/")
    begin = date.fromisoformat(first) if first else date(2026, 1, 1)
    end = date.fromisoformat(last) if last else begin + timedelta(365) if slash else begin
    from_, slash, until = clock.partition("/")
    earliest = time.fromisoformat(from_) if from_ else None
    latest = time.fromisoformat(until) if until else None
    if earliest is not None and not slash:
        latest = earliest.replace(minute=earliest.minute + 1)
    return Window(begin, end, earliest, latest)


LEFT: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "callback.request": ("requested", {}),
    "message.leave": ("left", {}),
    "complaint.file": ("filed", {"reference": "W482715"}),
}
"""How what is left for people turns out, and what is told."""


class Desk:
    """Answers requests for free times and bookings, and takes what is left for people.

    Args:
        plan: what can be booked.
        now: the present.
        language: of what is told.
    """

    def __init__(self, plan: Plan, now: datetime, language: str) -> None:
        self.plan = plan
        self.now = now
        self.language = language
        self.busy: dict[str, list[Span]] = {}
        self.booked: list[Mapping[str, str]] = []
        self.left: list[Mapping[str, str]] = []

    def answer(self, request: ToolRequest) -> ToolAnswer:
        """Do what is asked for."""
        given = request.arguments
        if request.tool in LEFT:
            self.left.append(given)
            return ToolAnswer(request, *LEFT[request.tool])
        service = self.plan.services[given["service"]]
        board = Board(self.plan, service, self.busy, self.now)
        if request.tool == "calendar.free":
            return self.told(request, board.answer(window(given["date"], given.get("time", "")), 3))
        assert request.tool == "calendar.book", request.tool
        start = datetime.fromisoformat(given["start"]).replace(tzinfo=self.plan.opening.zone)
        resource = board.resource(start)
        if resource is None:
            return self.told(request, board.refuse(Taken(), start))
        self.busy.setdefault(resource.id, []).append(service.at(start))
        self.booked.append(given)
        day, clock = given["start"].split("T")
        return ToolAnswer(request, "booked", {"date": day, "time": clock})

    def told(self, request: ToolRequest, outcome: Free | Refusal) -> ToolAnswer:
        """An outcome of the port as a flow is told it."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(outcome).__name__).lower()
        slots = outcome.slots if isinstance(outcome, Free) else outcome.alternatives
        names = getattr(outcome, "names", {})
        values = {"holiday": names[self.language]} if names else {}
        return ToolAnswer(request, name, values, rows(slots))
