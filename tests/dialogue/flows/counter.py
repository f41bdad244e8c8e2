"""Every tool in memory, behind the permission of a call: a caller's data, and another person's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.dialogue.flows.caller import appointment
from tests.dialogue.flows.desk import Desk
from voice_agent.dialogue.tool import AWAY, BAD_NUMBER, CATALOGUE, DENIED, ToolAnswer, ToolRequest
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.authorise import AuthorisedCall, CallFacts, Refusal, authorise
from voice_agent.tools.told import Told, told_by

ME: Final = PersonKey("me")
OTHER: Final = PersonKey("other")

APPOINTMENTS: Final[Mapping[PersonKey, tuple[Mapping[str, str], ...]]] = {
    ME: (
        appointment("mine-1", "Inspektion", "2026-12-01T09:00"),
        appointment("mine-2", "Ölwechsel", "2026-12-08T14:00"),
    ),
    OTHER: (appointment("theirs-1", "Geheimprüfung", "2026-12-24T07:45"),),
}
"""By person; nobody may hear of another's."""

THEIRS: Final = ("Geheimprüfung", "theirs-1", "Canaria", "0309998877", "7:45", "07:45")
"""What is the other person's, in every form in which it could be said or asked for."""


@dataclass
class Counter:
    """Does what is permitted.

    Attributes:
        desk: free times and bookings.
        person: who calls, once that is verified.
        ran: every permission that was used.
        refused: every request that was not permitted.
        touched: appointments that were moved or cancelled.
        told: every value in the rows of an answer.
        offered: what can be asked for, because it was told.
    """

    desk: Desk
    person: PersonKey | None
    ran: list[AuthorisedCall] = field(default_factory=list)
    refused: list[ToolRequest] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    offered: set[Told] = field(default_factory=set)

    def answer(self, request: ToolRequest) -> ToolAnswer:
        """Do what is asked for, if this call may have it done."""
        facts = CallFacts(
            "call", True, frozenset(CATALOGUE), self.person, told=frozenset(self.offered)
        )
        permitted = authorise(request, facts)
        if permitted is Refusal.NUMBER:  # the caller is asked for another
            return ToolAnswer(request, BAD_NUMBER)
        if not isinstance(permitted, AuthorisedCall):
            self.refused.append(request)
            return ToolAnswer(request, DENIED)
        self.ran.append(permitted)
        answer = self._done(permitted)
        self.offered.update(told_by(answer))
        self.told.update(value for row in answer.rows for value in row.values())
        return answer

    def _done(self, call: AuthorisedCall) -> ToolAnswer:
        request, given = call.request, call.request.arguments
        match request.tool:
            case "calendar.free" if given.get("service") not in self.desk.plan.services:
                return ToolAnswer(request, AWAY)
            case "calendar.free" | "calendar.book":
                return self.desk.answer(request)
            case "identity.verify" if call.facts.person is None:
                return ToolAnswer(request, "failed")
            case _ if call.facts.person is None and request.tool.startswith("calendar."):
                return ToolAnswer(request, DENIED)
            case "calendar.appointments":
                assert call.facts.person is not None
                return ToolAnswer(request, "found", rows=APPOINTMENTS[call.facts.person])
            case "calendar.move" | "calendar.cancel":
                assert call.facts.person is not None
                mine = [row["appointment"] for row in APPOINTMENTS[call.facts.person]]
                if given["appointment"] not in mine:
                    return ToolAnswer(request, "not_yours")
                self.touched.append(given["appointment"])
                day, clock = given.get("start", "2026-12-03T09:00").split("T")
                done = "moved" if request.tool == "calendar.move" else "cancelled"
                return ToolAnswer(request, done, {"date": day, "time": clock})
            case _:
                outcome = next(iter(CATALOGUE[request.tool].endings))
                return ToolAnswer(request, outcome, {"reference": "B 7"})
