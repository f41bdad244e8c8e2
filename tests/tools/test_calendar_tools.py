"""The calendar as flows ask for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.databases import address, database, empty_address, file, kind
from tests.storage.household import KEYS, PEOPLE
from tests.tools.garage import GARAGE, at
from voice_agent.dialogue.tool import CATALOGUE, SHAPES, ToolAnswer, ToolRequest
from voice_agent.storage.calendar import SqlCalendar
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.storage.directory import SqlDirectory
from voice_agent.storage.tables import appointments, customers
from voice_agent.tools.appointment import PersonKey, Request, Window
from voice_agent.tools.authorise import AuthorisedCall, CallFacts, authorise, deed_of
from voice_agent.tools.calendar_tools import CalendarTools, window_of
from voice_agent.tools.directory import Failed, Pin, Verified
from voice_agent.tools.outcomes import Away, Booked, Found, Refusal, Unknown
from voice_agent.tools.told import as_told

__all__ = ["address", "database", "empty_address", "file", "kind"]

CALL: Final = "CA1"
DAY: Final = date(2026, 12, 1)
ANNA: Final = PersonKey("K-1001")
TOOLS: Final = frozenset(CATALOGUE)


@pytest.mark.parametrize(
    ("day", "clock", "window"),
    [
        ("2026-12-01", "", Window(date(2026, 12, 1), date(2026, 12, 1))),
        (
            "2026-12-01/2026-12-04",
            "08:00/12:00",
            Window(date(2026, 12, 1), date(2026, 12, 4), time(8), time(12)),
        ),
        (
            "2026-12-01",
            "09:00",
            Window(date(2026, 12, 1), date(2026, 12, 1), time(9), time(9, 0, 1)),
        ),
        ("2026-12-01/", "17:00/", Window(date(2026, 12, 1), date.max, time(17))),
        ("/2026-12-04", "/12:00", Window(date.min, date(2026, 12, 4), None, time(12))),
        ("/", "", Window(date.min, date.max)),
        ("2026-12-04/2026-12-01", "", Window(date(2026, 12, 1), date(2026, 12, 4))),
    ],
)
def test_a_wish_is_a_window(day: str, clock: str, window: Window) -> None:
    assert window_of(day, clock) == window


@given(st.dates(), st.times().map(lambda each: each.replace(second=0, microsecond=0)))
def test_a_moment_that_was_named_is_in_its_window_and_the_next_minute_is_not(
    day: date, clock: time
) -> None:
    window = window_of(day.isoformat(), clock.isoformat(timespec="minutes"))
    assert window.admits(datetime.combine(day, clock))
    later = clock.replace(minute=clock.minute + 1) if clock.minute < 59 else None
    assert later is None or not window.admits(datetime.combine(day, later))


class Counter:
    """The tools, and a call that may have everything done."""

    def __init__(self, tools: CalendarTools, directory: SqlDirectory) -> None:
        self.tools = tools
        self.directory = directory
        self.number = 0

    async def ask(
        self, tool: str, person: PersonKey | None = None, language: str = "de", **given: str
    ) -> ToolAnswer:
        self.number += 1
        sure = frozenset(given)
        request = ToolRequest(tool, given, language, "flow", 1, self.number, sure)
        told = frozenset(as_told(name, given[name], given) for name in SHAPES if name in given)
        facts = CallFacts(CALL, consented=True, tools=TOOLS, person=person, told=told)
        permitted = authorise(request, facts)
        assert isinstance(permitted, AuthorisedCall), permitted
        answer = await self.tools.handlers[tool](permitted)
        ending = CATALOGUE[tool].endings.get(answer.outcome)
        if ending is not None:  # what the catalogue promises is there
            shape = SHAPES[ending.rows] if ending.rows else None
            assert shape is None or all({shape.key, *shape.fields} <= {*r} for r in answer.rows)
        return answer


class Forgetful(SqlCalendar):
    """Books, and the answer is lost, as often as it is told to."""

    lost = 0

    async def book(self, request: Request) -> Booked | Refusal | Unknown | Away:
        booked = await super().book(request)
        if self.lost and isinstance(booked, Booked):
            self.lost -= 1
            return Away()
        return booked


@pytest.mark.integration
async def test_who_tries_again_after_a_lost_answer_has_one_appointment_and_its_pin(
    database: Database,
) -> None:
    now = at(7, 9)
    await SqlCallBook(database).begin(CALL, "de", now)
    calendar = Forgetful(database, KEYS, PEOPLE.of, GARAGE, lambda: now)
    calendar.lost = 1
    directory = SqlDirectory(database, KEYS, PEOPLE, lambda: now)
    tools = CalendarTools(calendar, directory, GARAGE)
    phone = "+4930901820"
    asked = {"service": "tyres", "name": "Bea Neu", "phone": phone, "start": "2026-12-08T09:00"}
    told = frozenset({as_told("start", asked["start"], asked)})
    facts = CallFacts(CALL, consented=True, tools=TOOLS, told=told)
    first = ToolRequest("calendar.book", asked, "de", "flow", 1, 1, frozenset(asked))
    tried = authorise(first, facts)
    assert isinstance(tried, AuthorisedCall)
    assert (await tools.book(tried)).outcome == "away"
    facts = replace(facts, unsure={deed_of(first): tried.key})
    again = authorise(replace(first, run=4), facts)
    assert isinstance(again, AuthorisedCall)
    answer = await tools.book(again)
    assert answer.outcome == "booked_with_pin"
    verified = await directory.verify(phone, Pin(answer.values["pin"]))
    assert isinstance(verified, Verified)
    found = await calendar.appointments(verified.person)
    assert isinstance(found, Found)
    assert len(found.appointments) == 1
    async with database.engine.connect() as connection:
        assert len((await connection.execute(select(appointments))).all()) == 1
        assert len((await connection.execute(select(customers))).all()) == 1


@pytest.fixture
async def counter(database: Database) -> Counter:
    now = at(7, 9)
    await SqlCallBook(database).begin(CALL, "de", now)
    calendar = SqlCalendar(database, KEYS, PEOPLE.of, GARAGE, lambda: now)
    directory = SqlDirectory(database, KEYS, PEOPLE, lambda: now)
    return Counter(CalendarTools(calendar, directory, GARAGE), directory)


@pytest.mark.integration
async def test_from_what_is_free_to_a_booking_a_move_and_a_cancellation(counter: Counter) -> None:
    free = await counter.ask("calendar.free", service="tyres", date="2026-12-08", time="09:00")
    assert (free.outcome, free.rows[0]) == (
        "free",
        {"start": "2026-12-08T09:00", "date": "2026-12-08", "time": "09:00"},
    )
    asked = {"service": "tyres", "name": "Anna Beispiel", "phone": "+4930901820"}
    booked = await counter.ask("calendar.book", ANNA, start="2026-12-08T09:00", **asked)
    assert (booked.outcome, booked.values) == (
        "booked",
        {"date": "2026-12-08", "time": "09:00"},
    )
    found = await counter.ask("calendar.appointments", ANNA, "en")
    assert found.outcome == "found"
    (row,) = found.rows
    assert (row["service"], row["date"], row["time"]) == ("tyre change", "2026-12-08", "09:00")
    mine = row["appointment"]
    other = await counter.ask("calendar.free", ANNA, appointment=mine, date="2026-12-09")
    assert other.outcome == "free"
    start = other.rows[0]["start"]
    moved = await counter.ask("calendar.move", ANNA, appointment=mine, start=start)
    assert (moved.outcome, moved.values["date"]) == ("moved", "2026-12-09")
    gone = await counter.ask("calendar.cancel", ANNA, appointment=mine)
    assert gone.outcome == "cancelled"
    assert (await counter.ask("calendar.appointments", ANNA)).outcome == "none"


async def count(counter: Counter) -> int:
    """How many people are in the directory."""
    async with counter.directory._database.begin() as connection:
        return len((await connection.execute(select(customers))).all())


@pytest.mark.integration
async def test_a_holiday_has_its_name_in_the_callers_language(counter: Counter) -> None:
    german = await counter.ask("calendar.free", service="tyres", date="2026-12-25")
    english = await counter.ask("calendar.free", None, "en", service="tyres", date="2026-12-25")
    assert german.outcome == english.outcome == "holiday"
    assert german.values == {"holiday": "Erster Weihnachtstag"}
    assert english.values == {"holiday": "Christmas Day"}
    assert german.rows


@pytest.mark.integration
async def test_whoever_is_not_known_books_and_nobody_else_finds_it(counter: Counter) -> None:
    asked = {"service": "tyres", "name": "Anna Beispiel", "phone": "+4930901820"}
    booked = await counter.ask("calendar.book", None, start="2026-12-08T10:00", **asked)
    assert booked.outcome == "booked_with_pin"
    assert (await counter.ask("calendar.appointments", ANNA)).outcome == "none"
    pin = Pin(booked.values["pin"])
    assert await counter.directory.verify("+4930901821", pin) == Failed()
    known = await counter.directory.verify("+4930901820", pin)
    assert isinstance(known, Verified)
    assert booked.person == known.person
    found = await counter.ask("calendar.appointments", known.person)
    assert [row["time"] for row in found.rows] == ["10:00"]


@pytest.mark.integration
async def test_nobody_is_written_down_twice_in_a_call_and_a_known_person_never(
    counter: Counter,
) -> None:
    asked = {"service": "tyres", "name": "Anna Beispiel", "phone": "+4930901820"}
    known = await counter.ask("calendar.book", ANNA, start="2026-12-08T10:00", **asked)
    assert (known.outcome, known.person) == ("booked", None)
    taken = {"service": "inspection", "name": "Bert", "phone": "+4930901820"}
    first = await counter.ask("calendar.book", ANNA, start="2026-12-09T10:00", **taken)
    assert first.outcome == "booked"
    refused = await counter.ask("calendar.book", None, start="2026-12-09T10:00", **taken)
    assert (refused.outcome, refused.person) == ("taken", None)
    kept = await count(counter)
    again = await counter.ask("calendar.book", None, start="2026-12-09T12:00", **taken)
    assert again.outcome == "closed"
    assert await count(counter) == kept == 0


@pytest.mark.integration
async def test_a_service_nobody_has_heard_of_is_unknown(counter: Counter) -> None:
    answer = await counter.ask("calendar.free", service="haircut", date="2026-12-08")
    assert answer.outcome == "unknown"
