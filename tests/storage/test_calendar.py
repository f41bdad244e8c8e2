"""The calendar in our own database, on both of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from tests.storage.household import KEYS, NUMBER, PEOPLE
from tests.tools.garage import BERLIN, GARAGE, at
from voice_agent.storage.calendar import SqlCalendar
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.storage.tables import appointment_granules, appointments, data_keys
from voice_agent.tools.appointment import (
    Appointment,
    Person,
    PersonKey,
    Request,
    Window,
)
from voice_agent.tools.calendar import Calendar
from voice_agent.tools.outcomes import (
    Away,
    Booked,
    Cancelled,
    Closed,
    Found,
    Free,
    Holiday,
    InPast,
    Moved,
    NotYours,
    OutsideHorizon,
    Taken,
    TooSoon,
    Unknown,
)

pytestmark = pytest.mark.integration  # a real database on a real disk

CALL = "CA1"
NAME = "Anna Beispiel"
ANNA, BERT = PersonKey("K-1001"), PersonKey("K-1002")
DAY = Window(date(2026, 12, 8), date(2026, 12, 8))


class Clock:
    """A clock that can be set."""

    def __init__(self) -> None:
        self.now = at(7, 9).astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def calendar(database: Database, clock: Clock) -> Calendar:
    await SqlCallBook(database).begin(CALL, "de", clock.now)
    return on(database, clock)


def on(database: Database, clock: Clock) -> SqlCalendar:
    return SqlCalendar(database, KEYS, PEOPLE.of, GARAGE, clock)


def request(start: datetime, **changed: Any) -> Request:
    """A booking by Anna of an inspection."""
    person = Person(key=changed.pop("person", ANNA), name=NAME, phone=NUMBER)
    usual = {"service": "inspection", "call_id": CALL, "key": f"{start}", "note": "quietscht"}
    return Request(**(usual | changed), start=start, person=person)


async def booked(calendar: Calendar, start: datetime, **changed: Any) -> Appointment:
    answer = await calendar.book(request(start, **changed))
    assert isinstance(answer, Booked)
    return answer.appointment


async def rows(database: Database, table: Any = appointments) -> int:
    async with database.begin() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


# -- booking ---------------------------------------------------------------------------------------


async def test_a_free_time_is_booked_and_not_free_any_more(calendar: Calendar) -> None:
    free = await calendar.free("inspection", DAY, 1)
    assert isinstance(free, Free)
    made = await booked(calendar, free.slots[0].start)
    assert (made.start, made.end) == (at(8, 8), at(8, 10))
    assert made.start.tzinfo == BERLIN
    assert (made.resource, made.version, made.person.name) == ("bay-1", 1, NAME)
    later = await calendar.free("inspection", DAY, 1)
    assert isinstance(later, Free)
    assert later.slots[0].start == at(8, 13)


async def test_a_time_that_is_taken_is_told_with_others_near_it(calendar: Calendar) -> None:
    await booked(calendar, at(8, 8))
    answer = await calendar.book(request(at(8, 9), person=BERT))
    assert isinstance(answer, Taken)
    assert [slot.start for slot in answer.alternatives] == [at(8, 13), at(8, 14), at(8, 15)]


async def test_the_second_resource_is_taken_when_the_first_is(calendar: Calendar) -> None:
    made = [(await booked(calendar, at(8, 8), service="tyres", key=key)).resource for key in "ab"]
    assert made == ["bay-1", "bay-2"]
    assert isinstance(await calendar.book(request(at(8, 8), service="tyres", key="c")), Taken)


async def test_the_time_after_an_appointment_stays_taken_for_its_buffer(
    calendar: Calendar,
) -> None:
    await booked(calendar, at(8, 13))
    for start, outcome in ((at(8, 15), Taken), (at(8, 15, 15), Booked)):
        assert isinstance(await calendar.book(request(start, person=BERT)), outcome)


@pytest.mark.parametrize(
    ("start", "outcome"),
    [
        (at(7, 8), InPast),
        (at(7, 10), TooSoon),
        (at(8, 11), Closed),
        (at(25, 9), Holiday),
        (at(8, 8, year=2027), OutsideHorizon),
        (datetime.max.replace(tzinfo=UTC), OutsideHorizon),
        (datetime.min.replace(tzinfo=UTC), InPast),
        (at(8, 8, 7), Taken),
    ],
)
async def test_what_cannot_be_booked_is_refused_with_its_reason(
    calendar: Calendar, database: Database, start: datetime, outcome: type[Any]
) -> None:
    answer = await calendar.book(request(start))
    assert isinstance(answer, outcome)
    assert len(answer.alternatives) == 3
    assert await rows(database) == 0


async def test_what_nobody_does_is_not_known(calendar: Calendar) -> None:
    assert await calendar.book(request(at(8, 8), service="haircut")) == Unknown()
    assert await calendar.free("haircut", DAY, 3) == Unknown()


async def test_a_booking_tried_again_is_the_same(calendar: Calendar, database: Database) -> None:
    """Though its time is taken now, by itself."""
    first = await booked(calendar, at(8, 8), key="k")
    assert await booked(calendar, at(8, 8), key="k") == first
    assert await rows(database) == 1


async def test_the_same_booking_at_once_is_made_once(
    calendar: Calendar, database: Database
) -> None:
    made = await asyncio.gather(*(booked(calendar, at(8, 8), key="k") for _ in range(8)))
    assert len({each.id for each in made}) == 1
    assert await rows(database) == 1


async def test_anothers_key_is_another_booking(calendar: Calendar) -> None:
    first = await booked(calendar, at(8, 8), key="k")
    second = await booked(calendar, at(8, 13), key="k", person=BERT)
    assert first.id != second.id


async def test_what_was_cancelled_can_be_booked_anew_in_the_same_way(calendar: Calendar) -> None:
    first = await booked(calendar, at(8, 8), key="k")
    await calendar.cancel(first.id, ANNA)
    assert (await booked(calendar, at(8, 8), key="k")).id != first.id


async def test_c20_nothing_is_booked_in_a_call_that_was_erased(
    calendar: Calendar, database: Database
) -> None:
    assert await calendar.book(request(at(8, 8), call_id="CA2")) == Away()
    assert await rows(database) == 0


# -- double booking --------------------------------------------------------------------------------


async def persistently(work: Any) -> Any:
    """Try again while the calendar is away, as whoever is at the telephone does."""
    for _ in range(100):
        answer = await work()
        if answer != Away():
            return answer
    raise AssertionError("the calendar stays away")


async def test_a_thousand_at_once_for_a_hundred_places_are_a_hundred_appointments(
    calendar: Calendar, database: Database, address: str, clock: Clock
) -> None:
    """Through two pools of connections, as two workers have them."""
    other = Database.open(address)
    wanted = [
        at(day, hour, minute)
        for day in (8, 9, 10)
        for hour in (8, 9, 10, 11, 13, 14, 15, 16, 17)
        for minute in (0, 30)
    ][:50]  # in two bays each
    calendars = (calendar, on(other, clock))

    def attempt(number: int) -> Any:
        start = wanted[number % len(wanted)]
        return persistently(
            lambda: calendars[number % 2].book(
                request(start, service="tyres", key=f"{number}", person=PersonKey(f"K{number}"))
            )
        )

    answers = await asyncio.gather(*map(attempt, range(1000)))
    await other.close()
    made = [each.appointment for each in answers if isinstance(each, Booked)]
    assert len(made) == 100
    assert len({(each.resource, each.start) for each in made}) == 100
    assert all(isinstance(each, Booked | Taken) for each in answers)
    assert await rows(database) == 100
    assert await rows(database, appointment_granules) == 100 * 6


async def test_moves_at_once_never_share_a_place(
    calendar: Calendar, database: Database, address: str, clock: Clock
) -> None:
    """Forty appointments want to go to the same two places, and to one another's."""
    other = Database.open(address)
    starts = [at(day, hour) for day in (8, 9, 10, 11) for hour in (8, 9, 13, 14, 15)]
    made = [
        await booked(calendar, start, service="tyres", key=f"{start}{bay}")
        for start in starts
        for bay in (1, 2)
    ]
    calendars = (calendar, on(other, clock))
    answers = await asyncio.gather(
        *(
            persistently(
                lambda each=each, number=number: calendars[number % 2].move(
                    each.id, ANNA, at(15, 10) if number % 3 else starts[number % len(starts)]
                )
            )
            for number, each in enumerate(made)
        )
    )
    await other.close()
    assert {type(each) for each in answers} == {Moved, Taken}
    async with database.begin() as connection:
        found = (await connection.execute(select(appointments))).all()
    assert len({(row.resource, row.starts_at) for row in found}) == len(made)
    assert sum(row.starts_at == at(15, 10).astimezone(UTC) for row in found) == 2
    assert await rows(database, appointment_granules) == 6 * len(made)


