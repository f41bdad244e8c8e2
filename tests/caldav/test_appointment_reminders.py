"""Reminders follow the calendar, ours and a server's, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from consent.outreach import CallingHours, Means, ReminderConsent
from tests.caldav.test_calendar import ANNA, BERT, Clock, booked, clock, group, on
from tests.databases import empty_address, file, upgrade
from tests.outbound.company import POLICY
from tests.radicale import USER, Radicale
from tests.storage.household import KEYS, NUMBER, OTHER_NUMBER, PEOPLE
from tests.tools.garage import BERLIN, GARAGE, at
from voice_agent.appointment_reminders import AppointmentReminders
from voice_agent.dialogue.tool import ToolAnswer, ToolRequest
from voice_agent.outbound.agreed import Agreed
from voice_agent.outbound.agreement import Agreement
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.outbound.number import read_number
from voice_agent.outbound.plan import Why
from voice_agent.outbound.reminder_file import WantedReminder
from voice_agent.storage.calendar import SqlCalendar
from voice_agent.storage.calendar_reminders import CalendarReminders
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.storage.directory import SqlDirectory
from voice_agent.storage.do_not_call import SqlDoNotCall
from voice_agent.storage.reminder_consent_rows import ConsentRows
from voice_agent.storage.reminder_consents import SqlReminderConsents
from voice_agent.storage.reminder_rows import ReminderRows
from voice_agent.storage.reminders import SqlReminders
from voice_agent.storage.tables import appointments, reminders
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.authorise import AuthorisedCall, CallFacts, authorise
from voice_agent.tools.calendar import Calendar
from voice_agent.tools.calendar_tools import CalendarTools
from voice_agent.tools.directory import Pin, Verified
from voice_agent.tools.outcomes import Away, Confirmed
from voice_agent.tools.told import as_told

__all__ = ["clock", "empty_address", "file", "group"]

pytestmark = pytest.mark.integration  # real databases and a real server

HOURS = CallingHours(zone=BERLIN, years=frozenset({2026}))
RULES = replace(POLICY, hours=HOURS, first=timedelta(hours=48), last=timedelta(hours=3))


PEOPLE_OF_THEM = 1000
"""Whose ten thousand appointments are."""


@pytest.fixture(params=["sqlite", "postgresql", "caldav"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which calendar: every test that asks for one runs on each."""
    kind: str = request.param
    return kind


@dataclass
class House:
    """A company with a calendar and reminders, over one database."""

    database: Database
    calendar: Calendar
    clock: Clock

    @property
    def consents(self) -> SqlReminderConsents:
        return SqlReminderConsents(self.database, KEYS, PEOPLE, self.clock)

    @property
    def reminders(self) -> SqlReminders:
        return SqlReminders(self.database, ReminderRows(KEYS), PEOPLE, RULES, self.clock)

    @property
    def source(self) -> AppointmentReminders:
        return AppointmentReminders(
            calendar=self.calendar,
            consents=self.consents,
            compared=CalendarReminders(self.database),
            reminders=self.reminders,
            policy=RULES,
            clock=self.clock,
        )

    async def agree(self, person: PersonKey, number: str = NUMBER) -> bool:
        given = self.clock() - timedelta(hours=1)
        consent = ReminderConsent(given_at=given, means=Means.CALL, text="2026-01")
        agreed = Agreed(person=person, number=number, language="de", consent=consent)
        return await self.consents.put(agreed)

    async def minute(self) -> dict[str, Any]:
        """What a worker does every minute; gives the plan's calls and what is left, by start."""
        starts = await self.source.refresh(self.clock())
        plan = await self.reminders.plan(starts)
        when = {row.reminder_id: row.starts_at for row in await self.rows()}
        return {
            "calls": [when[key] for call in plan.calls for key in (call.reminder, *call.also)],
            "left": {when[key]: why for key, why in plan.left.items()},
        }

    async def rows(self) -> list[Any]:
        async with self.database.begin() as connection:
            wanted = select(reminders).order_by(reminders.c.starts_at)
            return list((await connection.execute(wanted)).all())


