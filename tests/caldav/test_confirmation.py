"""A link to an appointment on a calendar server, which is not asked when the link is opened."""

from __future__ import annotations

import pytest

from tests.caldav.test_calendar import ANNA, Clock, calendar, clock, group
from tests.databases import ON_SQLITE, address, database, empty_address, file, kind
from tests.storage.household import KEYS, NUMBER, PEOPLE
from tests.tools.garage import GARAGE, at
from voice_agent.caldav.calendar import CalDavCalendar
from voice_agent.dialogue.tool import ToolAnswer, ToolRequest
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.confirmations import SqlConfirmations
from voice_agent.storage.database import Database
from voice_agent.storage.directory import SqlDirectory
from voice_agent.tools.appointment import Status
from voice_agent.tools.authorise import AuthorisedCall, CallFacts, authorise
from voice_agent.tools.calendar_tools import CalendarTools
from voice_agent.tools.told import as_told

__all__ = [
    "address", "calendar", "clock", "database", "empty_address", "file", "group", "kind",
]  # fmt: skip

pytestmark = pytest.mark.integration  # a real server and a real database


@ON_SQLITE
async def test_it_is_noted_moved_and_cancelled(
    calendar: CalDavCalendar, clock: Clock, database: Database
) -> None:
    await SqlCallBook(database).begin("CA1", "de", clock())
    noted = SqlConfirmations(database, clock)
    directory = SqlDirectory(database, KEYS, PEOPLE, clock)
    tools = CalendarTools(calendar, directory, GARAGE, noted).handlers

    async def ask(tool: str, number: int, **given: str) -> ToolAnswer:
        asked = ToolRequest(tool, given, "de", "flow", 1, number, frozenset(given))
        told = frozenset(as_told(name, value, given) for name, value in given.items())
        facts = CallFacts("CA1", consented=True, tools=frozenset(tools), person=ANNA, told=told)
        permitted = authorise(asked, facts)
        assert isinstance(permitted, AuthorisedCall), permitted
        return await tools[tool](permitted)

    said = {"service": "inspection", "name": "Anna Beispiel", "phone": NUMBER}
    booked = await ask("calendar.book", 1, start="2026-12-08T09:00", **said)
    assert booked.outcome == "booked"
    token = await noted.mint("CA1", "de", NUMBER, clock())
    first = await noted.find(token)
    assert first is not None
    assert (first.start, first.status) == (at(8, 9), Status.BOOKED)
    mine = (await ask("calendar.appointments", 2)).rows[0]["appointment"]
    moved = await ask("calendar.move", 3, appointment=mine, start="2026-12-09T13:00")
    assert moved.outcome == "moved"
    second = await noted.find(token)
    assert second is not None
    assert (second.id, second.start, second.end) == (first.id, at(9, 13), at(9, 15))
    assert second.version > first.version
    assert (await ask("calendar.cancel", 4, appointment=mine)).outcome == "cancelled"
    last = await noted.find(token)
    assert last is not None
    assert (last.status, last.start) == (Status.CANCELLED, at(9, 13))
    assert last.version > second.version