async def test_the_database_itself_refuses_a_place_that_is_taken(
    calendar: Calendar, database: Database
) -> None:
    """Whoever writes, and whatever they believe to be free."""
    made = await booked(calendar, at(8, 8))
    row = {"resource": "bay-1", "begins_at": at(8, 9), "appointment_id": made.id}
    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await connection.execute(insert(appointment_granules).values(row))


# -- one person's ----------------------------------------------------------------------------------


async def test_a_person_sees_their_own_that_are_to_come(calendar: Calendar, clock: Clock) -> None:
    second = await booked(calendar, at(9, 8))
    first = await booked(calendar, at(8, 8))
    await booked(calendar, at(8, 13), person=BERT)
    assert await calendar.appointments(ANNA) == Found((first, second))
    clock.now = at(8, 11).astimezone(UTC)
    assert await calendar.appointments(ANNA) == Found((second,))
    assert await calendar.appointments(PersonKey("K-9")) == Found(())


async def test_c23_anothers_appointment_can_be_neither_moved_nor_cancelled(
    calendar: Calendar,
) -> None:
    """And looks like one there is none of."""
    made = await booked(calendar, at(8, 8))
    for name in (made.id, "nobody's"):
        assert await calendar.move(name, BERT, at(8, 13)) == NotYours()
        assert await calendar.cancel(name, BERT) == NotYours()
    assert await calendar.appointments(ANNA) == Found((made,))