@pytest.fixture
async def house(kind: str, clock: Clock, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    address: str = request.getfixturevalue("empty_address")
    await upgrade(address)
    database = Database.open(address)
    await SqlCallBook(database).begin("CA1", "de", clock.now)
    if kind == "caldav":
        radicale: Radicale = request.getfixturevalue("radicale")
        server = on(radicale.url(request.getfixturevalue("group")), radicale.password, clock)
        yield House(database, server, clock)
        await server._server.close()
    else:
        yield House(database, SqlCalendar(database, KEYS, PEOPLE.of, GARAGE, clock), clock)
    await database.close()


async def test_an_appointment_of_whoever_agreed_is_planned_moved_and_ended(house: House) -> None:
    made = await booked(house.calendar, at(8, 13))
    assert (await house.minute())["calls"] == []  # nobody has agreed to anything
    await house.agree(ANNA)
    assert (await house.minute())["calls"] == [at(8, 13)]
    (row,) = await house.rows()
    assert (row.appointment_id, row.customer, row.consent_means) == (made.id, ANNA, "call")
    assert (await house.minute())["calls"] == [at(8, 13)]  # and once is enough
    await house.calendar.move(made.id, ANNA, at(9, 9))
    assert (await house.minute())["calls"] == [at(9, 9)]
    assert len(await house.rows()) == 1
    await house.calendar.cancel(made.id, ANNA)
    told = await house.minute()
    assert told == {"calls": [], "left": {at(9, 9).astimezone(UTC): Why.CANCELLED}}
    (row,) = await house.rows()
    assert (row.state, row.outcome, row.sealed_number) == ("done", "cancelled", None)
    assert await house.source.start_of(made.id, ANNA) is None


async def test_what_is_moved_out_of_sight_and_back_is_reminded_of_again(house: House) -> None:
    made = await booked(house.calendar, at(8, 13))
    await house.agree(ANNA)
    await house.minute()
    await house.calendar.move(made.id, ANNA, at(21, 9))
    told = await house.minute()
    assert told["left"] == {at(8, 13).astimezone(UTC): Why.CANCELLED}
    await house.calendar.move(made.id, ANNA, at(8, 13))
    assert (await house.minute())["calls"] == [at(8, 13)]
    assert len(await house.rows()) == 1


async def test_two_people_with_one_number_are_reminded_each_of_their_own(house: House) -> None:
    first = await booked(house.calendar, at(8, 13), person=ANNA)
    second = await booked(house.calendar, at(9, 9), person=BERT)
    await house.agree(ANNA)
    await house.minute()
    await house.agree(BERT)
    await house.minute()
    rows = await house.rows()
    assert [(row.customer, row.appointment_id) for row in rows] == [
        (ANNA, first.id), (BERT, second.id),
    ]  # fmt: skip
    assert len({row.pseudonym for row in rows}) == 1
    assert await house.source.start_of(first.id, ANNA) == at(8, 13)
    assert await house.source.start_of(first.id, BERT) is None
    assert await house.source.start_of(second.id, None) == at(9, 9)


async def test_whoever_withdraws_is_not_reminded_and_other_people_are(house: House) -> None:
    await booked(house.calendar, at(8, 13), person=ANNA)
    await booked(house.calendar, at(9, 9), person=BERT)
    await house.agree(ANNA)
    await house.agree(BERT, OTHER_NUMBER)
    assert len((await house.minute())["calls"]) == 2
    assert await house.consents.withdraw(ANNA)
    assert (await house.minute())["calls"] == [at(9, 9)]
    assert [row.customer for row in await house.rows()] == [BERT]
    assert not await house.agree(ANNA)  # of an hour ago: they have withdrawn since
    house.clock.now += timedelta(hours=2)
    assert await house.agree(ANNA)  # and this is a new one
    assert len((await house.minute())["calls"]) == 2


async def test_the_do_not_call_list_ends_a_consent_for_good(house: House) -> None:
    await booked(house.calendar, at(8, 13))
    await house.agree(ANNA)
    await house.minute()
    listed = SqlDoNotCall(house.database, PEOPLE, house.clock)
    await listed.add(NUMBER, ToldBy.KEY)
    assert (await house.minute())["calls"] == []
    await listed.remove(NUMBER)
    assert (await house.minute())["calls"] == []
    assert await house.consents.of([ANNA]) == {}


async def test_a_reminder_that_the_company_lists_itself_is_the_only_one(house: House) -> None:
    made = await booked(house.calendar, at(8, 13))
    number = read_number(NUMBER, "DE")
    assert number is not None
    listed = WantedReminder(
        source="T-1",
        number=number,
        starts_at=made.start.astimezone(UTC),
        consent=ReminderConsent(
            given_at=house.clock() - timedelta(days=1), means=Means.FORM, text="2026-01"
        ),
        appointment=made.id,
    )
    await house.reminders.put([listed])
    await house.agree(ANNA)
    assert (await house.minute())["calls"] == [at(8, 13)]
    assert len(await house.rows()) == 1
    await house.calendar.move(made.id, ANNA, at(9, 9))  # which the company's list does not know
    told = await house.minute()
    assert told["calls"] == [at(9, 9)]
    assert told["left"] == {at(8, 13).astimezone(UTC): Why.MOVED}


async def test_a_reminder_beyond_what_was_looked_at_stays_as_it_is(house: House) -> None:
    await booked(house.calendar, at(8, 13))
    number = read_number(NUMBER, "DE")
    assert number is not None
    given = house.clock() - timedelta(days=1)
    listed = WantedReminder(
        source="T-1",
        number=number,
        starts_at=at(22, 13).astimezone(UTC),
        consent=ReminderConsent(given_at=given, means=Means.FORM, text="2026-01"),
        appointment="elsewhere",
    )
    await house.reminders.put([listed])
    told = await house.minute()
    assert told == {"calls": [], "left": {}}  # so far ahead nothing is due soon
    planned = (await house.reminders.overview()).plan
    assert len(planned.calls) == 1
    assert planned.left == {}


async def test_too_late_to_remind_is_not_begun(house: House, clock: Clock) -> None:
    await booked(house.calendar, at(8, 13))
    await house.agree(ANNA)
    clock.now = at(8, 11).astimezone(UTC)
    await house.minute()
    assert await house.rows() == []


async def test_another_number_in_the_consent_is_rung_up_from_then_on(house: House) -> None:
    await booked(house.calendar, at(8, 13))
    await house.agree(ANNA)
    await house.minute()
    house.clock.now += timedelta(minutes=1)
    await house.agree(ANNA, OTHER_NUMBER)
    await house.minute()
    assert [row.pseudonym for row in await house.rows()] == [PEOPLE.of(OTHER_NUMBER)]


async def test_a_calendar_that_is_away_changes_nothing_and_nobody_is_rung_up(
    house: House, clock: Clock
) -> None:
    made = await booked(house.calendar, at(8, 13))
    await house.agree(ANNA)
    await house.minute()
    house.calendar = on("http://127.0.0.1:9", "secret", clock)
    assert await house.source.refresh(clock()) is None
    assert (await house.minute())["calls"] == [at(8, 13)]  # planned, as far as is known
    assert await house.source.start_of(made.id, ANNA) == Away()
    assert await house.source.start_of(made.id, None) == Away()


async def test_two_workers_at_once_make_one_reminder(house: House) -> None:
    await booked(house.calendar, at(8, 13))
    await house.agree(ANNA)
    await asyncio.gather(*(house.source.refresh(house.clock()) for _ in range(4)))
    assert len(await house.rows()) == 1


@pytest.mark.parametrize("kind", ["caldav"])
async def test_what_another_program_does_to_an_appointment_the_plan_follows(
    house: House, radicale: Radicale, group: str
) -> None:
    """Booked in a call, moved and deleted in somebody's own program."""
    await booked(house.calendar, at(8, 13))
    await house.agree(ANNA)
    assert (await house.minute())["calls"] == [at(8, 13)]
    (path,) = radicale.folder.glob(f"collection-root/{USER}-{group}/bay-1/*.ics")
    text = path.read_text()
    moved = text.replace("20261208T1200", "20261209T0900").replace("20261208T1400", "20261209T1100")
    await asyncio.to_thread(radicale.put, group, "bay-1", path.stem, moved)
    assert (await house.minute())["calls"] == [at(9, 10)]
    address = f"{radicale.url(group)}/bay-1/{path.name}"
    await asyncio.to_thread(radicale.send, "DELETE", address, "")
    told = await house.minute()
    assert told == {"calls": [], "left": {at(9, 10).astimezone(UTC): Why.CANCELLED}}


async def test_whoever_books_in_a_call_and_says_yes_is_reminded(house: House) -> None:
    """Somebody new: what they agreed to leads to the number and the person of that call."""
    directory = SqlDirectory(house.database, KEYS, PEOPLE, house.clock)
    agreement = Agreement(house.consents, ("DE",), "Soll ich? ({})".format, house.clock)
    tools = {
        **CalendarTools(house.calendar, directory, GARAGE).handlers,
        **agreement.handlers,
    }
    person: PersonKey | None = None

    async def ask(tool: str, number: int, **given: str) -> ToolAnswer:
        asked = ToolRequest(tool, given, "de", "flow", 1, number, frozenset(given))
        told = frozenset(as_told(name, value, given) for name, value in given.items())
        facts = CallFacts("CA1", consented=True, tools=frozenset(tools), person=person, told=told)
        permitted = authorise(asked, facts)
        assert isinstance(permitted, AuthorisedCall), permitted
        return await tools[tool](permitted)

    said = {"service": "inspection", "name": "Anna Beispiel", "phone": NUMBER}
    answer = await ask("calendar.book", 1, start="2026-12-08T13:00", **said)
    assert (answer.outcome, answer.person is None) == ("booked_with_pin", False)
    person = PersonKey(str(answer.person))
    assert (await ask("reminder.check", 2, phone=NUMBER)).outcome == "possible"
    assert (await ask("reminder.agree", 3)).outcome == "agreed"
    assert (await house.minute())["calls"] == [at(8, 13)]
    (row,) = await house.rows()
    assert (row.customer, row.pseudonym, row.consent_means) == (person, PEOPLE.of(NUMBER), "call")
    verified = await directory.verify(NUMBER, Pin(answer.values["pin"]))
    assert verified == Verified(person)  # which is how they will prove it in the call
    assert await house.source.start_of(row.appointment_id, person) == at(8, 13)
    assert isinstance(await house.calendar.confirm(row.appointment_id, person), Confirmed)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_ten_thousand_appointments_are_taken_in_and_looked_at_again(
    house: House, clock: Clock
) -> None:
    """Of people who agreed; the second look opens nothing and writes nothing."""
    count = 10_000
    await _fill(house, count)
    assert await house.source.refresh(clock()) is not None
    before = await house.rows()
    clock.now += timedelta(minutes=1)
    starts = await house.source.refresh(clock())
    assert starts is not None
    assert len(starts) == count
    assert await house.rows() == before


async def _fill(house: House, count: int) -> None:
    """Appointments as other workers have written them, and the consents of their people."""
    now = house.clock()
    begins = at(9, 8).astimezone(UTC)
    rows = [
        {
            "appointment_id": f"a{number}",
            "person_key": f"P-{number % PEOPLE_OF_THEM}",
            "request_sha256": f"{number:064x}",
            "call_id": "CA1",
            "service": "inspection",
            "resource": "bay-1",
            "starts_at": begins,
            "ends_at": begins + timedelta(hours=1),
            "over_at": begins + timedelta(hours=1),
            "status": "booked",
            "participation": "needs-action",
            "version": 1,
            "sealed": b"",
            "made_at": now,
        }
        for number in range(count)
    ]
    async with house.database.begin() as connection:
        await connection.execute(insert(appointments), rows)
    given = ReminderConsent(given_at=now - timedelta(days=1), means=Means.FORM, text="2026-01")
    written = ConsentRows(KEYS)
    async with house.database.begin() as connection:
        for number in range(PEOPLE_OF_THEM):
            phone = f"+4915{120_000_000 + number}"
            agreed = Agreed(
                person=PersonKey(f"P-{number}"), number=phone, language="de", consent=given
            )
            await written.write(connection, agreed, PEOPLE.of(phone), now)
