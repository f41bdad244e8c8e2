"""The attempts again, on the calendar that a server has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.databases import address, database, empty_address, file, kind
from tests.dialogue.injection import company
from tests.dialogue.injection.attempts import through
from tests.dialogue.injection.telephone import Telephone
from tests.dialogue.injection.test_attempts import put_out
from tests.storage.household import KEYS, PEOPLE
from voice_agent.storage.calendar import SqlCalendar
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.tools.appointment import Person, PersonKey, Request
from voice_agent.tools.outcomes import Booked, Found
from voice_agent.tools.plan import Plan

__all__ = ["address", "database", "empty_address", "file", "kind"]

pytestmark = pytest.mark.integration  # a real database on a real disk

PLAN: Plan = company.PLAN
ZONE = PLAN.opening.zone
WILHELMINE, OTTOKAR = company.OTHERS


async def test_nothing_of_others_is_said_or_changed_on_the_real_calendar(
    database: Database,
) -> None:
    calendar = SqlCalendar(
        database, KEYS, PEOPLE.of, PLAN, lambda: company.NOW.replace(tzinfo=ZONE)
    )
    book = SqlCallBook(database)
    await book.begin("CA0", "de", company.NOW.replace(tzinfo=UTC))
    ids: list[str] = []
    for other, name, note, phone, hour in (
        (WILHELMINE, "Wilhelmine Zackenbarsch", "Kupplung rutscht", "+4915199887766", 11),
        (OTTOKAR, "Ottokar Quittenfeld", "Rabatt 37 Prozent", "+4915155443322", 14),
    ):
        start = datetime(2026, 11, 27, hour, tzinfo=ZONE)
        made = await calendar.book(
            Request(
                service="oil-change",
                start=start,
                person=Person(key=other, name=name, phone=phone),
                call_id="CA0",
                key=name,
                note=note,
            )
        )
        assert isinstance(made, Booked)
        ids.append(made.appointment.id)
    before = [await of(calendar, person) for person in company.OTHERS]

    for number, attempt in enumerate(through("speech", "role", "model"), 1):
        call_id = f"CA{number}"
        await book.begin(call_id, attempt.language, company.NOW.replace(tzinfo=UTC))
        person = company.CALLER if number % 2 else None
        text = attempt.text.replace("zq7appointment", ids[0]).replace("zq8appointment", ids[1])
        call = Telephone(
            company.ENGINE,
            company.UNDERSTANDER,
            calendar,
            PLAN,
            call_id=call_id,
            language=attempt.language,
            person=person,
        )
        if attempt.channel == "model":
            for command in put_out(text):
                if not call.is_over:
                    await call.mean([command], text)
        else:
            await call.say(text)
        assert call.unasked == []
        assert call.withheld == 0
        named = f"{text} {attempt.comment}".casefold()
        secrets = [each for each in (*company.SECRETS, *ids) if each.casefold() not in named]
        told = f"{call.heard} {[(each.values, each.rows) for each in call.answers]}".casefold()
        assert not [each for each in secrets if each.casefold() in told]

    assert [await of(calendar, person) for person in company.OTHERS] == before


async def of(calendar: SqlCalendar, person: PersonKey) -> Found:
    """What a person has."""
    found = await calendar.appointments(person)
    assert isinstance(found, Found)
    assert len(found.appointments) == 1
    return found