async def test_an_appointment_is_moved_and_its_old_place_is_free(calendar: Calendar) -> None:
    made = await booked(calendar, at(8, 8))
    answer = await calendar.move(made.id, ANNA, at(9, 13))
    assert isinstance(answer, Moved)
    assert (answer.appointment.id, answer.appointment.version) == (made.id, 2)
    assert answer.appointment.start == at(9, 13)
    assert await calendar.appointments(ANNA) == Found((answer.appointment,))
    assert isinstance(await calendar.book(request(at(8, 8), person=BERT)), Booked)


async def test_a_move_by_less_than_its_length_is_in_nobodys_way(calendar: Calendar) -> None:
    made = await booked(calendar, at(8, 8))
    answer = await calendar.move(made.id, ANNA, at(8, 9))
    assert isinstance(answer, Moved)
    assert await calendar.move(made.id, ANNA, at(8, 9)) == answer  # tried again


@pytest.mark.parametrize(
    ("start", "outcome"),
    [(at(8, 13), Taken), (at(13, 9), Closed), (at(25, 9), Holiday), (at(7, 8), InPast)],
)
async def test_a_move_that_cannot_be_leaves_everything_as_it_is(
    calendar: Calendar, start: datetime, outcome: type[Any]
) -> None:
    made = await booked(calendar, at(8, 8))
    await booked(calendar, at(8, 13), person=BERT)
    answer = await calendar.move(made.id, ANNA, start)
    assert isinstance(answer, outcome)
    assert len(answer.alternatives) == 3
    assert await calendar.appointments(ANNA) == Found((made,))


