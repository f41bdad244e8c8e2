"""What a call is about that we made: the appointments as they are now, and a yes to them.

Only the call itself knows what it is about (``CallFacts.matters``), so no other call, whoever it is
with, learns or changes anything here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from voice_agent.dialogue.tool import AWAY, DENIED, MOST_ROWS, ToolAnswer
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.calendar import Calendar
from voice_agent.tools.inbox import Entry, EntryKind, Filed, Inbox
from voice_agent.tools.matter import Matter
from voice_agent.tools.outcomes import Away, Confirmed, InPast
from voice_agent.tools.plan import Plan
from voice_agent.tools.toolbox import Handler

NAMELESS: Final = "–"
"""The name of whoever wants to be rung back: the entry has their number, and what it is about."""


class ReminderTools:
    """The tools of a call that reminds.

    Args:
        calendar: where appointments are kept; ``None``: nowhere here.
        plan: what they are called, and by which clock; ``None``: nothing is booked here.
        inbox: takes what the calendar cannot do.
    """

    def __init__(self, calendar: Calendar | None, plan: Plan | None, inbox: Inbox) -> None:
        self._calendar = calendar
        self._plan = plan
        self._inbox = inbox

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the tool's name."""
        return {
            "reminder.appointments": self.appointments,
            "reminder.others": self.others,
            "reminder.confirm": self.confirm,
            "reminder.call_back": self.call_back,
        }

    async def appointments(self, call: AuthorisedCall) -> ToolAnswer:
        """The appointments of our calendar that the call is about, as they stand now."""
        asked, person, plan = call.request, call.facts.person, self._plan
        wanted = {each.appointment for each in call.facts.matters if each.appointment}
        if not wanted or person is None or self._calendar is None or plan is None:
            return ToolAnswer(asked, "none")
        found = await self._calendar.appointments(person)
        if isinstance(found, Away):
            return ToolAnswer(asked, AWAY)
        rows = []
        for each in found.appointments:
            service = plan.services.get(each.service)
            # What is not in the plan any more has its short name at least: it is told all the same.
            name = each.service if service is None else service.names[asked.language]
            if each.id in wanted:
                rows.append({"appointment": each.id, "service": name, **self._when(each.start)})
        if not rows:
            # One that may be somebody else's is not spoken of, not even as one that is gone.
            theirs = any(each.appointment and each.is_theirs for each in call.facts.matters)
            return ToolAnswer(asked, "gone" if theirs else "none")
        return ToolAnswer(asked, "found", rows=tuple(rows[:MOST_ROWS]))

    async def others(self, call: AuthorisedCall) -> ToolAnswer:
        """The appointments that are in no calendar of ours: all that is known of them is when."""
        rows = tuple(
            {"reminder": each.reminder, **self._when(each.starts_at)}
            for each in call.facts.matters
            if each.appointment is None
        )
        return ToolAnswer(call.request, "found" if rows else "none", rows=rows[:MOST_ROWS])

    async def confirm(self, call: AuthorisedCall) -> ToolAnswer:
        """They come."""
        asked, person = call.request, call.facts.person
        appointment = asked.arguments.get("appointment")
        if appointment is None:
            known = _matter(call) is not None
            return ToolAnswer(asked, "confirmed" if known else "not_yours")
        if person is None or self._calendar is None:
            return ToolAnswer(asked, DENIED)
        done = await self._calendar.confirm(appointment, person)
        if isinstance(done, Away):
            return ToolAnswer(asked, AWAY)
        if isinstance(done, Confirmed):
            return ToolAnswer(asked, "confirmed")
        return ToolAnswer(asked, "in_past" if isinstance(done, InPast) else "not_yours")

    async def call_back(self, call: AuthorisedCall) -> ToolAnswer:
        """Leave word that they want another time, or none, where no calendar can do it."""
        asked, matter, number = call.request, _matter(call), call.facts.number
        if matter is None or number is None:
            return ToolAnswer(asked, DENIED)
        entry = Entry(
            kind=EntryKind.CALLBACK,
            call_id=call.facts.call_id,
            language=asked.language,
            name=NAMELESS,
            phone=number,
            text=asked.arguments["reason"],
        )
        filed = await self._inbox.file(entry, call.key)
        return ToolAnswer(asked, "requested" if isinstance(filed, Filed) else AWAY)

    def _when(self, start: datetime) -> dict[str, str]:
        zone: tzinfo | None = None if self._plan is None else self._plan.opening.zone
        local = start.astimezone(zone)
        return {"date": local.date().isoformat(), "time": f"{local:%H:%M}"}


def _matter(call: AuthorisedCall) -> Matter | None:
    """What the request is about, if the call is about it."""
    wanted = call.request.arguments.get("reminder")
    return next((each for each in call.facts.matters if each.reminder == wanted), None)