async def test_an_appointment_is_cancelled_once_and_its_place_is_free(calendar: Calendar) -> None:
    made = await booked(calendar, at(8, 8))
    answer = await calendar.cancel(made.id, ANNA)
    assert isinstance(answer, Cancelled)
    assert answer.appointment.version == 2
    assert await calendar.cancel(made.id, ANNA) == answer
    assert await calendar.move(made.id, ANNA, at(9, 8)) == NotYours()
    assert await calendar.appointments(ANNA) == Found(())
    assert isinstance(await calendar.book(request(at(8, 8), person=BERT)), Booked)


async def test_what_has_begun_is_neither_moved_nor_cancelled(
    calendar: Calendar, clock: Clock
) -> None:
    made = await booked(calendar, at(8, 8))
    clock.now = at(8, 8, 30).astimezone(UTC)
    assert await calendar.move(made.id, ANNA, at(9, 8)) == InPast()
    assert await calendar.cancel(made.id, ANNA) == InPast()


# -- what lies there -------------------------------------------------------------------------------


async def test_c17_neither_name_nor_number_nor_note_lies_there_in_the_clear(
    calendar: Calendar, database: Database
) -> None:
    await booked(calendar, at(8, 8))
    async with database.begin() as connection:
        (row,) = (await connection.execute(select(appointments))).all()
    seen = " ".join(
        value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row
    )
    assert PEOPLE.of(NUMBER) in seen
    assert all(word not in seen for word in (NAME, "Beispiel", NUMBER, "quietscht"))


async def test_c18_an_appointment_shows_nothing_personal(calendar: Calendar) -> None:
    seen = f"{await booked(calendar, at(8, 8))!r} {request(at(8, 8))!r}"
    assert all(word not in seen for word in (NAME, NUMBER, "quietscht"))


async def test_a_database_that_is_away_is_told_as_such(address: str, clock: Clock) -> None:
    database = Database.open(address)
    async with database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE appointment_granules RENAME TO gone")
    away = on(database, clock)
    await SqlCallBook(database).begin(CALL, "de", clock.now)
    assert await away.free("inspection", DAY, 3) == Away()
    assert await away.book(request(at(8, 8))) == Away()
    assert await rows(database) == 0
    async with database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO appointment_granules")
    assert isinstance(await away.book(request(at(8, 8))), Booked)
    await database.close()


async def test_an_appointment_whose_key_is_gone_is_not_made_up(
    calendar: Calendar, database: Database
) -> None:
    await booked(calendar, at(8, 8))
    async with database.begin() as connection:
        await connection.execute(data_keys.delete())
    assert await calendar.appointments(ANNA) == Away()


@pytest.mark.parametrize(
    ("start", "now"),
    [
        (datetime(2027, 3, 28, 3, 30, tzinfo=BERLIN), datetime(2027, 3, 20, tzinfo=UTC)),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN), datetime(2026, 10, 20, tzinfo=UTC)),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1), datetime(2026, 10, 20, tzinfo=UTC)),
    ],
)
async def test_a_night_in_which_clocks_change_is_kept_as_it_was_said(
    database: Database, clock: Clock, start: datetime, now: datetime
) -> None:
    from dataclasses import replace  # noqa: PLC0415 (this test alone)

    clock.now = now
    await SqlCallBook(database).begin(CALL, "de", now)
    nights = replace(GARAGE, opening=replace(GARAGE.opening, days=(((0, 1440),),) * 7))
    calendar = SqlCalendar(database, KEYS, PEOPLE.of, nights, clock)
    made = await booked(calendar, start, service="tyres")
    assert (made.start.hour, made.start.minute, made.start.fold) == (
        start.hour,
        30,
        start.fold,
    )
    assert made.end.astimezone(UTC) - made.start.astimezone(UTC) == timedelta(minutes=30)
    found = await calendar.appointments(ANNA)
    assert isinstance(found, Found)
    assert [each.start.fold for each in found.appointments] == [start.fold]
